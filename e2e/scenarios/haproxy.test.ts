// Sources behind an HAProxy: its protocol says from which address to go out and where to, and the receiver sees that address.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { passesOverClosedHost, proxyAddress, startHaproxy, type Proxy } from './testing/proxies.ts';
import { sourceAddress, startWorld, type World } from './testing/world.ts';

let world: World;
let proxy: Proxy;
beforeAll(async () => {
  proxy = await startHaproxy();
  const through = { proxy: { kind: 'haproxy', host: proxyAddress, port: proxy.port } };
  world = await startWorld({ sources: [through, through], settings: { messagesPerConnection: 1 } });
});
afterAll(async () => {
  await world?.close();
  await proxy?.close();
});

it('every source goes out from its own address through the proxy', async () => {
  const host = await world.host('mx.behind.example');
  world.mx('behind.example', 'mx.behind.example');
  const recipients = Array.from({ length: 6 }, (_, index) => `r${index}@behind.example`);
  for (const recipient of recipients) await world.send(recipient);
  for (const recipient of recipients) await world.story(recipient, 'accepted', 'delivered');
  expect(new Set(host.peers)).toEqual(new Set([sourceAddress(1), sourceAddress(2)]));
  expect(proxy.asked.map(({ source }) => source)).toEqual(host.peers);
  expect(new Set(proxy.asked.map(({ target }) => target))).toEqual(new Set([`${host.address}:${world.hostPort}`]));
});

it('a host that the proxy cannot reach is passed over for the next, in the same attempt', () => passesOverClosedHost(world));

it('without the proxy the mail waits with a reason and without an attempt, and nothing goes round it', async () => {
  const host = await world.host('mx.later.example');
  world.mx('later.example', 'mx.later.example');
  await proxy.close();
  await world.send('jo@later.example');
  const failed = () => world.events(null).find(({ mxHost, site }) => mxHost === 'mx.later.example' || site === 'mx.later.example');
  await expect.poll(failed, { timeout: 10_000 }).toMatchObject({ type: 'path_deferred', bounceClass: 'network' });
  expect(world.events('jo@later.example').map(({ type }) => type)).toEqual(['accepted']);
  expect(host.connections).toBe(0);
});
