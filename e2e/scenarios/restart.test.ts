// A restart in the middle of a queue: what is in transactions is finished, the rest goes on afterwards, and everything arrives once.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { offer } from './testing/receiver.ts';
import { startWorld, type World } from './testing/world.ts';

const messages = 24;
let world: World;
beforeAll(async () => {
  world = await startWorld({ settings: { connectionsPerPath: 2, recipientsPerTransaction: 1 } });
});
afterAll(() => world?.close());

it('of twenty-four messages, some delivered, some in flight and some waiting at the stop, each arrives exactly once', async () => {
  const host = await world.host('mx.slow.example', {
    // A late answer must not be overtaken by those to commands behind it.
    EHLO: offer('8BITMIME'),
    message: ({ socket }) => {
      setTimeout(() => socket.write('250 2.0.0 queued\r\n'), 200);
      return null;
    },
  });
  world.mx('slow.example', 'mx.slow.example');
  const recipients = Array.from({ length: messages }, (_, index) => `r${index}@slow.example`);
  await world.send(recipients);
  const delivered = () => recipients.filter((recipient) => world.events(recipient).some(({ type }) => type === 'delivered')).length;
  await expect.poll(delivered, { timeout: 10_000 }).toBeGreaterThan(5);
  await world.stop();
  expect(delivered()).toBeLessThan(messages);
  await world.start();
  await expect.poll(delivered, { timeout: 20_000 }).toBe(messages);
  for (const recipient of recipients) await world.story(recipient, 'accepted', 'delivered');
  const arrived = host.commands.filter(({ line }) => line === 'DATA').length;
  expect(arrived).toBe(messages);
  expect(new Set(host.commands.filter(({ line }) => line.startsWith('RCPT')).map(({ line }) => line)).size).toBe(messages);
});
