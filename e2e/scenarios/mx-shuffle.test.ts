// Hosts of equal preference share the load: each connection takes them in an order of its own, those of lower preference come after all
// of them. RFC 5321 section 5.1.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from './testing/world.ts';

const messages = 30;
let world: World;
beforeAll(async () => {
  world = await startWorld({ settings: { messagesPerConnection: 1, recipientsPerTransaction: 1 } });
});
afterAll(() => world?.close());

it('thirty connections go to both hosts of the best preference and to none of the next', async () => {
  const hosts = [await world.host('mx1.equal.example'), await world.host('mx2.equal.example'), await world.host('mx3.equal.example')];
  const records = hosts.map((_host, index) => ({
    type: 'MX' as const,
    data: { exchange: `mx${index + 1}.equal.example`, preference: index < 2 ? 10 : 20 },
  }));
  world.dns.override('equal.example', 'MX', { kind: 'records', records });
  await world.send(Array.from({ length: messages }, (_, index) => `r${index}@equal.example`));
  const taken = () => hosts.map((host) => host.messages.length);
  await expect.poll(() => taken().reduce((sum, count) => sum + count, 0), { timeout: 15_000 }).toBe(messages);
  const [first = 0, second = 0, third] = taken();
  // By chance alone one of them is passed over once in 500 million runs.
  expect(Math.min(first, second)).toBeGreaterThan(0);
  expect(third).toBe(0);
});
