'use client';
// Changing who shares a pool's mail, and making a pool.
import { useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, numberOf, textOf } from '@/ui/action-dialog.tsx';
import { inputLook, TextField } from '@/ui/field.tsx';
import { classes } from '@/ui/classes.ts';
import type { Pool, Source } from './types.ts';

const maxWeight = 1000;

function MemberFields({ pool, sources }: { pool: Pool | null; sources: readonly Source[] }) {
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">Sources and weights</legend>
      <p className="mb-2 text-xs text-muted">
        A weight is relative: 30 gets three times the mail of 10. Weight 0 keeps a member that takes no new mail.
      </p>
      <div className="divide-y divide-border rounded-md border border-border">
        {sources.map((source) => {
          const member = pool?.members.find((one) => one.sourceId === source.id);
          return (
            <div key={source.id} className="flex items-center gap-3 px-3 py-1.5">
              <label className="flex min-w-0 flex-1 items-center gap-2 text-sm">
                <input type="checkbox" name={`in:${source.id}`} defaultChecked={member !== undefined} className="size-4 accent-accent" />
                <span className="truncate">{source.name}</span>
                <span className="truncate text-xs text-muted">{source.publicAddress}</span>
              </label>
              <input
                type="number"
                name={`weight:${source.id}`}
                aria-label={`Weight of ${source.name}`}
                min={0}
                max={maxWeight}
                step={1}
                required
                defaultValue={member?.weight ?? 10}
                className={classes(inputLook, 'w-24 text-right')}
              />
            </div>
          );
        })}
      </div>
    </fieldset>
  );
}

function membersOf(form: FormData, pool: Pool | null, sources: readonly Source[]): Pool['members'] {
  return sources
    .filter((source) => form.get(`in:${source.id}`) !== null)
    .map((source) => ({
      sourceId: source.id,
      weight: numberOf(form, `weight:${source.id}`),
      enabled: pool?.members.find((member) => member.sourceId === source.id)?.enabled ?? true,
    }));
}

export function EditMembers({ pool, sources }: { pool: Pool; sources: readonly Source[] }) {
  const client = useTRPCClient();
  const streams = pool.streams.map((stream) => `${stream.tenantName} / ${stream.name}`);
  const touches =
    streams.length === 0
      ? 'No stream sends through this pool at the moment.'
      : `New mail of ${streams.join(', ')} is spread by these weights; mail already in a connection stays there.`;
  return (
    <ActionDialog
      trigger="Edit members"
      triggerLabel={`Edit members of ${pool.name}`}
      title={`Members of ${pool.name}`}
      touches={touches}
      confirm="Save members"
      run={async (form, reason) => {
        const { revision } = await client.pools.setMembers.mutate({ id: pool.id, members: membersOf(form, pool, sources), reason });
        return { done: `Saved as revision ${revision}. Nodes take it within seconds; Nodes shows who runs it.` };
      }}
    >
      <MemberFields pool={pool} sources={sources} />
    </ActionDialog>
  );
}

export function CreatePool({ sources }: { sources: readonly Source[] }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="New pool"
      triggerLook="primary"
      title="New pool"
      touches="Makes a pool that no stream uses yet; no mail moves."
      confirm="Make the pool"
      run={async (form, reason) => {
        const { revision } = await client.pools.create.mutate({
          name: textOf(form, 'name'),
          members: membersOf(form, null, sources),
          reason,
        });
        return { done: `Made with revision ${revision}.` };
      }}
    >
      <TextField label="Name" name="name" required maxLength={80} />
      <MemberFields pool={null} sources={sources} />
    </ActionDialog>
  );
}
