// REQUIRETLS end to end: a client asks for it over TLS, and the message goes on only over verified TLS to a server that offers it too. Who
// lacks it gets nothing and the sender a bounce 5.7.30, under REQUIRETLS itself. RFC 8689.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from '@sluice/isp-simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Dialogue } from '../delivery/smtp-dialogue.ts';
import { offer, type Receiver } from './testing/receiver.ts';
import { id, sender, startWorld, type World } from './testing/world.ts';

const domains = ['offering', 'lacking', 'stranger', 'sender'].map((name) => `${name}.example`);
/** An operator's route names the hosts: no stranger can put another one in their place. RFC 8689 section 4.2.1 */
const routes = domains.map((domain, index) => ({ kind: 'route', id: id(80 + index), body: { domain, host: `mx.${domain}`, port: 25 } }));
let world: World;
let certificates: Awaited<ReturnType<typeof makeCertificates>>;
let folder = '';
let senders: Receiver;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-require-tls-'));
  certificates = await makeCertificates(['mx.offering.example', 'mx.lacking.example', 'mx.sender.example'], Date.now());
  const roots = join(folder, 'ca.pem');
  writeFileSync(roots, certificates.caPem);
  world = await startWorld({ entities: routes, environment: { NODE_EXTRA_CA_CERTS: roots } });
  senders = await host('sender.example', 'STARTTLS', 'REQUIRETLS');
});
afterAll(async () => {
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

function host(domain: string, ...keywords: string[]): Promise<Receiver> {
  return world.host(`mx.${domain}`, { EHLO: offer(...keywords) }, certificates.contextFor(`mx.${domain}`));
}

/** Hands a message in over TLS, with REQUIRETLS. */
async function submit(recipient: string): Promise<void> {
  const client = await Dialogue.open(world.smtpPort);
  await client.say('EHLO client.example\r\n');
  await client.secure();
  expect(await client.say('EHLO client.example\r\n')).toMatch(/^250[- ]REQUIRETLS\r?$/m);
  expect(await client.say(`MAIL FROM:<${sender}> REQUIRETLS\r\n`)).toMatch(/^250/);
  expect(await client.say(`RCPT TO:<${recipient}>\r\n`)).toMatch(/^250/);
  await client.say('DATA\r\n');
  expect(await client.say(`From: <${sender}>\r\nSubject: secret\r\n\r\nhello\r\n.\r\n`)).toMatch(/^250/);
  client.close();
}

it('a message goes on over verified TLS to a server that offers REQUIRETLS, and says so there', async () => {
  const receiver = await host('offering.example', 'STARTTLS', 'REQUIRETLS');
  await submit('jo@offering.example');
  const [, delivered] = await world.story('jo@offering.example', 'accepted', 'delivered');
  expect(delivered?.tls).toMatchObject({ verified: true, verifiedBy: 'pkix' });
  expect(receiver.messages).toMatchObject([{ tls: true, mail: expect.stringMatching(/ REQUIRETLS$/) }]);
});

it('a server that does not offer it gets nothing, and the sender a bounce 5.7.30 under REQUIRETLS, without the text', async () => {
  const receiver = await host('lacking.example', 'STARTTLS');
  await submit('jo@lacking.example');
  const [, bounced] = await world.story('jo@lacking.example', 'accepted', 'bounced');
  expect(bounced).toMatchObject({ bounceClass: 'tls', detail: expect.stringContaining('5.7.30') });
  expect(receiver.messages).toEqual([]);
  await expect.poll(() => senders.messages.length, { timeout: 10_000 }).toBe(1);
  expect(senders.messages[0]).toMatchObject({ tls: true, mail: expect.stringMatching(/^MAIL FROM:<>.* REQUIRETLS$/) });
  expect(senders.messages[0]?.content).toMatch(/^Status: 5\.7\.30\r?$/m);
  expect(senders.messages[0]?.content).not.toContain('hello');
});

it('a server whose certificate does not verify gets nothing: the message waits', async () => {
  const receiver = await host('stranger.example', 'STARTTLS', 'REQUIRETLS');
  await submit('jo@stranger.example');
  const reason = () => world.events(null).find((event) => event.mxHost === 'mx.stranger.example');
  await expect.poll(() => reason()?.bounceClass, { timeout: 10_000 }).toBe('tls');
  expect(world.events('jo@stranger.example').map((event) => event.type)).toEqual(['accepted']);
  expect(receiver.messages).toEqual([]);
});
