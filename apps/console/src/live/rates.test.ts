// What is read out of ticks: rates, sums, and whether they can be believed.
import { expect, test } from 'vitest';
import type { LiveTick, NodeHealth } from '@sluice/contract/api';
import { freshnessOf, ratesBetween, totalsOf } from './rates.ts';

const at = Date.parse('2026-11-23T18:00:00.000Z');
type Frame = NonNullable<NodeHealth['frame']>;

function node(
  name: string,
  frame: { at: number; bootId?: string; delivered?: number; oldest?: number },
  state: NodeHealth['state'] = 'running',
): NodeHealth {
  const full: Frame = {
    node: name,
    bootId: frame.bootId ?? 'a',
    at: frame.at,
    egress: 'sandbox',
    revision: 1,
    accepting: true,
    counters: { accepted: 0, delivered: frame.delivered ?? 0, deferred: 0, bounced: 0, expired: 0, cancelled: 0, pathDeferred: 0 },
    queue: { scheduled: 1, ready: 2, inFlight: 3, held: 4 },
    oldestEntryAt: frame.oldest ?? null,
    connections: { inbound: 1, outbound: 1 },
    unshippedBytes: 10,
    damage: { entries: 0, injections: 0, stretches: 0, since: null },
    eventLoopDelayMs: 1,
    residentBytes: 1,
    sources: [],
    topQueues: [],
  };
  return {
    node: name,
    state,
    egress: 'sandbox',
    revision: 1,
    headRevision: 1,
    lastFrameAt: new Date(frame.at).toISOString(),
    problems: [],
    frame: full,
  };
}
const tick = (...nodes: NodeHealth[]): LiveTick => ({ at: new Date(at).toISOString(), nodes });

test('rates add up the nodes and use the time between their own frames', () => {
  const before = tick(node('a', { at, delivered: 100 }), node('b', { at, delivered: 0 }));
  const after = tick(node('a', { at: at + 2000, delivered: 120 }), node('b', { at: at + 1000, delivered: 5 }));
  expect(ratesBetween(before, after)?.delivered).toBe(15);
});
test('a node that restarted does not count, and alone it leaves the rate unknown', () => {
  const before = tick(node('a', { at, delivered: 100 }));
  expect(ratesBetween(before, tick(node('a', { at: at + 1000, bootId: 'b', delivered: 3 })))).toBeNull();
  expect(ratesBetween(before, before)).toBeNull();
  expect(ratesBetween(null, before)).toBeNull();
});
test('totals take the oldest entry of all nodes', () => {
  const totals = totalsOf(tick(node('a', { at, oldest: 500 }), node('b', { at, oldest: 300 })));
  expect(totals).toMatchObject({ scheduled: 2, ready: 4, held: 8, oldestEntryAt: 300 });
  expect(totalsOf(tick(node('a', { at }))).oldestEntryAt).toBeNull();
});
test('silence of the console and silence of nodes are told apart', () => {
  const live = tick(node('a', { at }), node('b', { at }));
  expect(freshnessOf({ tick: null, receivedAt: null }, at, at).state).toBe('waiting');
  expect(freshnessOf({ tick: null, receivedAt: null }, at + 11_000, at).state).toBe('lost');
  expect(freshnessOf({ tick: live, receivedAt: at }, at + 1000, at).state).toBe('live');
  expect(freshnessOf({ tick: live, receivedAt: at }, at + 8000, at).state).toBe('lost');
  expect(freshnessOf({ tick: tick(node('a', { at }, 'stale')), receivedAt: at }, at, at)).toMatchObject({
    state: 'silent',
    silentNodes: ['a'],
  });
  expect(freshnessOf({ tick: tick(node('a', { at }, 'stale'), node('b', { at })), receivedAt: at }, at, at).state).toBe('partly');
});
