// The state of an engine as one frame: counters since the start and gauges, the largest queues and busiest sources only. Built once a
// second by walking the tables, in slices that give way, so that the hot path keeps no statistics.
import type { MetricsFrame } from '@sluice/contract';
import type { Damage, DamageWatch } from './damage.ts';
import type { Dispatcher } from './queue/dispatcher.ts';
import type { ScheduledQueue } from './queue/scheduled-queue.ts';
import type { Scheduler } from './queue/scheduler.ts';
import { thoseNow, type Sliced } from './queue/slices.ts';
import type { Worker } from './queue/worker.ts';

const maxSources = 200;
const maxQueues = 20;

/** What only the host of an engine can say. */
export type HostGauges = {
  inboundConnections: number;
  unshippedBytes: number;
  eventLoopDelayMs: number;
  residentBytes: number;
  /** What the spool found damaged. */
  spoolDamage: Omit<Damage, 'entries' | 'since'>;
};
export const noGauges: HostGauges = {
  inboundConnections: 0,
  unshippedBytes: 0,
  eventLoopDelayMs: 0,
  residentBytes: 0,
  spoolDamage: { injections: 0, stretches: 0 },
};

export type FrameParts = {
  worker: Worker;
  scheduler: Scheduler;
  dispatcher: Dispatcher;
  bootId: string;
  accepting: boolean;
  gauges: HostGauges;
  damage: DamageWatch;
};

/** Queues or paths looked at in one step. */
const atOnce = 16;

type Totals = { scheduled: number; held: number; oldestMs: number; top: { queue: ScheduledQueue; count: number }[] };

function* overQueues({ scheduler }: FrameParts): Sliced<Totals> {
  const totals: Totals = { scheduled: 0, held: 0, oldestMs: Infinity, top: [] };
  const { top } = totals;
  let looked = 0;
  for (const queue of thoseNow(scheduler.queues(), scheduler.queueCount)) {
    if (++looked % atOnce === 0) yield;
    const { waiting } = queue;
    if (queue.state === 'held') totals.held += waiting;
    else totals.scheduled += waiting;
    totals.oldestMs = Math.min(totals.oldestMs, queue.acceptedFromMs);
    const count = waiting + queue.inHand;
    const least = top.at(-1);
    if (top.length >= maxQueues && least && count <= least.count) continue;
    top.push({ queue, count });
    top.sort((a, b) => b.count - a.count);
    if (top.length > maxQueues) top.pop();
  }
  return totals;
}

type Load = { ready: number; inFlight: number; connections: number };

function* overPaths({ dispatcher }: FrameParts): Sliced<Map<string, Load>> {
  const loads = new Map<string, Load>();
  let looked = 0;
  for (const sourceId of dispatcher.paths.sources()) {
    const load = { ready: 0, inFlight: 0, connections: 0 };
    loads.set(sourceId, load);
    const paths = dispatcher.paths.ofSource(sourceId);
    for (const path of thoseNow(paths, paths.size)) {
      load.ready += path.ready;
      load.inFlight += path.inFlight;
      load.connections += path.open;
      if (++looked % atOnce === 0) yield;
    }
  }
  return loads;
}

function sourceRows({ worker }: FrameParts, loads: ReadonlyMap<string, Load>, nowMs: number): MetricsFrame['sources'] {
  const ids = new Set([...worker.commands.suspendedSources(nowMs), ...loads.keys()]);
  const rows = [...ids].map((sourceId) => ({
    sourceId,
    ...(loads.get(sourceId) ?? { ready: 0, inFlight: 0, connections: 0 }),
    suspendedUntil: worker.commands.sourceHeldUntil(sourceId, nowMs),
  }));
  rows.sort((a, b) => Number(b.suspendedUntil !== null) - Number(a.suspendedUntil !== null) || b.ready + b.inFlight - a.ready - a.inFlight);
  return rows.slice(0, maxSources);
}

/** The state as it is while the work goes on: what moves meanwhile may be counted before or after it moved. */
export function* buildingFrame(parts: FrameParts): Sliced<MetricsFrame> {
  const { worker, dispatcher, gauges } = parts;
  const { scheduled, held, oldestMs, top } = yield* overQueues(parts);
  const loads = yield* overPaths(parts);
  const nowMs = worker.clock.nowMs();
  let [ready, inFlight] = [0, 0];
  for (const load of loads.values()) {
    ready += load.ready;
    inFlight += load.inFlight;
  }
  const { accepted, delivered, deferred, bounced, expired, cancelled, pathDeferred } = worker.counters;
  const topQueues = top.map(({ queue: { tenantId, streamId, campaign, domain }, count }) => ({
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
    oldestEntryAt: oldestMs === Infinity ? null : oldestMs,
    connections: { inbound: gauges.inboundConnections, outbound: dispatcher.connections.count },
    unshippedBytes: gauges.unshippedBytes,
    damage: parts.damage.look({ entries: worker.counters.setAside, ...gauges.spoolDamage }, nowMs),
    eventLoopDelayMs: gauges.eventLoopDelayMs,
    residentBytes: gauges.residentBytes,
    sources: sourceRows(parts, loads, nowMs),
    topQueues,
  };
}
