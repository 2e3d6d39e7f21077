// What a broken or hostile injector sends has a clear reply, and the session goes on: no port in a recipient's domain, no octets that are
// no text, no endless lines.
import { afterAll, beforeAll, beforeEach, afterEach, expect, it } from 'vitest';
import { Dialogue } from '../delivery/smtp-dialogue.ts';
import { sender, startWorld, type World } from './testing/world.ts';

let world: World;
let dialogue: Dialogue;
beforeAll(async () => {
  world = await startWorld();
});
beforeEach(async () => {
  dialogue = await Dialogue.open(world.smtpPort);
  await dialogue.say('EHLO client.example\r\n');
});
afterEach(() => dialogue.close());
afterAll(() => world?.close());

it.each(['a@b.example:2025', 'a@[127.0.0]', 'a@b..example', 'a@-b.example', '@b.example', 'a', '"info@"@b.example'])(
  'RCPT TO:<%s> is refused for good',
  async (recipient) => {
    expect(await dialogue.say(`MAIL FROM:<${sender}>\r\n`)).toMatch(/^250/);
    expect(await dialogue.say(`RCPT TO:<${recipient}>\r\n`)).toMatch(/^5\d\d /);
    expect(await dialogue.say('RCPT TO:<jo@good.example>\r\n')).toMatch(/^250/);
  },
);

it('random octets for a command are refused, and the session goes on', async () => {
  const noise = Buffer.from(Array.from({ length: 200 }, (_, index) => (index * 7919 + 131) % 256))
    .toString('latin1')
    .replaceAll(/[\r\n]/g, '');
  expect(await dialogue.say(`${noise}\r\n`)).toMatch(/^5\d\d /);
  expect(await dialogue.say(`MAIL FROM:<${sender}>\r\n`)).toMatch(/^250/);
});

it('a line of content longer than 998 octets is refused, and the session goes on', async () => {
  for (const command of [`MAIL FROM:<${sender}>`, 'RCPT TO:<jo@good.example>', 'DATA']) await dialogue.say(`${command}\r\n`);
  expect(await dialogue.say(`From: <${sender}>\r\n\r\n${'x'.repeat(999)}\r\n.\r\n`)).toMatch(/^554 5\.6\.0 line 3 is longer/);
  expect(await dialogue.say(`MAIL FROM:<${sender}>\r\n`)).toMatch(/^250/);
});
