// Where TLS is required mail never goes in the clear: not to a host that offers none, not after a handshake that failed, and with a
// verified certificate demanded not to a host whose certificate nobody vouches for.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { offer, type Answers } from './testing/receiver.ts';
import { id, startWorld, type World } from './testing/world.ts';

const rule = (number: number, domain: string, tls: string) => ({
  kind: 'setting',
  id: id(80 + number),
  body: { name: `TLS of ${domain}`, where: { domain }, values: { tls } },
});
const cases: [string, string, string, Answers][] = [
  ['that offers none', 'none.example', 'required', { EHLO: offer('PIPELINING') }],
  [
    'whose handshake fails',
    'broken.example',
    'required',
    { EHLO: offer('STARTTLS'), STARTTLS: ({ socket }) => (socket.end('220 go\r\n'), null) },
  ],
  ['whose certificate does not verify', 'unknown.example', 'required_verified', { EHLO: offer('STARTTLS') }],
];
let world: World;
beforeAll(async () => {
  world = await startWorld({
    entities: [...cases.map(([, domain, tls], index) => rule(index, domain, tls)), rule(9, 'good.example', 'required')],
  });
});
afterAll(() => world?.close());

it.each(cases)('mail for a host %s waits, with a reason that speaks of TLS', async (_name, domain, _tls, answers) => {
  const host = await world.host(`mx.${domain}`, answers);
  world.mx(domain, `mx.${domain}`);
  await world.send(`jo@${domain}`);
  const reason = () => [...world.events(null), ...world.events(`jo@${domain}`)].find((event) => event.mxHost === `mx.${domain}`);
  await expect.poll(() => reason()?.bounceClass, { timeout: 10_000 }).toBe('tls');
  expect(host.messages).toEqual([]);
  expect(host.commands.filter(({ line }) => line.startsWith('MAIL'))).toEqual([]);
});

it('mail for a host with TLS of any certificate is delivered over it', async () => {
  const host = await world.host('mx.good.example', { EHLO: offer('STARTTLS') });
  world.mx('good.example', 'mx.good.example');
  await world.send('jo@good.example');
  await world.story('jo@good.example', 'accepted', 'delivered');
  expect(host.messages.map((message) => message.tls)).toEqual([true]);
});
