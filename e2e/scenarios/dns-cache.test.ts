// What DNS said is kept for its time to live, the "no" as well, and equal questions that are asked together go out once.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  const settings = { messagesPerConnection: 1, recipientsPerTransaction: 1, mtaSts: false, failureReports: 'none' as const };
  world = await startWorld({ settings });
});
afterAll(() => world?.close());

it('thirty messages over thirty connections ask for the MX and its address once each', async () => {
  const host = await world.host('mx.often.example');
  world.mx('often.example', 'mx.often.example');
  const before = world.dns.queries;
  const recipients = Array.from({ length: 30 }, (_, index) => `r${index}@often.example`);
  await world.send(recipients);
  for (const recipient of recipients) await world.story(recipient, 'accepted', 'delivered');
  expect(host.connections).toBe(30);
  expect(world.dns.queries - before).toBe(2);
});

it('a domain that does not exist is asked for once, and all mail for it bounces', async () => {
  for (const type of ['MX', 'A', 'AAAA'] as const) world.dns.override('gone.example', type, { kind: 'nxdomain' });
  const before = world.dns.queries;
  for (let index = 0; index < 3; index++) {
    await world.send(`r${index}@gone.example`);
    await world.story(`r${index}@gone.example`, 'accepted', 'bounced');
  }
  expect(world.dns.queries - before).toBe(1);
});
