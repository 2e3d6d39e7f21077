// A recipient at an address literal: the mail goes to that address without any question to DNS, and what is no address bounces.
// RFC 5321 section 4.1.3.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startReceiver, withoutIpv6 } from './testing/receiver.ts';
import { only, startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  const sources = [{}, { publicAddress: '::1', bindAddress: '::1', family: 6 }];
  world = await startWorld({ sources });
});
afterAll(() => world?.close());

it('mail for [127.…] goes to that address', async () => {
  const host = await world.host('mx.literal.example');
  const asked = world.dns.queries;
  const recipient = `jo@[${host.address}]`;
  await world.send(recipient);
  const [, delivered] = await world.story(recipient, 'accepted', 'delivered');
  expect(delivered).toMatchObject({ remoteAddress: host.address, attempt: 1 });
  expect(only(host.messages).rcpts).toEqual([`RCPT TO:<${recipient}>`]);
  expect(world.dns.queries).toBe(asked);
});

it.skipIf(withoutIpv6)('mail for [IPv6:::1] goes to that address, from a source of its family', async () => {
  const host = await startReceiver('::1', world.hostPort, {}, null);
  await world.send('jo@[IPv6:::1]');
  await expect.poll(() => host.messages.length, { timeout: 10_000 }).toBe(1);
  expect(only(host.messages).rcpts).toEqual(['RCPT TO:<jo@[IPv6:::1]>']);
  await host.close();
});
