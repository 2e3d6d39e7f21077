import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Injection } from '../entry.ts';
import { systemClock, systemRandom } from '../host/index.ts';
import { SpoolError, type SpoolTrouble } from '../ports.ts';
import { generationOf, id, smallConfig } from '../testing/sample-config.ts';
import { memorySpool } from '../testing/memory-spool.ts';
import { SubmissionListener } from './listener.ts';
import { submissionDefaults } from './transaction.ts';

/** Holds what it is given; fails as a full or a broken disk would. */
class ScriptedSpool {
  readonly accepted: Injection[] = [];
  reported: SpoolTrouble | null = null;
  failing: SpoolTrouble | null = null;
  async accept(injection: Injection): Promise<void> {
    if (this.failing) throw new SpoolError(this.failing);
    this.accepted.push(injection);
  }
}

const diskFull: SpoolTrouble = { code: 'disk_full', message: 'no space', deliveryMayGoOn: true };
const generation = generationOf([
  ...smallConfig(),
  { kind: 'relay', id: id(900), body: { tenantId: id(1), streamId: id(301), cidr: '127.0.0.0/8' } },
]);
let spool: ScriptedSpool;
let listener: SubmissionListener;
let port: number;
let running: typeof generation | null = generation;

beforeAll(async () => {
  const pair = await generate([{ name: 'commonName', value: 'mx.example' }], { keyType: 'ec' });
  const tls = { key: pair.private, cert: pair.cert };
  const ports = {
    clock: systemClock,
    random: systemRandom,
    accept: (injection: Injection) => spool.accept(injection),
    draft: () => memorySpool().draft(),
    trouble: () => spool.reported,
    generation: () => running,
    takesMail: () => true,
    log: () => undefined,
  };
  listener = new SubmissionListener(ports, {
    ...submissionDefaults,
    bind: '127.0.0.1',
    port: 0,
    hostName: 'mx.example',
    egress: 'sandbox',
    tls,
    maxMessageBytes: 100_000,
  });
  port = await listener.listen();
});
afterAll(() => listener.close(1_000));
beforeEach(() => {
  spool = new ScriptedSpool();
  running = generation;
});

/** Sends whole flights and collects everything until the server has sent `replies` final reply lines. */
async function converse(socket: Socket, flight: string, replies: number): Promise<string[]> {
  let text = '';
  const done = new Promise<void>((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      text += chunk.toString();
      if ((text.match(/^\d{3} .*\r\n/gm) ?? []).length < replies) return;
      socket.off('data', onData).off('close', onClose);
      resolve();
    };
    const onClose = () => reject(new Error(`closed after ${JSON.stringify(text)}`));
    socket.on('data', onData).once('close', onClose);
  });
  if (flight !== '') socket.write(flight);
  await done;
  return text.match(/^\d{3} .*/gm)?.map((line) => line.trimEnd()) ?? [];
}

async function open(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await converse(socket, '', 1);
  return socket;
}

const envelope = 'MAIL FROM:<a@tenant1.example>\r\nRCPT TO:<b@Example.ORG>\r\nDATA\r\n';
const content = 'From: <a@tenant1.example>\r\nX-Sluice-Campaign: spring\r\nSubject: hi\r\n\r\n..dot\r\nlast\r\n';

describe('SubmissionListener', () => {
  it('greets at once: a sender with a connection for every message does not wait for each', async () => {
    const startedAt = performance.now();
    for (let count = 0; count < 30; count += 1) (await open()).destroy();
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });

  it('answers 250 with the id under which the spool has it, header added, instructions and dot-stuffing gone', async () => {
    const socket = await open();
    await converse(socket, 'EHLO c.example\r\n', 1);
    await converse(socket, envelope, 3);
    const [reply] = await converse(socket, `${content}.\r\n`, 1);
    socket.destroy();
    const [injection] = spool.accepted;
    expect(reply).toBe(`250 2.0.0 Ok: queued as ${injection?.messageId}`);
    expect(injection).toMatchObject({ tenantId: id(1), streamId: id(301), campaign: 'spring', sender: 'a@tenant1.example', poolId: null });
    expect(injection?.recipients).toEqual([{ address: 'b@example.org', domain: 'example.org', dsn: null }]);
    const stored = Buffer.from(injection?.bytes ?? []).toString();
    expect(stored).toMatch(/^Received: from c\.example \(\[127\.0\.0\.1\]\)/);
    expect(stored).not.toMatch(/X-Sluice/i);
    expect(stored.endsWith('\r\n\r\n.dot\r\nlast\r\n')).toBe(true);
    expect(injection?.facts.sizeBytes).toBe(injection?.bytes.byteLength);
  });

  it('refuses with 452 when the disk is full, at MAIL or at the end of the data, and keeps nothing', async () => {
    const socket = await open();
    await converse(socket, 'EHLO c.example\r\n', 1);
    spool.reported = diskFull;
    expect(await converse(socket, 'MAIL FROM:<a@tenant1.example>\r\n', 1)).toEqual([
      '452 4.3.1 Insufficient system storage, try again later',
    ]);
    spool.reported = null;
    spool.failing = diskFull;
    await converse(socket, envelope, 3);
    expect(await converse(socket, `${content}.\r\n`, 1)).toEqual(['452 4.3.1 Insufficient system storage, try again later']);
    spool.failing = { code: 'io_error', message: 'EIO', deliveryMayGoOn: false };
    await converse(socket, envelope, 3);
    expect(await converse(socket, `${content}.\r\n`, 1)).toEqual(['451 4.3.0 The message could not be stored, try again later']);
    socket.destroy();
    expect(spool.accepted).toEqual([]);
  });

  it('keeps nothing of a message whose client went away before the final dot', async () => {
    const socket = await open();
    await converse(socket, 'EHLO c.example\r\n', 1);
    await converse(socket, envelope, 3);
    socket.write(content);
    socket.destroy();
    const again = await open();
    await converse(again, 'EHLO c.example\r\n', 1);
    await converse(again, 'NOOP\r\n', 1);
    again.destroy();
    expect(spool.accepted).toEqual([]);
  });

  it('takes no mail before the first configuration', async () => {
    running = null;
    const socket = await open();
    await converse(socket, 'EHLO c.example\r\n', 1);
    expect(await converse(socket, 'MAIL FROM:<a@tenant1.example>\r\n', 1)).toEqual(['451 4.3.2 No configuration yet, try again later']);
    socket.destroy();
  });

  it('offers only what egress honours, and nothing below TLS 1.2', async () => {
    const socket = await open();
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await converse(socket, 'EHLO c.example\r\n', 1);
    const offered = [...text.matchAll(/^250[- ](\S+)/gm)].slice(1).map((match) => match[1]);
    expect(offered).toEqual(['PIPELINING', '8BITMIME', 'SMTPUTF8', 'DSN', 'AUTH', 'STARTTLS', 'SIZE']);
    await converse(socket, 'STARTTLS\r\n', 1);
    socket.removeAllListeners('data');
    const failed = await new Promise<string>((resolve) => {
      const tls = connectTls({
        socket,
        rejectUnauthorized: false,
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.1',
        ciphers: 'DEFAULT@SECLEVEL=0',
      });
      tls.once('secureConnect', () => resolve('connected')).once('error', (error) => resolve(error.message));
    });
    expect(failed).not.toBe('connected');
  });

  it('keeps what DSN parameters and our fields ask for, and refuses what is malformed or needs TLS', async () => {
    const socket = await open();
    await converse(socket, 'EHLO c.example\r\n', 1);
    const from = 'MAIL FROM:<a@tenant1.example> RET=HDRS ENVID=x+2B1\r\n';
    const to = 'RCPT TO:<b@example.org> NOTIFY=FAILURE,DELAY ORCPT=rfc822;B+2Bx@example.org\r\nRCPT TO:<c@example.org>\r\nDATA\r\n';
    await converse(socket, from + to, 4);
    const fields = 'X-Sluice-Not-Before: 600\r\nX-Sluice-Expires: 1200\r\nX-Sluice-Window: mon-fri 08:00-20:00 Europe/Berlin\r\n';
    expect((await converse(socket, `${fields}${content}.\r\n`, 1))[0]).toMatch(/^250/);
    const [injection] = spool.accepted;
    expect(injection?.recipients).toEqual([
      { address: 'b@example.org', domain: 'example.org', dsn: { notify: 'FAILURE,DELAY', orcpt: 'rfc822;B+2Bx@example.org' } },
      { address: 'c@example.org', domain: 'example.org', dsn: null },
    ]);
    const { options, acceptedAt = 0, expiresAt } = injection ?? {};
    expect(options).toMatchObject({ ret: 'HDRS', envid: 'x+1', ownExpiry: true, requireTls: false, notBefore: acceptedAt + 600_000 });
    expect(options?.window).toEqual({ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '20:00', zone: 'Europe/Berlin' });
    expect(expiresAt).toBe(acceptedAt + 1_200_000);
    expect(await converse(socket, 'MAIL FROM:<a@tenant1.example> RET=SOME\r\n', 1)).toEqual([expect.stringMatching(/^501/)]);
    expect(await converse(socket, `MAIL FROM:<a@tenant1.example> ENVID=${'x'.repeat(101)}\r\n`, 1)).toEqual([
      expect.stringMatching(/^501 5\.5\.4/),
    ]);
    // RFC 8689 section 2: REQUIRETLS only over TLS.
    expect(await converse(socket, 'MAIL FROM:<a@tenant1.example> REQUIRETLS\r\n', 1)).toEqual([expect.stringMatching(/^530/)]);
    for (const rcpt of ['NOTIFY=NEVER,DELAY', 'ORCPT=nothing', `ORCPT=rfc822;${'x'.repeat(500)}`]) {
      await converse(socket, 'RSET\r\nMAIL FROM:<a@tenant1.example>\r\n', 2);
      expect(await converse(socket, `RCPT TO:<b@example.org> ${rcpt}\r\n`, 1), rcpt).toEqual([expect.stringMatching(/^501/)]);
    }
    for (const field of [
      'Expires: soon',
      'Expires: 0',
      'Not-Before: 2026-11-24 08:00',
      'Window: always',
      'Window: mon 08:00-20:00 Mars/Base',
    ]) {
      await converse(socket, `RSET\r\n${envelope}`, 4);
      expect((await converse(socket, `X-Sluice-${field}\r\n${content}.\r\n`, 1))[0], field).toMatch(/^550 5\.6\.0/);
    }
    socket.destroy();
    expect(spool.accepted.length).toBe(1);
  });

  it('offers REQUIRETLS over TLS and keeps it with the message', async () => {
    const socket = await open();
    await converse(socket, 'EHLO c.example\r\nSTARTTLS\r\n', 2);
    const tls = await new Promise<Socket>((resolve) => {
      const secured = connectTls({ socket, rejectUnauthorized: false }, () => resolve(secured));
    });
    tls.write('EHLO c.example\r\n');
    const offered = await new Promise<string>((resolve) => tls.once('data', (chunk: Buffer) => resolve(chunk.toString())));
    expect(offered).toMatch(/^250[- ]REQUIRETLS\r$/m);
    await converse(tls, 'MAIL FROM:<a@tenant1.example> REQUIRETLS\r\nRCPT TO:<b@example.org>\r\nDATA\r\n', 3);
    await converse(tls, `${content}.\r\n`, 1);
    tls.destroy();
    expect(spool.accepted[0]?.options).toMatchObject({ requireTls: true });
  });

  it('keeps TLS-Required: No with the message, unless REQUIRETLS came with it', async () => {
    const socket = await open();
    await converse(socket, 'EHLO c.example\r\n', 1);
    for (const field of ['TLS-Required: No', 'tls-required: no ', 'TLS-Required: Yes', 'TLS-Required: Nope']) {
      await converse(socket, envelope, 3);
      expect((await converse(socket, `${field}\r\n${content}.\r\n`, 1))[0]).toMatch(/^250/);
    }
    expect(spool.accepted.map(({ options }) => options?.tlsOptional ?? false)).toEqual([true, true, false, false]);
    await converse(socket, 'STARTTLS\r\n', 1);
    const tls = await new Promise<Socket>((resolve) => {
      const secured = connectTls({ socket, rejectUnauthorized: false }, () => resolve(secured));
    });
    await converse(tls, 'EHLO c.example\r\n', 1);
    await converse(tls, 'MAIL FROM:<a@tenant1.example> REQUIRETLS\r\nRCPT TO:<b@example.org>\r\nDATA\r\n', 3);
    await converse(tls, `TLS-Required: No\r\n${content}.\r\n`, 1);
    tls.destroy();
    expect(spool.accepted.at(-1)?.options).toMatchObject({ requireTls: true, tlsOptional: false });
  });

  it('refuses a message over the size limit with 552 by its real size and goes on', async () => {
    const socket = await open();
    await converse(socket, 'EHLO c.example\r\n', 1);
    await converse(socket, envelope, 3);
    expect(await converse(socket, `From: <a@tenant1.example>\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(2_000)}.\r\n`, 1)).toEqual([
      '552 5.3.4 Message exceeds 100000 octets',
    ]);
    expect(await converse(socket, 'NOOP\r\n', 1)).toEqual(['250 OK']);
    socket.destroy();
    expect(spool.accepted).toEqual([]);
  });
});
