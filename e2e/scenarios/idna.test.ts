// A domain in U-labels and the same in A-labels are one domain: A-labels in the DNS, on the wire and in the name of the TLS handshake.
// RFC 5890 section 2.3.2.1, RFC 6066 section 3.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { offer } from './testing/receiver.ts';
import { startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

it('recipients at a domain in U-labels and in A-labels both arrive over TLS whose server name is in A-labels', async () => {
  const ascii = 'xn--bcher-kva.example';
  const host = await world.host(`mx.${ascii}`, { EHLO: offer('STARTTLS', 'PIPELINING') });
  world.mx(ascii, `mx.${ascii}`);
  await world.send('one@bücher.example', undefined, ' SMTPUTF8');
  await world.send(`two@${ascii}`);
  await world.story(`one@${ascii}`, 'accepted', 'delivered');
  await world.story(`two@${ascii}`, 'accepted', 'delivered');
  expect(host.messages.flatMap((message) => message.rcpts).toSorted()).toEqual([`RCPT TO:<one@${ascii}>`, `RCPT TO:<two@${ascii}>`]);
  expect(host.messages.every((message) => message.tls)).toBe(true);
  expect(new Set(host.serverNames)).toEqual(new Set([`mx.${ascii}`]));
});
