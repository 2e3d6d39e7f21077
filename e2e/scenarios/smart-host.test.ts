// A smart host takes the mail for everybody, and wants to know who we are: the login is given within TLS only, and a wrong one keeps the
// mail without costing it an attempt. RFC 4954.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { offer, type Receiver } from './testing/receiver.ts';
import { id, startWorld, type World } from './testing/world.ts';

const login = { authUsername: 'relay-user', authSecretId: id(90) };
const plain = Buffer.from('\0relay-user\0open sesame').toString('base64');
let world: World;
let relay: Receiver;
beforeAll(async () => {
  world = await startWorld({
    secrets: { [id(90)]: 'open sesame' },
    entities: [
      { kind: 'route', id: id(80), body: { domain: '*', host: 'relay.example', port: 25, ...login } },
      { kind: 'route', id: id(81), body: { domain: 'clear.example', host: 'clear.relay.example', port: 25, ...login } },
      { kind: 'route', id: id(82), body: { domain: 'wrong.example', host: 'wrong.relay.example', port: 25, ...login } },
    ],
  });
  relay = await world.host('relay.example', {
    EHLO: offer('PIPELINING', 'STARTTLS', 'AUTH PLAIN LOGIN'),
    AUTH: ({ line }) => (line === `AUTH PLAIN ${plain}` ? '235 2.7.0 welcome\r\n' : '535 5.7.8 who are you?\r\n'),
  });
});
afterAll(() => world?.close());

it('mail for any domain goes to the smart host after a login within TLS, over one connection', async () => {
  const domains = ['one.example', 'two.example', 'three.example'];
  for (const domain of domains) {
    await world.send(`jo@${domain}`);
    await world.story(`jo@${domain}`, 'accepted', 'delivered');
  }
  expect(relay.messages.map(({ rcpts, tls, connection }) => [rcpts, tls, connection])).toEqual(
    domains.map((domain) => [[`RCPT TO:<jo@${domain}>`], true, 1]),
  );
  const said = relay.commands.map(({ line }) => line.split(' ')[0]);
  expect(said.slice(0, 5)).toEqual(['EHLO', 'STARTTLS', 'EHLO', 'AUTH', 'MAIL']);
});

it('the password is not shown to a host without TLS: the mail waits, without an attempt', async () => {
  const host = await world.host('clear.relay.example', { EHLO: offer('AUTH PLAIN') });
  await world.send('jo@clear.example');
  await expect.poll(() => world.events(null).find(({ mxHost }) => mxHost === 'clear.relay.example'), { timeout: 10_000 }).toBeDefined();
  expect(host.commands.filter(({ line }) => /^(?:AUTH|MAIL)/.test(line))).toEqual([]);
  expect(world.events('jo@clear.example').map(({ type }) => type)).toEqual(['accepted']);
});

it('a login that is refused keeps the mail with the reply as reason, and it goes out once the login is taken', async () => {
  const host = await world.host('wrong.relay.example', {
    EHLO: offer('STARTTLS', 'AUTH PLAIN'),
    AUTH: '535 5.7.8 authentication failed\r\n',
  });
  await world.send('jo@wrong.example');
  const refused = () => world.events(null).find(({ mxHost }) => mxHost === 'wrong.relay.example');
  await expect.poll(refused, { timeout: 10_000 }).toMatchObject({ type: 'path_deferred', reply: { code: 535, command: 'auth' } });
  expect(host.messages).toEqual([]);
  expect(world.events('jo@wrong.example').map(({ type }) => type)).toEqual(['accepted']);
  delete host.answers.AUTH;
  await world.stop();
  await world.start();
  const [, delivered] = await world.story('jo@wrong.example', 'accepted', 'delivered');
  expect(delivered).toMatchObject({ attempt: 1 });
});
