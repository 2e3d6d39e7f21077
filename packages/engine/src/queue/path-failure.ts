// A path that cannot connect rests: doubling delays, one event that says how much mail waits behind it, and no entry loses an attempt.
import { pathDelayMs } from '@sluice/policy';
import { pathOutcome } from '../outcomes/attempt-outcome.ts';
import type { PathFailure } from '../ports.ts';
import type { RouteFailure } from '../route/route.ts';
import { pathEvent } from './delivery-events.ts';
import type { ReadyPath } from './ready-path.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import type { Worker } from './worker.ts';

/** Between failed connects that do not yet make the path rest, and at least between questions that could not be asked. */
const breathMs = 1000;

/** Entries behind the path: all of the queues that have some of theirs on it. */
function heldBehind(path: ReadyPath): number {
  const queues = new Set<ScheduledQueue>();
  for (const lane of path.lanes) if (lane.size > 0) queues.add(lane.queue);
  let held = 0;
  for (const queue of queues) held += queue.count;
  return held;
}

/** Sets the time of the next connect and records why. */
export function restPath(worker: Worker, path: ReadyPath, failure: PathFailure, nowMs: number): void {
  if (failure.pressure) {
    // We had no socket or no room: no fault of the path, and nothing to report of it. The whole worker slows down.
    worker.pressure.note(failure.detail ?? 'sockets', failure.bounceClass === 'dns' ? 'dns' : 'network');
    path.connectAfterMs = Math.max(worker.pressure.untilMs, nowMs + 1);
    return;
  }
  path.failures++;
  path.lastFailure = failure;
  const inRow = path.failures - path.egress.settings.connectFailuresBeforeRest + 1;
  path.connectAfterMs = nowMs + (inRow < 1 ? breathMs : pathDelayMs(inRow, worker.random.fraction()));
  worker.counters.pathDeferred++;
  const { source, site, provider } = path.egress;
  const { mxHost, remoteAddress, reply, bounceClass, detail, tls, replyRule } = failure;
  const event = pathEvent(nowMs, worker.egress, {
    ...{
      sourceId: source.id,
      site,
      provider,
      mxHost,
      remoteAddress,
      reply,
      bounceClass,
      detail,
      tls: tls ?? null,
      ...(replyRule !== undefined && { replyRule }),
    },
    heldCount: heldBehind(path),
    nextAttemptAt: path.connectAfterMs,
  });
  worker.outcomes.seen(pathOutcome(path.egress, failure, nowMs));
  worker.health.failed(path.egress, failure, nowMs);
  void worker.recorder.add([{ event, change: { kind: 'none' } }]);
}

/** Sets the time of the next look-up of a route and records why. */
export function restRoute(worker: Worker, queue: ScheduledQueue, why: RouteFailure, nowMs: number): void {
  if (why.pressure) {
    // Questions that came back together are asked again a little apart.
    worker.pressure.note(why.detail, 'dns');
    queue.routeAfterMs = Math.max(worker.pressure.untilMs, nowMs) + Math.ceil(breathMs * (1 + worker.random.fraction()));
    return;
  }
  queue.routeFailures++;
  queue.routeFailure = why.detail;
  queue.routeAfterMs = nowMs + pathDelayMs(queue.routeFailures, worker.random.fraction());
  worker.counters.pathDeferred++;
  if (why.bounceClass === 'tls') worker.tlsReports?.noHostNamed(queue.domain, why.detail);
  const event = pathEvent(nowMs, worker.egress, {
    domain: queue.domain,
    bounceClass: why.bounceClass ?? 'dns',
    detail: why.detail,
    heldCount: queue.count,
    nextAttemptAt: queue.routeAfterMs,
  });
  void worker.recorder.add([{ event, change: { kind: 'none' } }]);
}

/** One that no host had a part in. */
export function ownFailure(bounceClass: 'dns' | 'network' | 'other', detail: string): PathFailure {
  return { kind: 'deferred', scope: 'path', reply: null, bounceClass, detail, dotSent: false, mxHost: null, remoteAddress: null };
}
