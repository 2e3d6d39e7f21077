// Over which TLS a message came in is written into its Received field, for whoever follows its way. RFC 5321 section 4.4, RFC 3848.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Dialogue } from '../delivery/smtp-dialogue.ts';
import { only, sender, startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

it.each([
  ['tls.example', true, /\(using TLSv1\.3 with cipher TLS_[A-Z0-9_]+\)\s+by \S+ with ESMTPS id /],
  ['clear.example', false, /\]\)\s+by \S+ with ESMTP id /],
])('a message for %s, over TLS: %s, says so', async (domain, tls, received) => {
  const host = await world.host(`mx.${domain}`);
  world.mx(domain, `mx.${domain}`);
  const client = await Dialogue.open(world.smtpPort);
  await client.say('EHLO client.example\r\n');
  if (tls) {
    await client.secure();
    await client.say('EHLO client.example\r\n');
  }
  expect(await client.say(`MAIL FROM:<${sender}>\r\n`)).toMatch(/^250/);
  expect(await client.say(`RCPT TO:<jo@${domain}>\r\n`)).toMatch(/^250/);
  await client.say('DATA\r\n');
  expect(await client.say(`From: <${sender}>\r\n\r\nhello\r\n.\r\n`)).toMatch(/^250/);
  client.close();
  await world.story(`jo@${domain}`, 'accepted', 'delivered');
  expect(only(host.messages).content).toMatch(/^Received: from client\.example \(\[127\.0\.0\.1\]/m);
  expect(only(host.messages).content).toMatch(received);
});
