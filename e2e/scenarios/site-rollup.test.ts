// Domains with the same MX set are one site: their mail shares a ready queue and its connections, as long as it asks for the same security.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { offer } from './testing/receiver.ts';
import { id, startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  const required = (number: number, domain: string) => ({
    ...{ kind: 'setting', id: id(number) },
    body: { name: domain, where: { domain }, values: { tls: 'required' } },
  });
  const verified = {
    kind: 'setting',
    id: id(52),
    body: { name: 'v', where: { domain: 'verified.example' }, values: { tls: 'required_verified' } },
  };
  world = await startWorld({
    stream: { retrySeconds: [3600] },
    settings: { idleTimeoutMs: 60_000 },
    entities: [required(50, 'strict.example'), required(51, 'stern.example'), verified],
  });
});
afterAll(() => world?.close());

it('mail for two domains with the same MX hosts goes over one connection, each message with its own recipient', async () => {
  const host = await world.host('mx.hosting.example');
  for (const domain of ['one.example', 'two.example']) world.mx(domain, 'mx.hosting.example');
  for (const domain of ['one.example', 'two.example']) {
    await world.send(`jo@${domain}`);
    await world.story(`jo@${domain}`, 'accepted', 'delivered');
  }
  expect(host.messages.map((message) => [message.connection, message.rcpts])).toEqual([
    [1, ['RCPT TO:<jo@one.example>']],
    [1, ['RCPT TO:<jo@two.example>']],
  ]);
  const sites = ['one.example', 'two.example'].map((domain) => world.events(`jo@${domain}`)[1]?.site);
  expect(new Set(sites).size).toBe(1);
});

it('a domain that requires TLS shares a connection with its equals only, one that requires a verified host gets none that is not', async () => {
  const host = await world.host('mx.shared.example', { EHLO: offer('PIPELINING', 'STARTTLS') });
  const domains = ['lax.example', 'strict.example', 'loose.example', 'stern.example', 'lax.example'];
  for (const domain of [...domains, 'verified.example']) world.mx(domain, 'mx.shared.example');
  for (const [index, domain] of domains.entries()) {
    await world.send(`r${index}@${domain}`);
    await world.story(`r${index}@${domain}`, 'accepted', 'delivered');
  }
  expect(host.messages.map(({ connection, tls }) => [connection, tls])).toEqual([
    [1, true],
    [2, true],
    [1, true],
    [2, true],
    [1, true],
  ]);
  const sites = domains.map((domain, index) => world.events(`r${index}@${domain}`)[1]?.site);
  expect(new Set(sites).size).toBe(1);
  await world.send('jo@verified.example');
  await expect.poll(() => world.events(null).some((event) => event.bounceClass === 'tls'), { timeout: 15_000 }).toBe(true);
  expect(host.messages).toHaveLength(5);
  expect(world.events('jo@verified.example').map((event) => event.type)).toEqual(['accepted']);
});
