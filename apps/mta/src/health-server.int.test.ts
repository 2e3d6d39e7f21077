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
  eventLoopDelayMs: 0,
  residentBytes: 0,
  sources: [],
  topQueues: [{ tenantId: 'whose', streamId: 's', campaign: 'autumn-sale', domain: 'customer.example', count: 1 }],
};

test('says how much waits, and not whose mail to whom', async () => {
  const server = createHealthServer({ frame: () => frame, notReady: () => null, about: () => ({ node: 'n' }) }).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const path of ['status', 'metrics', 'readyz', 'healthz']) {
      const answer = await (await fetch(`http://127.0.0.1:${port}/${path}`)).text();
      expect(answer, path).not.toMatch(/whose|autumn-sale|customer\.example/);
    }
    const status = (await (await fetch(`http://127.0.0.1:${port}/status`)).json()) as { frame: MetricsFrame };
    expect(status.frame.queue.scheduled).toBe(12);
  } finally {
    server.close();
  }
});
