// An operator's route stands in place of DNS: for one domain, for all below one, for the rest; with hosts tried by preference and a port
// and a TLS mode of its own.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { offer } from './testing/receiver.ts';
import { id, only, startWorld, type World } from './testing/world.ts';

const route = (number: number, domain: string, host: string, more: Record<string, unknown> = {}) => ({
  ...{ kind: 'route', id: id(80 + number) },
  body: { domain, host, port: 25, ...more },
});
let world: World;
beforeAll(async () => {
  world = await startWorld({
    entities: [
      route(1, 'shop.example', 'one.relay.example'),
      route(2, '.shop.example', 'below.relay.example'),
      route(3, 'spare.example', 'dead.relay.example', {
        preference: 10,
        alternatives: [
          { host: 'last.relay.example', port: 25, preference: 30 },
          { host: 'next.relay.example', port: 25, preference: 20 },
        ],
      }),
      route(4, 'strict.example', 'strict.relay.example', { tls: 'required' }),
    ],
  });
});
afterAll(() => world?.close());

it('mail for the domain, for names below it and for others goes to the host that is named for each, MX or not', async () => {
  const [one, below, own] = [
    await world.host('one.relay.example'),
    await world.host('below.relay.example'),
    await world.host('mx.shop.example'),
  ];
  for (const domain of ['shop.example', 'eu.shop.example', 'workshop.example']) world.mx(domain, 'mx.shop.example');
  for (const domain of ['shop.example', 'eu.shop.example', 'workshop.example']) {
    await world.send(`jo@${domain}`);
    await world.story(`jo@${domain}`, 'accepted', 'delivered');
  }
  const taken = [one, below, own].map((host) => only(host.messages).rcpts);
  expect(taken).toEqual([['RCPT TO:<jo@shop.example>'], ['RCPT TO:<jo@eu.shop.example>'], ['RCPT TO:<jo@workshop.example>']]);
});

it('the hosts of a route are tried by preference in one attempt', async () => {
  await (await world.host('dead.relay.example')).close();
  const [next, last] = [await world.host('next.relay.example'), await world.host('last.relay.example')];
  await world.send('jo@spare.example');
  const [, delivered] = await world.story('jo@spare.example', 'accepted', 'delivered');
  expect(delivered).toMatchObject({ attempt: 1, mxHost: 'next.relay.example' });
  expect([next.messages.length, last.connections]).toEqual([1, 0]);
});

it('a route that requires TLS gives nothing to a host without it, and delivers over it once it is there', async () => {
  const host = await world.host('strict.relay.example', { EHLO: offer('PIPELINING') });
  await world.send('jo@strict.example');
  await expect.poll(() => world.events(null).some(({ bounceClass }) => bounceClass === 'tls'), { timeout: 10_000 }).toBe(true);
  expect(host.messages).toEqual([]);
  host.answers.EHLO = offer('PIPELINING', 'STARTTLS');
  await world.stop();
  await world.start();
  await world.story('jo@strict.example', 'accepted', 'delivered');
  expect(only(host.messages).tls).toBe(true);
});
