// What goes on by rules on this node, for whoever asks: what is held, until when, and how it goes on.
import { maxActionsAnswered, type ActiveAction, type Answer } from '@sluice/contract';
import type { Action } from '../automation/action.ts';
import { subjectWords } from '../automation/sentences.ts';
import { FirstFew } from '../first-few.ts';
import type { Sliced } from '../queue/slices.ts';
import type { Worker } from '../queue/worker.ts';

/** The newest first. What is only tried out or only told holds nothing and is not listed. */
export function* activeActions(worker: Worker): Sliced<Answer> {
  const newest = new FirstFew<Action>(maxActionsAnswered, (a, b) => b.startedMs - a.startedMs);
  let total = 0;
  for (const action of [...worker.automation.actions.values()]) {
    if (action.dry || action.kind === 'alert') continue;
    newest.offer(action);
    if (++total % 64 === 0) yield;
  }
  const actions: ActiveAction[] = [];
  for (const action of newest.items()) {
    const told = rowOf(worker, action);
    if (told) actions.push(told);
    if (actions.length % 64 === 0) yield;
  }
  return { kind: 'active_actions', actions, total };
}

function rowOf(worker: Worker, action: Action): ActiveAction | null {
  const { id, ruleId, ruleName, kind, subject, sentence, startedMs, lastHitMs, endsMs, pinned, throttle } = action;
  if (kind === 'alert') return null;
  return {
    ...{ id, ruleId, ruleName, kind, subject },
    sentence: `${subjectWords(subject, worker.generation())}: ${sentence}`.slice(0, 500),
    ...{ startedAt: startedMs, lastHitAt: lastHitMs, endsAt: endsMs, pinned: pinned !== null },
    nextStepAt: throttle && !pinned ? throttle.stepAtMs : null,
    ratePerMinute: throttle?.ratePerMinute ?? null,
    fromPerMinute: throttle?.fromPerMinute ?? null,
  };
}
