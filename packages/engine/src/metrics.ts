// The state of an engine as one frame: counters since the start and gauges, the largest queues and busiest sources only. Built once a
// second by walking the tables, in slices that give way, so that the hot path keeps no statistics.
import type { MetricsFrame } from '@sluice/contract';
import type { Damage, DamageWatch } from './damage.ts';
import { FirstFew } from './first-few.ts';
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

type Sized = { queue: ScheduledQueue; count: number };
type Totals = { scheduled: number; held: number; oldestMs: number; top: readonly Sized[] };

function* overQueues({ scheduler }: FrameParts): Sliced<Totals> {
  const totals = { scheduled: 0, held: 0, oldestMs: Infinity };
  const top = new FirstFew<Sized>(maxQueues, (a, b) => b.count - a.count);
  let looked = 0;
  for (const queue of thoseNow(scheduler.queues(), scheduler.queueCount)) {
    if (++looked % atOnce === 0) yield;
    const { waiting } = queue;
    if (queue.state === 'held') totals.held += waiting;
    else totals.scheduled += waiting;
    totals.oldestMs = Math.min(totals.oldestMs, queue.bounds.acceptedFromMs);
    top.offer({ queue, count: waiting + queue.inHand });
  }
  return { ...totals, top: top.items() };
}

type Load = { ready: number; inFlight: number; connections: number };

function* overPaths({ dispatcher }: FrameParts): Sliced<{ loads: Map<string, Load>; ready: number; inFlight: number }> {
  let [ready, inFlight] = [0, 0];
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
      ready += path.ready;
      inFlight += path.inFlight;
      if (++looked % atOnce === 0) yield;
    }
  }
  return { loads, ready, inFlight };
}

type SourceRow = MetricsFrame['sources'][number];

/** Suspended ones first, then those with the most mail. */
const bySource = (a: SourceRow, b: SourceRow): number =>
  Number(b.suspendedUntil !== null) - Number(a.suspendedUntil !== null) || b.ready + b.inFlight - a.ready - a.inFlight;

function* sourceRows({ worker }: FrameParts, loads: ReadonlyMap<string, Load>, nowMs: number): Sliced<readonly SourceRow[]> {
  const rows = new FirstFew<SourceRow>(maxSources, bySource);
  const offer = (sourceId: string, load: Load): void =>
    rows.offer({ sourceId, ...load, suspendedUntil: worker.commands.sourceHeldUntil(sourceId, nowMs) });
  let looked = 0;
  for (const sourceId of worker.commands.suspendedSources(nowMs)) {
    if (!loads.has(sourceId)) offer(sourceId, { ready: 0, inFlight: 0, connections: 0 });
    if (++looked % atOnce === 0) yield;
  }
  for (const [sourceId, load] of loads) {
    offer(sourceId, load);
    if (++looked % atOnce === 0) yield;
  }
  return rows.items();
}

/** The state as it is while the work goes on: what moves meanwhile may be counted before or after it moved. */
export function* buildingFrame(parts: FrameParts): Sliced<MetricsFrame> {
  const { worker, dispatcher, gauges } = parts;
  const { scheduled, held, oldestMs, top } = yield* overQueues(parts);
  const { loads, ready, inFlight } = yield* overPaths(parts);
  const nowMs = worker.clock.nowMs();
  const sources = yield* sourceRows(parts, loads, nowMs);
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
    sources: [...sources],
    topQueues,
  };
}
