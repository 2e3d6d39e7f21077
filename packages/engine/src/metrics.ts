// The state of an engine as one frame: counters since the start and gauges, the largest queues and busiest sources only. Built once a
// second by walking the tables, so that the hot path keeps no statistics.
import type { MetricsFrame } from '@sluice/contract';
import type { Dispatcher } from './queue/dispatcher.ts';
import type { ScheduledQueue } from './queue/scheduled-queue.ts';
import type { Scheduler } from './queue/scheduler.ts';
import type { Worker } from './queue/worker.ts';

const maxSources = 200;
const maxQueues = 20;

/** What only the host of an engine can say. */
export type HostGauges = { inboundConnections: number; unshippedBytes: number; eventLoopDelayMs: number; residentBytes: number };
export const noGauges: HostGauges = { inboundConnections: 0, unshippedBytes: 0, eventLoopDelayMs: 0, residentBytes: 0 };

export type FrameParts = {
  worker: Worker;
  scheduler: Scheduler;
  dispatcher: Dispatcher;
  bootId: string;
  accepting: boolean;
  gauges: HostGauges;
};

function largest(queues: Iterable<ScheduledQueue>): ScheduledQueue[] {
  const top: ScheduledQueue[] = [];
  for (const queue of queues) {
    const least = top.at(-1);
    if (top.length >= maxQueues && least && queue.count <= least.count) continue;
    top.push(queue);
    top.sort((a, b) => b.count - a.count);
    if (top.length > maxQueues) top.pop();
  }
  return top;
}

function sourceRows(parts: FrameParts, nowMs: number): MetricsFrame['sources'] {
  const ids = new Set([...parts.worker.commands.suspendedSources(nowMs), ...parts.dispatcher.paths.sources()]);
  const rows = [...ids].map((sourceId) => ({
    sourceId,
    ...parts.dispatcher.paths.sourceLoad(sourceId),
    suspendedUntil: parts.worker.commands.sourceHeldUntil(sourceId, nowMs),
  }));
  rows.sort((a, b) => Number(b.suspendedUntil !== null) - Number(a.suspendedUntil !== null) || b.ready + b.inFlight - a.ready - a.inFlight);
  return rows.slice(0, maxSources);
}

export function buildFrame(parts: FrameParts): MetricsFrame {
  const { worker, scheduler, dispatcher, gauges } = parts;
  const nowMs = worker.clock.nowMs();
  let scheduled = 0;
  let held = 0;
  let oldest = Infinity;
  for (const queue of scheduler.queues()) {
    if (queue.state === 'held') held += queue.waiting;
    else scheduled += queue.waiting;
    oldest = Math.min(oldest, queue.acceptedFromMs);
  }
  const { ready, inFlight } = dispatcher.paths.load();
  const { accepted, delivered, deferred, bounced, expired, cancelled, pathDeferred } = worker.counters;
  const topQueues = largest(scheduler.queues()).map(({ tenantId, streamId, campaign, domain, count }) => ({
    tenantId,
    streamId,
    campaign,
    domain,
    count,
  }));
  return {
    node: worker.node,
    bootId: parts.bootId,
    at: nowMs,
    egress: worker.egress,
    revision: worker.generation().revision,
    accepting: parts.accepting,
    counters: { accepted, delivered, deferred, bounced, expired, cancelled, pathDeferred },
    queue: { scheduled, ready, inFlight, held },
    oldestEntryAt: oldest === Infinity ? null : oldest,
    connections: { inbound: gauges.inboundConnections, outbound: dispatcher.connections.count },
    unshippedBytes: gauges.unshippedBytes,
    eventLoopDelayMs: gauges.eventLoopDelayMs,
    residentBytes: gauges.residentBytes,
    sources: sourceRows(parts, nowMs),
    topQueues,
  };
}
