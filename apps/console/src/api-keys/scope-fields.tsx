'use client';
// What a key may do: a table of resources and verbs, offering what its maker may do. A box that is ticked is one scope of the key.
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '@/trpc/client.ts';
import { Loaded } from '@/ui/loaded.tsx';

const verbs = ['read', 'write', 'act'] as const;
const fieldName = 'scopes';

/** Of the form. */
export const scopesOf = (form: FormData): string[] => form.getAll(fieldName).filter((scope) => typeof scope === 'string');

function ScopeRow({ resource, offered, label }: { resource: string; offered: readonly string[]; label?: string }) {
  return (
    <tr>
      <th scope="row" className="py-1 pr-3 text-left font-normal">
        {label ?? <span className="font-mono text-[0.8125rem]">{resource}</span>}
      </th>
      {verbs.map((verb) => (
        <td key={verb} className="px-3 py-1 text-center">
          {offered.includes(verb) && (
            <input
              type="checkbox"
              name={fieldName}
              value={`${resource}:${verb}`}
              aria-label={`${label ?? resource}: ${verb}`}
              className="size-4 accent-accent align-middle"
            />
          )}
        </td>
      ))}
    </tr>
  );
}

export function ScopeFields() {
  const trpc = useTRPC();
  const query = useQuery(trpc.keys.grantable.queryOptions());
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">What it may do</legend>
      <p className="mb-2 text-xs text-muted">
        Read looks, write changes what is kept, act does something now. A key never has more rights than whoever made it.
      </p>
      <Loaded query={query} rows={4}>
        {({ resources, personalData }) => (
          <>
            <div
              role="group"
              aria-label="Scopes"
              tabIndex={0}
              className="max-h-56 overflow-y-auto rounded-md border border-border-strong px-3 py-1.5"
            >
              <table className="w-full text-sm">
                <thead>
                  <tr className="text-xs text-muted">
                    <th scope="col" className="py-1 text-left font-medium">
                      Resource
                    </th>
                    {verbs.map((verb) => (
                      <th key={verb} scope="col" className="px-3 py-1 font-medium">
                        {verb}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  <ScopeRow resource="*" label="Everything" offered={verbs} />
                  {resources.map((one) => (
                    <ScopeRow key={one.resource} resource={one.resource} offered={one.verbs} />
                  ))}
                </tbody>
              </table>
            </div>
            {personalData && (
              <label className="mt-2 flex items-center gap-2 text-sm">
                <input type="checkbox" name="personalData" className="size-4 accent-accent" />
                Sees whole addresses of recipients, and what mail says
              </label>
            )}
          </>
        )}
      </Loaded>
    </fieldset>
  );
}
