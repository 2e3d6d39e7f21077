// 8-bit bodies and internationalised addresses go only to servers that say they take them; for the others the message ends with the
// enhanced code that says which it lacks. Bodies are never transcoded. RFC 6152 section 3, RFC 6531 section 3.5.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { offer } from './testing/receiver.ts';
import { only, sender, startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');
const eightBit = `From: <${sender}>\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${latin1('grüße')}`;

it('an 8-bit body goes octet for octet, with BODY=8BITMIME, to a server that takes it', async () => {
  const host = await world.host('mx.eight.example', { EHLO: offer('8BITMIME') });
  world.mx('eight.example', 'mx.eight.example');
  await world.send('jo@eight.example', eightBit, ' BODY=8BITMIME');
  await world.story('jo@eight.example', 'accepted', 'delivered');
  const message = only(host.messages);
  expect(message.mail).toContain('BODY=8BITMIME');
  expect(message.content.endsWith(`\r\n\r\n${latin1('grüße')}\r\n`)).toBe(true);
});

it('an 8-bit body bounces with 5.6.3 at a server that does not take it', async () => {
  const host = await world.host('mx.seven.example', { EHLO: offer('PIPELINING') });
  world.mx('seven.example', 'mx.seven.example');
  await world.send('jo@seven.example', eightBit, ' BODY=8BITMIME');
  const [, bounced] = await world.story('jo@seven.example', 'accepted', 'bounced');
  expect(bounced?.detail).toContain('5.6.3');
  expect(host.commands.map(({ line }) => line).filter((line) => line.startsWith('MAIL'))).toEqual([]);
});

it('a UTF-8 address goes as it is, with SMTPUTF8, to a server that takes it', async () => {
  const host = await world.host('mx.utf8.example', { EHLO: offer('8BITMIME', 'SMTPUTF8') });
  world.mx('utf8.example', 'mx.utf8.example');
  await world.send('jürgen@utf8.example', undefined, ' SMTPUTF8');
  await world.story('jürgen@utf8.example', 'accepted', 'delivered');
  const message = only(host.messages);
  expect(message.mail).toContain('SMTPUTF8');
  expect(message.rcpts).toEqual([latin1('RCPT TO:<jürgen@utf8.example>')]);
});

it('a UTF-8 address bounces with 5.6.7 at a server that does not take it', async () => {
  const host = await world.host('mx.ascii.example', { EHLO: offer('8BITMIME') });
  world.mx('ascii.example', 'mx.ascii.example');
  await world.send('jürgen@ascii.example', undefined, ' SMTPUTF8');
  const [, bounced] = await world.story('jürgen@ascii.example', 'accepted', 'bounced');
  expect(bounced?.detail).toContain('5.6.7');
  expect(host.messages).toEqual([]);
});
