// Delivery status notifications asked for by the sender: each recipient's own NOTIFY and ORCPT go on to a server that knows them, and
// where it does not, what we report ourselves names the original recipient. RFC 3461.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Dialogue } from '../delivery/smtp-dialogue.ts';
import { offer } from './testing/receiver.ts';
import { only, sender, startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

/** Hands in one message with what the sender wants to know of each recipient. */
async function submit(...recipients: string[]): Promise<void> {
  const client = await Dialogue.open(world.smtpPort);
  expect(await client.say('EHLO client.example\r\n')).toMatch(/^250[- ]DSN\r?$/m);
  expect(await client.say(`MAIL FROM:<${sender}> RET=HDRS ENVID=job+2B17\r\n`)).toMatch(/^250/);
  for (const recipient of recipients) expect(await client.say(`RCPT TO:${recipient}\r\n`)).toMatch(/^250/);
  await client.say('DATA\r\n');
  expect(await client.say(`From: <${sender}>\r\nSubject: reported\r\n\r\nhello\r\n.\r\n`)).toMatch(/^250/);
  client.close();
}

it('a server that offers DSN is told RET and ENVID once, and NOTIFY and ORCPT of each recipient', async () => {
  const host = await world.host('mx.knows.example', { EHLO: offer('PIPELINING', 'DSN') });
  world.mx('knows.example', 'mx.knows.example');
  await submit(
    '<a@knows.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;list+2Ba@old.example',
    '<b@knows.example> NOTIFY=NEVER ORCPT=rfc822;b@old.example',
    '<c@knows.example>',
  );
  await world.story('c@knows.example', 'accepted', 'delivered');
  const message = only(host.messages);
  expect(message.mail).toMatch(/ RET=HDRS(?: |$)/);
  expect(message.mail).toMatch(/ ENVID=job\+2B17(?: |$)/);
  const [a = '', b = '', c = ''] = message.rcpts;
  expect(a).toMatch(/^RCPT TO:<a@knows\.example> .*NOTIFY=SUCCESS,FAILURE/);
  expect(a).toContain('ORCPT=rfc822;list+2Ba@old.example');
  expect(b).toContain('NOTIFY=NEVER');
  expect(b).toContain('ORCPT=rfc822;b@old.example');
  expect(c).not.toContain('ORCPT');
});

it('a server without DSN is told nothing of it, and our report of a refusal names the original recipient', async () => {
  const home = await world.host('mx.sender.example');
  world.mx('sender.example', 'mx.sender.example');
  const host = await world.host('mx.plain.example', { RCPT: '550 5.1.1 no such user\r\n' });
  world.mx('plain.example', 'mx.plain.example');
  await submit('<a@plain.example> NOTIFY=FAILURE ORCPT=rfc822;first@old.example', '<b@plain.example> NOTIFY=NEVER');
  await expect.poll(() => home.messages.length, { timeout: 10_000 }).toBe(1);
  expect(host.commands.map(({ line }) => line).filter((line) => /NOTIFY|ORCPT|RET=|ENVID/.test(line))).toEqual([]);
  const report = only(home.messages).content;
  expect(report).toMatch(/^Original-Envelope-Id: job\+17\r?$/m);
  expect(report).toMatch(/^Original-Recipient: rfc822; ?first@old\.example\r?$/m);
  expect(report).not.toContain('b@plain.example');
});
