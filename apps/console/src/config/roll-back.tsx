'use client';
// Back to a revision: the plan first, then the reason. What others change in between is noticed: the plan is made again then.
import { useQuery } from '@tanstack/react-query';
import { useTRPC, useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog, Refused, textOf } from '@/ui/action-dialog.tsx';
import { TextField } from '@/ui/field.tsx';
import { Loaded } from '@/ui/loaded.tsx';
import { PlanView } from './diff.tsx';

function Plan({ to }: { to: number }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.config.rollBackPlan.queryOptions({ to }, { staleTime: 0 }));
  return (
    <Loaded query={query} rows={3}>
      {(plan) => (
        <>
          <input type="hidden" name="base" value={plan.baseRevision} />
          <PlanView plan={plan} label="What would change back" />
        </>
      )}
    </Loaded>
  );
}

/** Only sections that are managed elsewhere ask for it. */
export function LockField() {
  return (
    <TextField
      label="Managed as (optional)"
      name="lock"
      maxLength={80}
      hint="The name under which a section is managed elsewhere; needed only where one of those changes."
    />
  );
}

export function RollBack({ to }: { to: number }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Roll back to here"
      title={`Roll back to revision ${to}`}
      touches="Everything that changed since is put back as it was then, as a new revision. What came after stays in the list and can be had again."
      confirm="Roll back"
      danger
      run={async (form, reason) => {
        const base = textOf(form, 'base');
        if (base === '') throw new Refused('Wait until the plan is there.');
        const lock = textOf(form, 'lock');
        const input = { to, baseRevision: Number(base), reason, ...(lock !== '' && { lock }) };
        const { revision } = await client.config.rollBack.mutate(input);
        return { done: `Rolled back as revision ${revision}.` };
      }}
    >
      <Plan to={to} />
      <LockField />
    </ActionDialog>
  );
}
