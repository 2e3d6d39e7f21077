// All connections of an engine are few where every domain has hosts of its own: those that carry nothing make room for who waits.
import { expect, it } from 'vitest';
import { maxConnections } from './queue/connections.ts';
import { engineRig } from './testing/engine-rig.ts';
import { smallConfig } from './testing/sample-config.ts';

it('mail to more hosts than connections may be open does not wait for idle connections to end', async () => {
  const rig = await engineRig(smallConfig(), { deliverMs: () => 10 });
  const domains = maxConnections * 3;
  await rig.inject({ recipients: Array.from({ length: domains }, (_, n) => `reader@d${n}.example`) });
  await rig.clock.advance(500);
  expect(rig.remote.deliveries).toHaveLength(domains);
  expect(rig.remote.mostOpen).toBeLessThanOrEqual(maxConnections);
  await rig.clock.advance(10_000);
  expect(rig.remote.open.size).toBe(0);
});
