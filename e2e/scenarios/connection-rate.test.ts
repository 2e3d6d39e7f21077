// A provider may mind how often we call: new connections come at the rate of a limit, mail goes over those that are open meanwhile.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { id, startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  const twoAnHour = { where: { provider: 'shy' }, by: ['source'], kind: 'connection_rate', count: 1, perSeconds: 3600, burst: 1 };
  world = await startWorld({
    settings: { messagesPerConnection: 3, recipientsPerTransaction: 1 },
    entities: [
      { kind: 'provider', id: id(70), body: { key: 'shy', name: 'Shy', mxSuffixes: ['shy.example'] } },
      { kind: 'limit', id: id(71), body: { name: 'two at first, one an hour', ...twoAnHour } },
    ],
  });
});
afterAll(() => world?.close());

it('of eight messages six go over the two connections that may be begun, two wait without an attempt, other mail flows', async () => {
  const [host, free] = [await world.host('mx.shy.example'), await world.host('mx.free.example')];
  world.mx('shy.example', 'mx.shy.example');
  world.mx('free.example', 'mx.free.example');
  const recipients = Array.from({ length: 8 }, (_, index) => `r${index}@shy.example`);
  await world.send(recipients);
  await expect.poll(() => host.messages.length, { timeout: 10_000 }).toBe(6);
  await world.send(Array.from({ length: 8 }, (_, index) => `r${index}@free.example`));
  await expect.poll(() => free.messages.length, { timeout: 10_000 }).toBe(8);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect([host.connections, host.messages.length]).toEqual([2, 6]);
  const waiting = recipients.filter((recipient) => world.events(recipient).length === 1);
  expect(waiting).toHaveLength(2);
});
