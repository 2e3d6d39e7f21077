// Sources behind a SOCKS5 proxy that asks for a login. RFC 1928, RFC 1929.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { passesOverClosedHost, proxyAddress, startSocks, type Proxy } from './testing/proxies.ts';
import { id, only, startWorld, type World } from './testing/world.ts';

let world: World;
let proxy: Proxy;
beforeAll(async () => {
  proxy = await startSocks('egress', 'open sesame');
  const through = (secretId: string) => ({
    proxy: { kind: 'socks5', host: proxyAddress, port: proxy.port, username: 'egress', secretId },
  });
  const wrong = { name: 'wrong', publicAddress: '127.42.0.2', bindAddress: '127.42.0.2', family: 4, ehloName: 'mta2.sender.example' };
  world = await startWorld({
    sources: [through(id(90))],
    secrets: { [id(90)]: 'open sesame', [id(91)]: 'guessed' },
    stream: { poolIds: [id(1), id(11)] },
    entities: [
      { kind: 'source', id: id(110), body: { ...wrong, ...through(id(91)) } },
      { kind: 'pool', id: id(11), body: { name: 'wrong', members: [{ sourceId: id(110), weight: 1 }] } },
    ],
  });
});
afterAll(async () => {
  await world?.close();
  await proxy?.close();
});

it('mail goes out through the proxy after its login, and the receiver sees the proxy', async () => {
  const host = await world.host('mx.behind.example');
  world.mx('behind.example', 'mx.behind.example');
  await world.send('jo@behind.example');
  await world.story('jo@behind.example', 'accepted', 'delivered');
  expect(only(host.messages).rcpts).toEqual(['RCPT TO:<jo@behind.example>']);
  expect([only(host.peers), only(proxy.asked).target]).toEqual([proxyAddress, `${host.address}:${world.hostPort}`]);
});

it('a host that the proxy finds closed is passed over for the next, in the same attempt', () => passesOverClosedHost(world));

it('a login that the proxy refuses keeps the mail, with that as reason and without an attempt', async () => {
  const host = await world.host('mx.refused.example');
  world.mx('refused.example', 'mx.refused.example');
  await world.send('jo@refused.example', `From: <news@sender.example>\r\nX-Sluice-Pool: wrong\r\n\r\nhello`);
  const failed = () => world.events(null).find(({ detail }) => detail?.includes('the login is refused'));
  await expect.poll(failed, { timeout: 10_000 }).toMatchObject({ type: 'path_deferred', bounceClass: 'network' });
  expect(world.events('jo@refused.example').map(({ type }) => type)).toEqual(['accepted']);
  expect(host.connections).toBe(0);
});
