// Against receivers we did not write: nodemailer's server takes exactly the bytes we were given, through plaintext and TLS; the sandbox's
// providers give every kind of outcome.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator, type ReceivedMessage, type Simulator } from '@sluice/isp-simulator';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDialer, systemClock } from '../host/index.ts';
import { pick, seeded } from '../message/testing.ts';
import type { Transaction } from '../ports.ts';
import { createAttempter } from './attempter.ts';
import { hostAt, offer, pathWith, scriptedServer, testAttempter, testPath, transactionTo } from './testing.ts';

/** Random lines of dots, odd ends and 8-bit octets; CRLF at the end, since that is what is stored. */
function randomMessage(seed: number): Buffer {
  const rng = seeded(seed);
  const pieces = ['.', '..', '\r\n', '\r\n.', '\r\n..\r\n', 'text', ' ', 'é', '\r\n\r\n', 'x'.repeat(400)];
  const body = Array.from({ length: Math.floor(rng() * 60) }, () => pick(rng, pieces)).join('');
  return Buffer.from(`From: s@x.example\r\nSubject: ${seed}\r\n\r\n${body}\r\n`);
}

describe.each([false, true])('what arrives at a foreign receiver (TLS %s)', (tls) => {
  it('is what was sent, for 150 random messages on one connection', async () => {
    const received: Buffer[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: tls ? ['AUTH'] : ['AUTH', 'STARTTLS'],
      onData(stream, _session, callback) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          received.push(Buffer.concat(chunks));
          callback();
        });
      },
    });
    server.on('error', () => undefined);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
    const result = await testAttempter().connect(pathWith({ messagesPerConnection: 1_000 }), [
      hostAt((server.server.address() as AddressInfo).port),
    ]);
    if (!result.ok) throw new Error(JSON.stringify(result.failure));
    expect(result.session.facts.tls === null).toBe(!tls);
    if (tls) expect(result.session.facts.tls).toMatchObject({ version: 'TLSv1.3', verified: false });
    const sent = Array.from({ length: 150 }, (_, index) => randomMessage(index + 1));
    for (const bytes of sent)
      expect(await result.session.deliver(transactionTo(['a@y.example'], bytes, { eightBit: true }))).toMatchObject([
        { kind: 'delivered' },
      ]);
    await result.session.quit();
    expect(received.map((bytes) => bytes.toString('latin1'))).toEqual(sent.map((bytes) => bytes.toString('latin1')));
    await new Promise<void>((done) => server.close(() => done()));
  });
});

it('a message by BDAT arrives octet for octet, dots and all, with the next envelope behind it', async () => {
  const server = await scriptedServer({ EHLO: offer('PIPELINING', '8BITMIME', 'CHUNKING') });
  const result = await testAttempter().connect(pathWith({ chunking: true, messagesPerConnection: 1_000 }), [hostAt(server.port)]);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  const sent = [...Array.from({ length: 100 }, (_, index) => randomMessage(index + 1)), Buffer.alloc(400_000, '.x\r\n')];
  let following: Transaction | null = null;
  let given = 0;
  const make = () => transactionTo(['a@y.example'], sent[given++], { eightBit: true });
  for (let count = 0; count < sent.length; count += 1) {
    const present: Transaction = following ?? make();
    following = null;
    const next = () => (following = given < sent.length ? make() : null);
    expect(await result.session.deliver(present, next)).toMatchObject([{ kind: 'delivered' }]);
  }
  result.session.destroy();
  expect(server.messages).toEqual(sent.map((bytes) => bytes.toString('latin1')));
  expect([server.commands.filter((line) => line === 'DATA'), server.connections()]).toEqual([[], 1]);
  await server.close();
});

describe('a foreign server that asks who we are', () => {
  const secrets = new Map([['s1', 'hush']]);
  const keyStore = { open: (id: string) => (secrets.has(id) ? Buffer.from(secrets.get(id) ?? '') : null) };
  const attempter = createAttempter({ dialer: createDialer({ egress: 'sandbox', sandboxSmtpPort: null }), clock: systemClock, keyStore });
  async function serverFor(method: 'PLAIN' | 'LOGIN'): Promise<{ port: number; close(): Promise<void>; logins: string[] }> {
    const logins: string[] = [];
    const server = new SMTPServer({
      authMethods: [method],
      onAuth(auth, _session, callback) {
        logins.push(`${auth.method} ${auth.username}`);
        if (auth.username === 'relay' && auth.password === 'hush') callback(null, { user: 'relay' });
        else callback(new Error('wrong'));
      },
      onData: (stream, _session, callback) => void stream.resume().on('end', () => callback()),
    });
    server.on('error', () => undefined);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
    const close = () => new Promise<void>((done) => server.close(() => done()));
    return { port: (server.server.address() as AddressInfo).port, close, logins };
  }

  it.each(['PLAIN', 'LOGIN'] as const)('gets the login by %s within TLS, and then the mail', async (method) => {
    const server = await serverFor(method);
    const result = await attempter.connect(pathWith({ authUsername: 'relay', authSecretId: 's1' }), [hostAt(server.port)]);
    if (!result.ok) throw new Error(JSON.stringify(result.failure));
    expect(await result.session.deliver(transactionTo(['a@y.example'], randomMessage(1)))).toMatchObject([{ kind: 'delivered' }]);
    await result.session.quit();
    expect(server.logins).toEqual([`${method} relay`]);
    await server.close();
  });

  it('that refuses the login, or whose password cannot be opened, delays the path and costs no mail', async () => {
    const server = await serverFor('PLAIN');
    const wrong = await attempter.connect(pathWith({ authUsername: 'other', authSecretId: 's1' }), [hostAt(server.port)]);
    expect(wrong).toMatchObject({ ok: false, failure: { kind: 'deferred', scope: 'path', reply: { code: 535, command: 'auth' } } });
    const sealed = await attempter.connect(pathWith({ authUsername: 'relay', authSecretId: 'gone' }), [hostAt(server.port)]);
    expect(sealed).toMatchObject({ ok: false, failure: { detail: 'the password of the login is not there or cannot be opened' } });
    expect(server.logins).toEqual(['PLAIN other']);
    await server.close();
  });
});

describe('a foreign LMTP server', () => {
  it('says of each recipient what became of it', async () => {
    const server = new SMTPServer({
      lmtp: true,
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      onData(stream, session, callback) {
        const full = Object.assign(new Error('4.2.2 full'), { responseCode: 452 });
        const each = session.envelope.rcptTo.map(({ address }) => (address.startsWith('full') ? full : 'in the box'));
        stream.resume().on('end', () => callback(null, each as unknown as string));
      },
    });
    server.on('error', () => undefined);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
    const result = await testAttempter().connect(pathWith({ protocol: 'lmtp' }), [hostAt((server.server.address() as AddressInfo).port)]);
    if (!result.ok) throw new Error(JSON.stringify(result.failure));
    const recipients = ['a@y.example', 'full@y.example', 'b@y.example'];
    for (let index = 0; index < 2; index += 1)
      expect(await result.session.deliver(transactionTo(recipients, randomMessage(2)))).toMatchObject([
        { kind: 'delivered' },
        { kind: 'deferred', scope: 'recipient', reply: { code: 452 } },
        { kind: 'delivered' },
      ]);
    await result.session.quit();
    await new Promise<void>((done) => server.close(() => done()));
  });
});

describe('the sandbox', () => {
  let simulator: Simulator;
  const directory = mkdtempSync(join(tmpdir(), 'sluice-wire-'));
  beforeAll(async () => {
    simulator = await startSimulator({ seed: 'wire', directory });
  });
  afterAll(async () => {
    await simulator.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const connectTo = (hostName: string) => {
    const host = simulator.hosts.find((one) => one.name === hostName);
    if (!host) throw new Error(`no host ${hostName}`);
    const attempter = createAttempter({
      dialer: createDialer({ egress: 'sandbox', sandboxSmtpPort: simulator.smtpPort }),
      clock: systemClock,
    });
    return attempter.connect({ ...testPath, source: { ...testPath.source, bindAddress: '127.0.8.1' } }, [
      { name: host.name, address: host.address, port: 25 },
    ]);
  };

  it('gives each recipient its outcome over TLS, and its log has the bytes and the id of the 250', async () => {
    const result = await connectTo('gmail-smtp-in.l.google.com');
    if (!result.ok) throw new Error(JSON.stringify(result.failure));
    expect(result.session.facts.tls).toMatchObject({ version: 'TLSv1.3' });
    const bytes = Buffer.from('From: s@x.example\r\nSubject: hi\r\n\r\n.dots\r\n..\r\n');
    const outcomes = await result.session.deliver(transactionTo(['jo@gmail.com', 'unknown.jo@gmail.com', 'full.jo@gmail.com'], bytes));
    await result.session.quit();
    expect(outcomes).toMatchObject([
      { kind: 'delivered' },
      { kind: 'bounced', scope: 'recipient', bounceClass: 'bad_mailbox' },
      { kind: 'deferred', scope: 'recipient', bounceClass: 'mailbox_full' },
    ]);
    const messages: ReceivedMessage[] = [];
    for await (const message of simulator.received()) messages.push(message);
    const kept = messages.find((message) => message.sourceAddress === '127.0.8.1');
    expect(kept).toMatchObject({ sha256: createHash('sha256').update(bytes).digest('hex'), ehlo: 'out.example', bareLineFeeds: 0 });
    expect(outcomes[0]?.reply?.text).toContain(kept?.id ?? 'no id');
  });

  it('shows a dropped connection after the dot as a possible duplicate', async () => {
    const result = await connectTo('mx1.plain.example');
    if (!result.ok) throw new Error(JSON.stringify(result.failure));
    expect(await result.session.deliver(transactionTo(['drop.jo@plain.example']))).toMatchObject([
      { kind: 'deferred', scope: 'session', dotSent: true },
    ]);
    expect(result.session.usable).toBe(false);
  });

  it('shows a host where nothing listens as a failure of the path', async () => {
    expect(await connectTo('mail.dead.example')).toMatchObject({
      ok: false,
      failure: { scope: 'path', bounceClass: 'network', mxHost: 'mail.dead.example', detail: expect.stringContaining('ECONNREFUSED') },
    });
  });
});
