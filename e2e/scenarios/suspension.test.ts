// A suspension that was in force before a restart is in force after it: what it names waits without an attempt, the rest flows, and when
// it ends the mail that waited goes out.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { id, startWorld, type World } from './testing/world.ts';

const heldMs = 8_000;
let world: World;
beforeAll(async () => {
  const issuedAtMs = Date.now();
  const command = {
    ...{ id: id(70), kind: 'suspend', scope: { domain: 'held.example' }, reason: 'scenario', issuedBy: 'operator' },
    ...{ issuedAt: new Date(issuedAtMs).toISOString(), expiresAt: new Date(issuedAtMs + heldMs).toISOString() },
  };
  world = await startWorld({ commands: [command] });
});
afterAll(() => world?.close());

it('mail for the suspended domain waits without an attempt until the suspension ends, mail for another is delivered meanwhile', async () => {
  const host = await world.host('mx.both.example');
  for (const domain of ['held.example', 'free.example']) world.mx(domain, 'mx.both.example');
  await world.send('jo@held.example');
  await world.send('jo@free.example');
  await world.story('jo@free.example', 'accepted', 'delivered');
  expect(world.events('jo@held.example').map((event) => event.type)).toEqual(['accepted']);
  expect(host.messages.flatMap((message) => message.rcpts)).toEqual(['RCPT TO:<jo@free.example>']);
  const [accepted, delivered] = await world.story('jo@held.example', 'accepted', 'delivered');
  expect(delivered?.attempt).toBe(1);
  expect((delivered?.at ?? 0) - (accepted?.at ?? 0)).toBeGreaterThan(1_000);
});
