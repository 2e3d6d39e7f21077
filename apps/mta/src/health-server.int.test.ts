// What anyone on the network of the health port gets to read.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { MetricsFrame } from '@sluice/contract';
import { expect, test } from 'vitest';
import { createHealthServer } from './health-server.ts';

const frame: MetricsFrame = {
  node: 'n',
  bootId: 'b',
  at: 0,
  egress: 'sandbox',
  revision: 7,
  accepting: true,
  counters: { accepted: 11, delivered: 0, deferred: 0, bounced: 0, expired: 0, cancelled: 0, pathDeferred: 0 },
  queue: { scheduled: 12, ready: 0, inFlight: 0, held: 0 },
  oldestEntryAt: null,
  connections: { inbound: 0, outbound: 0 },
  unshippedBytes: 0,
  damage: { entries: 0, injections: 0, stretches: 0, since: null },
  eventLoopDelayMs: 0,
  residentBytes: 0,
  sources: [],
  topQueues: [{ tenantId: 'whose', streamId: 's', campaign: 'autumn-sale', domain: 'customer.example', count: 1 }],
};

const facts = {
  frame: () => Promise.resolve(frame),
  notReady: () => null,
  damage: () => ({ entries: 4, injections: 3, stretches: 2 }),
  loopDelay: { percentileMs: (percentile: number) => percentile },
  about: () => ({ node: 'n' }),
};

test('says how much waits, and not whose mail to whom', async () => {
  const server = createHealthServer(facts).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const path of ['status', 'metrics', 'readyz', 'healthz']) {
      const answer = await (await fetch(`http://127.0.0.1:${port}/${path}`)).text();
      expect(answer, path).not.toMatch(/whose|autumn-sale|customer\.example/);
    }
    const status = (await (await fetch(`http://127.0.0.1:${port}/status`)).json()) as { frame: MetricsFrame };
    expect(status.frame.queue.scheduled).toBe(12);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toContain('sluice_spool_set_aside_total 3\n');
    expect(metrics).toContain('sluice_spool_damaged_stretches 2\n');
    expect(metrics).toContain('sluice_event_loop_delay_seconds{quantile="0.99"} 0.099\n');
  } finally {
    server.close();
  }
});
