// A domain says by its MX that it takes no mail, or gives hosts that cannot be found. RFC 7505, RFC 5321 section 5.1.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { only, startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ stream: { retrySeconds: [3600] } });
});
afterAll(() => world?.close());

it('a null MX bounces with 5.1.10 and no connection is made, even where the name has an address', async () => {
  const host = await world.host('null.example');
  world.dns.override('null.example', 'MX', { kind: 'records', records: [{ type: 'MX', data: { exchange: '.', preference: 0 } }] });
  await world.send('jo@null.example');
  const [, bounced] = await world.story('jo@null.example', 'accepted', 'bounced');
  expect(bounced?.detail).toContain('5.1.10');
  expect(bounced?.bounceClass).toBe('bad_domain');
  expect(host.connections).toBe(0);
});

it('a domain without MX gets its mail at its own address', async () => {
  const host = await world.host('bare.example');
  world.dns.override('bare.example', 'MX', { kind: 'none' });
  await world.send('jo@bare.example');
  await world.story('jo@bare.example', 'accepted', 'delivered');
  expect(only(host.messages).rcpts).toEqual(['RCPT TO:<jo@bare.example>']);
});

it.each([
  ['whose name server fails', 'flaky.example', () => world.dns.override('flaky.example', 'MX', { kind: 'servfail' })],
  ['whose MX host has no address', 'lost.example', () => world.mx('lost.example', 'mx.lost.invalid')],
])('mail for a domain %s waits without an attempt, with the reason in the log', async (_name, domain, breakDns) => {
  breakDns();
  await world.send(`jo@${domain}`);
  const reason = () => world.events(null).find((event) => event.detail?.includes(domain.split('.')[0] ?? ''));
  await expect.poll(reason, { timeout: 10_000 }).toMatchObject({ type: 'path_deferred', bounceClass: 'dns', heldCount: 1 });
  expect(world.events(`jo@${domain}`).map((event) => event.type)).toEqual(['accepted']);
});
