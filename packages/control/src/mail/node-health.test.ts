// The state of a node, and what a tenant-bound operator is spared.
import type { MetricsFrame } from '@sluice/contract';
import type { NodeRow } from '@sluice/plane/console';
import { expect, test } from 'vitest';
import { narrowed, nodeHealth, staleMs } from './node-health.ts';

const now = new Date('2026-01-02T03:04:05.000Z');
const frame: MetricsFrame = {
  node: 'n',
  bootId: 'b',
  at: now.getTime(),
  egress: 'sandbox',
  revision: 7,
  accepting: true,
  counters: { accepted: 0, delivered: 0, deferred: 0, bounced: 0, expired: 0, cancelled: 0, pathDeferred: 0 },
  queue: { scheduled: 0, ready: 0, inFlight: 0, held: 0 },
  oldestEntryAt: null,
  connections: { inbound: 0, outbound: 0 },
  unshippedBytes: 0,
  damage: { entries: 0, injections: 0, stretches: 0, since: null },
  eventLoopDelayMs: 0,
  residentBytes: 0,
  sources: ['used', 'unused'].map((sourceId) => ({ sourceId, ready: 0, inFlight: 0, connections: 0, suspendedUntil: null })),
  topQueues: ['mine', 'theirs'].map((tenantId) => ({ tenantId, streamId: 's', campaign: null, domain: 'd.example', count: 1 })),
};
const row: NodeRow = {
  name: 'n',
  lastSeenAt: now,
  bootId: 'b',
  revision: 7,
  contentRoot: null,
  ackStatus: 'applied',
  ackedAt: now,
  problems: [],
  frame,
  frameAt: now,
  headRevision: 7,
  headContentRoot: '',
};
const problems = [{ kind: 'stream', id: 'x', field: 'name', message: 'bad' }];

test.each<[string, Partial<NodeRow>, string]>([
  ['runs the head', {}, 'running'],
  ['has an older revision', { headRevision: 8 }, 'behind'],
  ['refused a newer revision', { headRevision: 8, revision: 8, ackStatus: 'refused', problems }, 'refusing'],
  ['was not heard from for over five seconds', { frameAt: new Date(now.getTime() - staleMs - 1) }, 'stale'],
  ['never reported', { frame: null, frameAt: null }, 'stale'],
])('a node that %s is told so', (_name, change, state) => {
  expect(nodeHealth({ ...row, ...change }, 'sandbox', now).state).toBe(state);
});

test('a tenant-bound view has no queue, source or problem of others', () => {
  const whole = nodeHealth({ ...row, ackStatus: 'refused', revision: 8, problems }, 'sandbox', now);
  expect(whole.problems).toHaveLength(1);
  const view = narrowed(whole, { tenantId: 'mine', source: (id) => id === 'used' });
  expect(view.problems).toEqual([]);
  expect(view.frame?.sources.map((entry) => entry.sourceId)).toEqual(['used']);
  expect(view.frame?.topQueues.map((queue) => queue.tenantId)).toEqual(['mine']);
});
