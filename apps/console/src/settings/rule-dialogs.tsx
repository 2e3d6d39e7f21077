'use client';
// Making, changing and deleting a rule of delivery settings.
import { useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, textOf } from '@/ui/action-dialog.tsx';
import { classes } from '@/ui/classes.ts';
import { Field, inputLook, TextField } from '@/ui/field.tsx';
import type { SettingRule } from './types.ts';
import { ValueEditor, valuesOf } from './value-editor.tsx';
import { WhereFields, whereOf } from './where-fields.tsx';

/** Left empty a secret stays as it is. */
function secretOf(form: FormData, name: 'authPassword' | 'clientCertificate'): { [key in typeof name]?: string | null } {
  if (form.get(`${name}:remove`) !== null) return { [name]: null };
  const text = form.get(name);
  return typeof text === 'string' && text !== '' ? { [name]: text } : {};
}

function ruleOf(form: FormData) {
  return {
    name: textOf(form, 'name'),
    where: whereOf(form),
    values: valuesOf(form),
    enabled: form.get('enabled') !== null,
    ...secretOf(form, 'authPassword'),
    ...secretOf(form, 'clientCertificate'),
  };
}

function Remove({ name, shown }: { name: string; shown: boolean }) {
  if (!shown) return null;
  return (
    <label className="mt-1 flex items-center gap-2 text-sm">
      <input type="checkbox" name={`${name}:remove`} className="size-4 accent-accent" />
      Remove what is stored
    </label>
  );
}

function RuleFields({ rule }: { rule: SettingRule | null }) {
  const stored = 'One is stored; leave empty to keep it.';
  return (
    <>
      <TextField label="Name" name="name" required maxLength={80} defaultValue={rule?.name} />
      <fieldset>
        <legend className="mb-1 text-sm font-medium">For mail of</legend>
        <WhereFields where={rule?.where ?? {}} />
      </fieldset>
      <ValueEditor values={rule?.values ?? {}} />
      <details className="rounded-md border border-border p-3 text-sm" open={rule?.hasAuthPassword || rule?.hasClientCertificate}>
        <summary className="cursor-pointer font-medium">Secrets</summary>
        <div className="mt-3 space-y-3">
          <div>
            <TextField
              label="AUTH password"
              name="authPassword"
              type="password"
              autoComplete="new-password"
              maxLength={1024}
              hint={rule?.hasAuthPassword ? stored : 'Sealed at once and never shown again.'}
            />
            <Remove name="authPassword" shown={rule?.hasAuthPassword ?? false} />
          </div>
          <div>
            <Field label="Client certificate and key" hint={rule?.hasClientCertificate ? stored : 'PEM: certificate, chain, private key.'}>
              {(ids) => <textarea name="clientCertificate" rows={3} className={classes(inputLook, 'h-auto py-1.5 font-mono')} {...ids} />}
            </Field>
            <Remove name="clientCertificate" shown={rule?.hasClientCertificate ?? false} />
          </div>
        </div>
      </details>
      <label className="flex items-center gap-2 text-sm">
        <input type="checkbox" name="enabled" defaultChecked={rule?.enabled ?? true} className="size-4 accent-accent" />
        Enabled
      </label>
    </>
  );
}

export function CreateRule() {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="New rule"
      triggerLook="primary"
      title="New rule"
      touches="For each setting the most specific rule wins: provider, site, domain, source, tenant, stream, from weak to strong. What belongs to connections cannot differ by domain, tenant or stream, which share them."
      confirm="Make the rule"
      run={async (form, reason) => {
        const { revision } = await client.settings.create.mutate({ ...ruleOf(form), reason });
        return { done: `Made with revision ${revision}.` };
      }}
    >
      <RuleFields rule={null} />
    </ActionDialog>
  );
}

export function EditRule({ rule }: { rule: SettingRule }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Edit"
      triggerLabel={`Edit ${rule.name}`}
      title={rule.name}
      touches="Takes effect on every node within seconds; open connections keep what they began with."
      confirm="Save rule"
      run={async (form, reason) => {
        const { revision } = await client.settings.update.mutate({ id: rule.id, ...ruleOf(form), reason });
        return { done: `Saved as revision ${revision}.` };
      }}
    >
      <RuleFields rule={rule} />
    </ActionDialog>
  );
}

export function DeleteRule({ rule }: { rule: SettingRule }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Delete"
      triggerLabel={`Delete ${rule.name}`}
      danger
      title={`Delete ${rule.name}`}
      touches="The mail it names is told what the other rules say, or the defaults. Its secrets are deleted."
      confirm="Delete the rule"
      run={async (_form, reason) => {
        const { revision } = await client.settings.delete.mutate({ id: rule.id, reason });
        return { done: `Deleted with revision ${revision}.` };
      }}
    />
  );
}
