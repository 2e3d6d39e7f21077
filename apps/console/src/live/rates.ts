// What two ticks say together: how fast each node works, summed. Counters restart with a node, so a pair counts only within one boot.
import type { LiveTick } from '@sluice/contract/api';

export type Rates = { accepted: number; delivered: number; deferred: number; bounced: number };

/** Events per second between the frames of two ticks; null when no node has two frames of one boot. */
export function ratesBetween(before: LiveTick | null, after: LiveTick | null): Rates | null {
  if (before === null || after === null) return null;
  let seen = false;
  const sum: Rates = { accepted: 0, delivered: 0, deferred: 0, bounced: 0 };
  for (const { node, frame } of after.nodes) {
    const earlier = before.nodes.find((other) => other.node === node)?.frame;
    if (!frame || !earlier || frame.bootId !== earlier.bootId || frame.at <= earlier.at) continue;
    seen = true;
    const seconds = (frame.at - earlier.at) / 1000;
    for (const key of ['accepted', 'delivered', 'deferred', 'bounced'] as const) {
      sum[key] += (frame.counters[key] - earlier.counters[key]) / seconds;
    }
  }
  return seen ? sum : null;
}

export type QueueTotals = {
  scheduled: number;
  ready: number;
  inFlight: number;
  held: number;
  inbound: number;
  outbound: number;
  unshippedBytes: number;
  oldestEntryAt: number | null;
};

/** Gauges of all nodes that are not stale, added up. */
export function totalsOf(tick: LiveTick): QueueTotals {
  const total: QueueTotals = {
    scheduled: 0,
    ready: 0,
    inFlight: 0,
    held: 0,
    inbound: 0,
    outbound: 0,
    unshippedBytes: 0,
    oldestEntryAt: null,
  };
  for (const { frame } of tick.nodes) {
    if (!frame) continue;
    total.scheduled += frame.queue.scheduled;
    total.ready += frame.queue.ready;
    total.inFlight += frame.queue.inFlight;
    total.held += frame.queue.held;
    total.inbound += frame.connections.inbound;
    total.outbound += frame.connections.outbound;
    total.unshippedBytes += frame.unshippedBytes;
    if (frame.oldestEntryAt !== null) total.oldestEntryAt = Math.min(frame.oldestEntryAt, total.oldestEntryAt ?? Infinity);
  }
  return total;
}

/** How trustworthy the live picture is. `lost`: nothing reaches this tab; `silent`: the console answers, no node reports. */
export type Freshness = { state: 'waiting' | 'live' | 'lost' | 'silent' | 'partly'; silentNodes: string[]; lastFrameAt: string | null };

const lostAfterMs = 7_000;
const waitingMs = 10_000;

export function freshnessOf(feed: { tick: LiveTick | null; receivedAt: number | null }, nowMs: number, openedAt: number): Freshness {
  const { tick, receivedAt } = feed;
  if (tick === null || receivedAt === null)
    return { state: nowMs - openedAt > waitingMs ? 'lost' : 'waiting', silentNodes: [], lastFrameAt: null };
  const lastFrameAt = tick.nodes.reduce<string | null>(
    (last, { lastFrameAt: at }) => (at !== null && (last === null || at > last) ? at : last),
    null,
  );
  const silentNodes = tick.nodes.filter((node) => node.state === 'stale').map((node) => node.node);
  if (nowMs - receivedAt > lostAfterMs) return { state: 'lost', silentNodes, lastFrameAt };
  if (silentNodes.length === 0) return { state: 'live', silentNodes, lastFrameAt };
  return { state: silentNodes.length === tick.nodes.length ? 'silent' : 'partly', silentNodes, lastFrameAt };
}
