'use client';
// What an operator does to a plan that is under way. Each act says which sources and groups it touches, and asks for the reason.
import { useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog } from '@/ui/action-dialog.tsx';
import type { LadderRow, WarmUpPlan } from './types.ts';

const acts = {
  skip: { trigger: 'Skip day', confirm: 'Go on to the next day', does: 'goes on to the next day of the schedule now' },
  step_back: { trigger: 'Step back', confirm: 'Go back one day', does: 'goes back to the day before now' },
  restart: { trigger: 'Restart', confirm: 'Begin again at day 1', does: 'begins again at day 1 now' },
} as const;

export function Act({ plan, act, ladder }: { plan: WarmUpPlan; act: keyof typeof acts; ladder?: LadderRow }) {
  const client = useTRPCClient();
  const { trigger, confirm, does } = acts[act];
  const whom = ladder ? `${ladder.group} through ${ladder.sourceName}` : 'every source and group of this plan';
  return (
    <ActionDialog
      trigger={trigger}
      triggerLabel={ladder ? `${trigger}: ${whom}` : `${trigger} for the whole plan`}
      triggerLook={ladder ? 'quiet' : 'plain'}
      title={`${plan.name}: ${trigger.toLowerCase()}`}
      touches={`${whom[0]?.toUpperCase()}${whom.slice(1)} ${does}. What was sent today stays counted.`}
      confirm={confirm}
      danger={act !== 'step_back'}
      run={async (_form, reason) => {
        const narrowed = ladder ? { sourceId: ladder.sourceId, group: ladder.group } : {};
        await client.warmUps.act.mutate({ id: plan.id, act, reason, ...narrowed });
        return { done: 'Told to the nodes. What it comes to shows here within seconds.' };
      }}
    />
  );
}

export function Pause({ plan }: { plan: WarmUpPlan }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger={plan.paused ? 'Resume' : 'Pause'}
      title={`${plan.name}: ${plan.paused ? 'resume' : 'pause'}`}
      touches={
        plan.paused
          ? 'Days count again from now on.'
          : 'Days do not count any more. Mail goes on under the ceiling of the present day; suspend a source to stop it.'
      }
      confirm={plan.paused ? 'Resume the plan' : 'Pause the plan'}
      run={async (_form, reason) => {
        const { revision } = await client.warmUps.setPaused.mutate({ id: plan.id, paused: !plan.paused, reason });
        return { done: `Saved as revision ${revision}.` };
      }}
    />
  );
}

export function DeletePlan({ plan }: { plan: WarmUpPlan }) {
  const client = useTRPCClient();
  return (
    <ActionDialog
      trigger="Delete"
      title={`Delete ${plan.name}`}
      touches="Its sources have no ceiling any more, from the next message on. Mail that waits for them goes at once."
      confirm="Delete the plan"
      danger
      run={async (_form, reason) => {
        const { revision } = await client.warmUps.delete.mutate({ id: plan.id, reason });
        return { done: `Deleted with revision ${revision}.` };
      }}
    />
  );
}
