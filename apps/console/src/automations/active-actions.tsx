'use client';
// What rules hold now, with countdowns; an operator ends it, or pins it as it is.
import { useQuery } from '@tanstack/react-query';
import type { ActiveActionView } from '@sluice/contract/api';
import { plural } from '@/format/number.ts';
import { countdown, relative, stampUtc } from '@/format/time.ts';
import { useNow } from '@/live/live-context.tsx';
import { useTRPC, useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog } from '@/ui/action-dialog.tsx';
import { Card } from '@/ui/card.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Cell, Name, Row, Table } from '@/ui/table.tsx';

const pollMs = 4_000;
type Act = 'cancel_action' | 'pin_action' | 'unpin_action';

const acts: Record<Act, { trigger: string; title: string; touches: string; confirm: string; done: string }> = {
  cancel_action: {
    trigger: 'End',
    title: 'End this action now',
    touches:
      'What it holds goes on at once at the full rate. Its rule leaves this alone for at least 15 minutes, then it acts again if it is hit.',
    confirm: 'End it',
    done: 'It is told to the node; it is over within seconds.',
  },
  pin_action: {
    trigger: 'Pin',
    title: 'Pin this action',
    touches: 'It stays as it is, with no step up and no end, until it is let go, at the longest for 7 days.',
    confirm: 'Pin it',
    done: 'It is told to the node; it stays as it is.',
  },
  unpin_action: {
    trigger: 'Let go',
    title: 'Let this action go',
    touches: 'It steps up and ends by itself again.',
    confirm: 'Let it go',
    done: 'It is told to the node; it goes on by itself.',
  },
};

function ActOn({ action, act }: { action: ActiveActionView; act: Act }) {
  const client = useTRPCClient();
  const { trigger, title, touches, confirm, done } = acts[act];
  return (
    <ActionDialog
      trigger={trigger}
      triggerLabel={`${trigger}: ${action.sentence}`}
      title={title}
      touches={`${action.sentence}. ${touches}`}
      confirm={confirm}
      danger={act === 'cancel_action'}
      run={async (_form, reason) => {
        await client.automations.act.mutate({ actionId: action.id, node: action.node, act, reason });
        return { done };
      }}
    />
  );
}

function ActionRow({ action, canChange }: { action: ActiveActionView; canChange: boolean }) {
  const now = useNow();
  const { sentence, ruleName, node, startedAt, endsAt, nextStepAt, pinned } = action;
  return (
    <Row>
      <Name className="min-w-72">
        {sentence}
        <div className="text-xs font-normal text-muted">{ruleName}</div>
      </Name>
      <Cell className="whitespace-nowrap">
        <time dateTime={new Date(startedAt).toISOString()} title={stampUtc(startedAt)}>
          {now > 0 ? relative(startedAt, now) : stampUtc(startedAt)}
        </time>
      </Cell>
      <Cell className="whitespace-nowrap tabular-nums" title={stampUtc(endsAt)}>
        {pinned ? <Status tone="info">Pinned</Status> : now > 0 && countdown(endsAt, now)}
      </Cell>
      <Cell className="whitespace-nowrap tabular-nums" title={nextStepAt === null ? undefined : stampUtc(nextStepAt)}>
        {nextStepAt === null || now === 0 ? '—' : countdown(nextStepAt, now)}
      </Cell>
      <Cell>{node}</Cell>
      {canChange && (
        <Cell className="space-x-2 text-right whitespace-nowrap">
          <ActOn action={action} act={pinned ? 'unpin_action' : 'pin_action'} />
          <ActOn action={action} act="cancel_action" />
        </Cell>
      )}
    </Row>
  );
}

export function ActiveActions({ canChange }: { canChange: boolean }) {
  const trpc = useTRPC();
  const active = useQuery(trpc.automations.active.queryOptions(undefined, { refetchInterval: pollMs }));
  return (
    <Card title="Going on now" hint={<Updated query={active} />} flush>
      <Loaded query={active} rows={2}>
        {({ actions, total, silent }) => (
          <>
            {actions.length === 0 ? (
              <NothingYet title="Nothing is held by a rule">When a rule is hit, what it does shows up here with its countdown.</NothingYet>
            ) : (
              <Table label="Going on now" head={['What', 'Since', 'Ends in', 'Next step in', 'Node']} actions={canChange}>
                {actions.map((action) => (
                  <ActionRow key={`${action.node} ${action.id}`} action={action} canChange={canChange} />
                ))}
              </Table>
            )}
            {total > actions.length && <p className="px-4 py-2 text-xs text-muted">{plural(total - actions.length, 'more')} not shown.</p>}
            {silent.length > 0 && <p className="px-4 py-2 text-xs text-warn-text">Did not answer: {silent.join(', ')}.</p>}
          </>
        )}
      </Loaded>
    </Card>
  );
}
