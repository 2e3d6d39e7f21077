'use client';
// Each source with each group: its day, what of it is used, how the gates stand, and what can be done about it.
import { count, plural } from '@/format/number.ts';
import { relative, stampUtc } from '@/format/time.ts';
import { useNow } from '@/live/live-context.tsx';
import { Status } from '@/ui/status.tsx';
import { Cell, Name, Row, Table } from '@/ui/table.tsx';
import { Act } from './acts.tsx';
import type { LadderRow, WarmUpPlan } from './types.ts';
import { gateWords, percentWords } from './words.ts';

function State({ ladder, paused }: { ladder: LadderRow; paused: boolean }) {
  if (ladder.status === 'finished') return <Status tone="good">Warm</Status>;
  if (ladder.status === 'waiting') return <Status tone="quiet">Not begun</Status>;
  if (paused) return <Status tone="quiet">Paused</Status>;
  return ladder.heldBy === null ? <Status tone="info">Warming</Status> : <Status tone="warn">Will not count</Status>;
}

function Gates({ ladder }: { ladder: LadderRow }) {
  if (ladder.status !== 'warming') return null;
  return (
    <ul className="text-xs">
      {ladder.gates.map(({ gate, percent, hold, stepBack, state }) => (
        <li
          key={gate}
          className={state === 'fine' ? '' : 'font-medium text-warn-text'}
          title={`holds at ${hold ?? 'nothing'}, steps back at ${stepBack ?? 'nothing'}`}
        >
          {gateWords[gate]} {percentWords(percent)}
          {state === 'holds' && ', holds'}
          {state === 'steps_back' && ', steps back'}
        </li>
      ))}
    </ul>
  );
}

function Use({ ladder }: { ladder: LadderRow }) {
  const now = useNow();
  const { used, ceiling, reserved, open, hour, opensAt, status } = ladder;
  if (status !== 'warming') return null;
  return (
    <>
      <p className="whitespace-nowrap">
        {count(used)} of {count(ceiling)}
      </p>
      <p className="text-xs text-muted">
        {count(open)} open now{reserved > 0 && `, ${count(reserved)} under way`}
        {hour && `, ${count(hour.used)} of ${count(hour.ceiling)} this hour`}
      </p>
      {opensAt !== null && (
        <p className="text-xs text-muted" title={stampUtc(opensAt)}>
          more {now > 0 ? relative(opensAt, now) : stampUtc(opensAt)}
        </p>
      )}
    </>
  );
}

export function LadderTable({
  plan,
  ladders,
  total,
  canChange,
}: {
  plan: WarmUpPlan;
  ladders: readonly LadderRow[];
  total: number;
  canChange: boolean;
}) {
  return (
    <>
      <Table
        label="Sources and groups"
        head={['Source', 'For', 'State', 'Day', 'Today', 'Answers today', 'Finishes about']}
        actions={canChange}
      >
        {ladders.map((ladder) => (
          <Row key={`${ladder.node} ${ladder.sourceId} ${ladder.group}`}>
            <Name className="whitespace-nowrap" title={`on ${ladder.node}`}>
              {ladder.sourceName}
            </Name>
            <Cell>{ladder.group}</Cell>
            <Cell>
              <State ladder={ladder} paused={plan.paused} />
              {ladder.heldBy !== null && ladder.status === 'warming' && <p className="mt-1 max-w-64 text-xs text-muted">{ladder.heldBy}</p>}
            </Cell>
            <Cell className="whitespace-nowrap">
              {ladder.stage} of {ladder.stages}
            </Cell>
            <Cell>
              <Use ladder={ladder} />
            </Cell>
            <Cell>
              <Gates ladder={ladder} />
            </Cell>
            <Cell className="whitespace-nowrap">
              {ladder.finishExpected ?? (ladder.status === 'finished' ? '' : 'not as it goes now')}
              {ladder.finishEarliest !== null && ladder.finishEarliest !== ladder.finishExpected && (
                <p className="text-xs text-muted">{ladder.finishEarliest} if all days count</p>
              )}
            </Cell>
            {canChange && (
              <Cell className="text-right whitespace-nowrap">
                {ladder.status !== 'finished' && <Act plan={plan} act="skip" ladder={ladder} />}
                <Act plan={plan} act="step_back" ladder={ladder} />
                <Act plan={plan} act="restart" ladder={ladder} />
              </Cell>
            )}
          </Row>
        ))}
      </Table>
      {total > ladders.length && (
        <p className="px-4 py-2 text-sm text-muted">
          {plural(ladders.length, 'row')} of {count(total)} are shown. Choose a source or a group to see the others.
        </p>
      )}
    </>
  );
}
