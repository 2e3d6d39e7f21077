// Answers to what the console asks of this node's memory. Each question walks queues, lanes or paths, never entries, in slices that give
// way to other work, and its answer is bounded by the contract.
import type { Answer, CommandScope, Question, QueueRow } from '@sluice/contract';
import { counting, queueMatches } from '../commands/effects.ts';
import { FirstFew } from '../first-few.ts';
import { sourceHealthAnswer } from '../health/health-answer.ts';
import type { Resolver } from '../ports.ts';
import { queueMail } from '../queue/commanded.ts';
import type { Dispatcher } from '../queue/dispatcher.ts';
import type { ScheduledQueue } from '../queue/scheduled-queue.ts';
import type { Scheduler } from '../queue/scheduler.ts';
import { thoseNow, type Sliced } from '../queue/slices.ts';
import type { Worker } from '../queue/worker.ts';
import { answeringWarmUps } from '../warm-up/answer.ts';
import { activeActions } from './actions.ts';
import { dkimRecords } from './dkim-records.ts';
import { holdsOf } from './holds.ts';
import { limitsAnswer } from './limits-answer.ts';

type Parts = { worker: Worker; scheduler: Scheduler; dispatcher: Dispatcher };
type OfMemory = Exclude<Question, { kind: 'dkim_records' }>;

export function answerer(parts: Parts, resolver: Resolver): (question: Question) => Promise<Answer> {
  const { slices, clock } = parts.worker;
  return (question) =>
    question.kind === 'dkim_records' ? dkimRecords({ resolver, clock }, question.names) : slices.run(answering(parts, question));
}

function* answering(parts: Parts, question: OfMemory): Sliced<Answer> {
  switch (question.kind) {
    case 'count':
      return { kind: 'count', ...(yield* counting(parts, question.scope)) };
    case 'queues':
      return yield* listQueues(parts, question);
    case 'explain':
      return explainQueue(parts, question.queue);
    case 'active_actions':
      return yield* activeActions(parts.worker);
    case 'limits':
      return yield* limitsAnswer(parts.worker);
    case 'tls_reports':
      return parts.worker.tlsReports
        ? yield* parts.worker.tlsReports.answer()
        : { kind: 'refused', message: 'this node keeps no counts of TLS' };
    case 'warm_ups':
      return { kind: 'warm_ups', ...(yield* answeringWarmUps(parts.worker.warmUps, question)) };
    case 'source_health':
      return yield* sourceHealthAnswer(parts.worker);
  }
}

function* listQueues({ worker, scheduler }: Parts, { scope, sort, limit }: Extract<Question, { kind: 'queues' }>): Sliced<Answer> {
  const rank = sort === 'size' ? (queue: ScheduledQueue) => queue.count : (queue: ScheduledQueue) => -queue.bounds.acceptedFromMs;
  const top = new FirstFew<{ queue: ScheduledQueue; rank: number }>(limit, (a, b) => b.rank - a.rank);
  let total = 0;
  let entries = 0;
  for (const queue of thoseNow(scheduler.queues(), scheduler.queueCount)) {
    yield;
    if (scope !== null && !listed(worker, scope, queue)) continue;
    total++;
    entries += queue.count;
    top.offer({ queue, rank: rank(queue) });
  }
  const queues: QueueRow[] = [];
  for (const { queue } of top.items()) {
    queues.push(rowOf(worker, queue, worker.clock.nowMs()));
    yield;
  }
  return { kind: 'queues', queues, total, entries };
}

/** A source or a pool belongs to lanes, not to a queue: such a filter shows the queues that have some ready there. */
function listed(worker: Worker, scope: CommandScope, queue: ScheduledQueue): boolean {
  if (!queueMatches(worker, scope, queue)) return false;
  if (scope.source === undefined && scope.pool === undefined) return true;
  for (const lane of queue.lanes.values()) {
    if (lane.size === 0) continue;
    if ((scope.source ?? lane.dimensions.source) === lane.dimensions.source && (scope.pool ?? lane.poolId) === lane.poolId) return true;
  }
  return false;
}

function explainQueue({ worker, scheduler }: Parts, name: Extract<Question, { kind: 'explain' }>['queue']): Answer {
  const nowMs = worker.clock.nowMs();
  // Past the bound of campaigns an entry waits in the queue without one.
  const queue = [false, true]
    .flatMap((tlsOptional) => [false, true].map((engaged) => ({ tlsOptional, engaged })))
    .flatMap(({ tlsOptional, engaged }) =>
      [name.campaign, null].map((campaign) => scheduler.queue({ ...name, campaign }, tlsOptional, engaged)),
    )
    .find((found) => found !== undefined);
  if (!queue) return { kind: 'explain', row: null, holds: [] };
  return { kind: 'explain', row: rowOf(worker, queue, nowMs), holds: holdsOf(worker, queue, nowMs) };
}

function rowOf(worker: Worker, queue: ScheduledQueue, nowMs: number): QueueRow {
  const { site, provider } = queueMail(worker, queue);
  const { tenantId, streamId, campaign, domain, state, count, waiting, later, inHand } = queue;
  let ready = 0;
  for (const lane of queue.lanes.values()) ready += lane.size;
  const nextDueMs = queue.nextKnownMs();
  return {
    ...{ tenantId, streamId, campaign, domain, count, later, ready },
    ...(queue.tlsOptional && { tlsOptional: true }),
    // What it waits for is said by what holds it.
    state: state === 'in_line' || state === 'warm_up' ? 'full' : state,
    due: waiting - later,
    inFlight: Math.max(0, inHand - ready),
    oldestAt: Number.isFinite(queue.bounds.acceptedFromMs) ? Math.floor(queue.bounds.acceptedFromMs) : null,
    nextDueAt: Number.isFinite(nextDueMs) ? Math.ceil(nextDueMs) : null,
    site: site ?? null,
    provider: provider ?? null,
    heldBy: holdsOf(worker, queue, nowMs)[0]?.detail ?? null,
  };
}
