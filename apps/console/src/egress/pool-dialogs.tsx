'use client';
// Changing who shares a pool's mail, and making a pool.
import { SourceTicks } from '@/entities/source-ticks.tsx';
import { useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, numberOf, textOf } from '@/ui/action-dialog.tsx';
import { inputLook, TextField } from '@/ui/field.tsx';
import { classes } from '@/ui/classes.ts';
import type { Pool } from './types.ts';

const maxWeight = 1000;

function MemberFields({ pool }: { pool: Pool | null }) {
  const weightOf = (id: string): number => pool?.members.find((one) => one.sourceId === id)?.weight ?? 10;
  return (
    <fieldset className="space-y-2">
      <legend className="mb-1 text-sm font-medium">Sources and weights</legend>
      <p className="text-xs text-muted">
        A weight is relative: 30 gets three times the mail of 10. Weight 0 keeps a member that takes no new mail.
      </p>
      <SourceTicks
        ids={pool?.members.map(({ sourceId }) => sourceId) ?? []}
        name="sourceId"
        beside={({ id, name }) => (
          <input
            type="number"
            name={`weight:${id}`}
            aria-label={`Weight of ${name}`}
            min={0}
            max={maxWeight}
            step={1}
            required
            defaultValue={weightOf(id)}
            className={classes(inputLook, 'w-24 text-right')}
          />
        )}
      />
    </fieldset>
  );
}

function membersOf(form: FormData, pool: Pool | null): Pool['members'] {
  const ids = form.getAll('sourceId').map(String);
  return ids.map((sourceId) => {
    const enabled = pool?.members.find((member) => member.sourceId === sourceId)?.enabled ?? true;
    return { sourceId, weight: numberOf(form, `weight:${sourceId}`), enabled };
  });
}

export function EditMembers({ pool }: { pool: Pool }) {
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
        const { revision } = await client.pools.setMembers.mutate({ id: pool.id, members: membersOf(form, pool), reason });
        return { done: `Saved as revision ${revision}. Nodes take it within seconds; Nodes shows who runs it.` };
      }}
    >
      <MemberFields pool={pool} />
    </ActionDialog>
  );
}

export function CreatePool() {
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
          members: membersOf(form, null),
          reason,
        });
        return { done: `Made with revision ${revision}.` };
      }}
    >
      <TextField label="Name" name="name" required maxLength={80} />
      <MemberFields pool={null} />
    </ActionDialog>
  );
}
