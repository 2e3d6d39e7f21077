// Receivers that mean harm, over real sockets: whatever they send, or keep from sending, an attempt ends in bounded time, takes in a
// bounded number of octets, and leaves a deferral that says what happened.
import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectResult, DeliverySession } from '../ports.ts';
import {
  hostAt,
  offer,
  scriptedServer,
  testAttempter,
  testPath,
  transactionTo,
  type Answer,
  type ScriptedServer,
  type Verb,
} from './testing.ts';

/** One timeout of the test's path is waited for, on a busy machine. */
const boundedMs = 4_000;
/** What a flood may push before we hang up: the socket buffers of both kernels, and not the flood. */
const boundedBytes = 16 * 1024 * 1024;
const dripMs = 20;

const servers: ScriptedServer[] = [];
const sessions: DeliverySession[] = [];
const timers: NodeJS.Timeout[] = [];
let pouredBytes = 0;
afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  for (const timer of timers.splice(0)) clearInterval(timer);
  await Promise.all(servers.splice(0).map((server) => server.close()));
  pouredBytes = 0;
});

/** Sends the text over and over, as fast as it is taken. */
function pour(socket: Socket, line: string): void {
  const text = line.repeat(Math.ceil(65_536 / line.length));
  const more = () => {
    for (let taken = true; taken && !socket.destroyed;) {
      taken = socket.write(text);
      pouredBytes += text.length;
    }
    socket.once('drain', more);
  };
  more();
}
const flood =
  (text: string, first = ''): Answer =>
  (socket) => {
    if (first !== '') socket.write(first);
    pour(socket, text);
  };
/** The text again and again, an octet at a time. */
const drip =
  (text: string): Answer =>
  (socket) => {
    let at = 0;
    timers.push(setInterval(() => socket.write(text.charAt(at++ % text.length), 'latin1'), dripMs));
  };
const inTwo =
  (first: string, second: string): Answer =>
  (socket) =>
    socket.write(first, () => setTimeout(() => socket.write(second), dripMs));

async function connectTo(answers: Partial<Record<Verb, Answer>>): Promise<{ server: ScriptedServer; result: ConnectResult }> {
  const server = await scriptedServer(answers);
  servers.push(server);
  const begun = performance.now();
  const result = await testAttempter().connect(testPath, [hostAt(server.port)]);
  expect(performance.now() - begun).toBeLessThan(boundedMs);
  if (result.ok) sessions.push(result.session);
  return { server, result };
}

async function openTo(answers: Partial<Record<Verb, Answer>>): Promise<{ server: ScriptedServer; session: DeliverySession }> {
  const { server, result } = await connectTo(answers);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return { server, session: result.session };
}

const tenMegabytes = `220 ${'x'.repeat(10 * 1024 * 1024)}\r\n`;
const noise = Buffer.from(Array.from({ length: 4_000 }, (_, index) => (index * 7919 + 13) % 256)).toString('latin1');

describe('a receiver that before any message', () => {
  it.each<[string, Partial<Record<Verb, Answer>>, RegExp]>([
    ['greets with 10 MB in one line', { greeting: tenMegabytes }, /^greeting: reply line is longer than 4096 octets/],
    [
      'greets with 10 MB of lines',
      { greeting: `220-${'y'.repeat(1_000)}\r\n`.repeat(10_000) },
      /^greeting: reply is longer than 65536 octets/,
    ],
    ['greets without end', { greeting: flood('220-welcome to an endless greeting\r\n') }, /^greeting: reply is longer/],
    ['sends one line without end', { greeting: flood('x'.repeat(8_192)) }, /^greeting: reply line is longer/],
    ['sends an octet at a time', { greeting: drip('220-hello\r\n') }, /^greeting: no reply to greeting in time/],
    ['sends an octet at a time of a line that never ends', { greeting: drip('220-') }, /^greeting: no reply to greeting in time/],
    [
      'sends octets that are no text',
      { greeting: (socket) => socket.write(noise, 'latin1') },
      /^greeting: (not a reply|reply line is longer)/,
    ],
    ['sends NULs', { greeting: '\0'.repeat(100_000) }, /^greeting: (not a reply|reply line is longer)/],
    ['speaks another protocol', { greeting: 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n' }, /^greeting: not a reply/],
    ['half-closes without a word', { greeting: (socket) => socket.end() }, /^greeting: the server closed the connection/],
    ['greets and half-closes', { greeting: (socket) => socket.end('220 hi\r\n') }, /^ehlo: the server closed the connection/],
    ['resets', { EHLO: (socket) => socket.resetAndDestroy() }, /^ehlo: (ECONNRESET|the connection was lost)/],
    ['greets twice', { greeting: '220 hi\r\n220 hi again\r\n' }, /^ehlo: a reply came that answers no command/],
    [
      'answers what was not asked yet',
      { greeting: '220 hi\r\n250-x\r\n250 PIPELINING\r\n250 ok\r\n250 ok\r\n354 go\r\n250 done\r\n' },
      /^ehlo: /,
    ],
    ['offers without end', { EHLO: flood('250-X-OFFER-OF-NOTHING\r\n') }, /^ehlo: reply is longer/],
    ['changes the code in the middle', { EHLO: '250-mx.example\r\n550 no\r\n' }, /^ehlo: reply code changes between lines/],
    ['answers with a code that there is not', { EHLO: '999 mx.example\r\n' }, /^ehlo: not a reply/],
    [
      'injects replies behind STARTTLS',
      { EHLO: offer('STARTTLS', 'PIPELINING'), STARTTLS: '220 go\r\n250-mx.example\r\n250 AUTH PLAIN\r\n' },
      /^starttls: bytes follow the reply to STARTTLS/,
    ],
    [
      'injects half a reply behind STARTTLS',
      { EHLO: offer('STARTTLS', 'PIPELINING'), STARTTLS: '220 go\r\n250-mx' },
      /^starttls: bytes follow the reply to STARTTLS/,
    ],
  ])('%s is a failure of the path that says so', async (_name, answers, detail) => {
    const { server, result } = await connectTo(answers);
    expect(result).toMatchObject({ ok: false, failure: { kind: 'deferred', scope: 'path', dotSent: false } });
    if (!result.ok) expect(result.failure.detail).toMatch(detail);
    expect(pouredBytes).toBeLessThan(boundedBytes);
    await expect.poll(() => server.open()).toBe(0);
  });
});

describe('a TLS handshake that', () => {
  const records = `\x16\x03\x03\x40\x00${'\x02'.repeat(16_384)}`;
  it.each<[string, Answer]>([
    [
      'comes an octet at a time',
      (socket, line) => socket.write('220 go\r\n', () => setTimeout(() => act(drip(records), socket, line), dripMs)),
    ],
    ['has no end', (socket, line) => socket.write('220 go\r\n', () => setTimeout(() => act(flood(records), socket, line), dripMs))],
    ['is the text of replies', inTwo('220 go\r\n', '250-mx.example\r\n250 AUTH PLAIN\r\n')],
  ])('%s costs a connection, and the mail goes without TLS where that is allowed', async (_name, answer) => {
    const { server, session } = await openTo({ EHLO: offer('STARTTLS', 'PIPELINING'), STARTTLS: answer });
    expect(session.facts.tls).toBeNull();
    expect(await session.deliver(transactionTo(['a@y.example']))).toMatchObject([{ kind: 'delivered' }]);
    expect(server.connections()).toBe(2);
    expect(pouredBytes).toBeLessThan(boundedBytes);
  });
});

function act(answer: Answer, socket: Socket, line: string): void {
  if (typeof answer === 'string') socket.write(answer);
  else answer(socket, line);
}

describe('inside TLS', () => {
  let secureContext = createSecureContext();
  beforeAll(async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'mx.example' }], { keySize: 2048 });
    secureContext = createSecureContext({ key, cert });
  });

  it.each<[string, (secure: TLSSocket) => void, RegExp]>([
    ['an endless reply', (secure) => pour(secure, '250-endless\r\n'), /^ehlo: reply is longer/],
    ['silence', () => undefined, /^ehlo: no reply to ehlo in time/],
    ['a half-close', (secure) => secure.end(), /^ehlo: the server closed the connection/],
  ])('%s is a failure of the path that says so', async (_name, misbehave, detail) => {
    const STARTTLS: Answer = (socket) => {
      socket.removeAllListeners('data');
      const secure = new TLSSocket(socket, { isServer: true, secureContext });
      secure.on('error', () => undefined);
      secure.once('data', () => misbehave(secure));
      socket.write('220 go\r\n');
    };
    const { result } = await connectTo({ EHLO: offer('STARTTLS', 'PIPELINING'), STARTTLS });
    expect(result).toMatchObject({ ok: false, failure: { kind: 'deferred', scope: 'path' } });
    if (!result.ok) expect(result.failure.detail).toMatch(detail);
    expect(pouredBytes).toBeLessThan(boundedBytes);
  });
});

describe('a receiver that in the middle of a message', () => {
  const long = Buffer.from(`From: s@x.example\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(250_000)}`);

  it.each<[string, Partial<Record<Verb, Answer>>, RegExp, boolean]>([
    ['answers MAIL without end', { MAIL: flood('250-yes\r\n') }, /^mail: reply is longer/, false],
    ['answers RCPT an octet at a time', { RCPT: drip('250-ok\r\n'), DATA: () => undefined }, /^rcpt: no reply to rcpt in time/, false],
    ['answers MAIL twice', { MAIL: '250 ok\r\n250 ok\r\n' }, /^data: (250 is no answer to DATA|bytes follow)/, false],
    ['answers RCPT with go-ahead', { RCPT: '354 go\r\n' }, /^rcpt: 354 is no answer to RCPT/, false],
    ['floods behind 354', { DATA: flood('250 ok\r\n', '354 go\r\n') }, /^(data|message): /, false],
    ['adds a reply to 354', { DATA: '354 go\r\n250 2.0.0 taken already\r\n' }, /^data: bytes follow the reply to DATA/, false],
    ['half-closes behind 354', { DATA: (socket) => socket.end('354 go\r\n') }, /^message: the server closed the connection/, true],
    ['answers the message without end', { message: flood('250-and\r\n') }, /^message: reply is longer/, true],
    ['answers the message an octet at a time', { message: drip('250-and\r\n') }, /^message: no reply to message in time/, true],
    ['answers the message with octets that are no text', { message: (socket) => socket.write(noise, 'latin1') }, /^message: /, true],
    ['answers the message with 354', { message: '354 more\r\n' }, /^message: 354 is no answer to a message/, true],
  ])('%s defers it and says so', async (_name, answers, detail, dotSent) => {
    const { server, session } = await openTo(answers);
    const begun = performance.now();
    const [outcome] = await session.deliver(transactionTo(['a@y.example']));
    expect(performance.now() - begun).toBeLessThan(boundedMs);
    expect(outcome).toMatchObject({ kind: 'deferred', scope: 'session', dotSent });
    expect(outcome?.detail).toMatch(detail);
    expect(session.usable).toBe(false);
    expect(pouredBytes).toBeLessThan(boundedBytes);
    await expect.poll(() => server.open()).toBe(0);
  });

  it('says 250 before it has the whole of it has not taken it', async () => {
    const early: Answer = (socket) => {
      socket.pause();
      socket.write('354 go\r\n', () => setTimeout(() => socket.write('250 2.0.0 taken\r\n'), 100));
    };
    const { session } = await openTo({ DATA: early });
    expect(await session.deliver(transactionTo(['a@y.example'], long))).toMatchObject([
      { kind: 'deferred', scope: 'session', bounceClass: 'protocol', detail: expect.stringContaining('before') },
    ]);
    expect(session.usable).toBe(false);
  });

  it('refuses it before it has the whole of it has refused it', async () => {
    const early: Answer = (socket) => {
      socket.pause();
      socket.write('354 go\r\n', () => setTimeout(() => socket.write('552 5.3.4 too big\r\n'), 100));
    };
    const { session } = await openTo({ DATA: early });
    expect(await session.deliver(transactionTo(['a@y.example'], long))).toMatchObject([{ kind: 'bounced', reply: { code: 552 } }]);
    expect(session.usable).toBe(false);
  });
});

describe('a receiver that between messages', () => {
  it('sends replies to commands that were never sent is left, and the next message was not offered to it', async () => {
    let peer: Socket | null = null;
    const greeting: Answer = (socket) => {
      peer = socket;
      socket.write('220 hi\r\n');
    };
    const { server, session } = await openTo({ greeting });
    expect(await session.deliver(transactionTo(['a@y.example']))).toMatchObject([{ kind: 'delivered' }]);
    (peer as Socket | null)?.write('250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go\r\n250 2.0.0 queued\r\n');
    await expect.poll(() => session.usable).toBe(false);
    expect(await session.deliver(transactionTo(['b@y.example']))).toMatchObject([{ kind: 'deferred', unoffered: true, dotSent: false }]);
    expect(server.messages).toHaveLength(1);
  });

  it('answers QUIT without end is left all the same', async () => {
    for (const QUIT of [flood('221-bye\r\n'), drip('221-bye\r\n')]) {
      const { session } = await openTo({ QUIT });
      const begun = performance.now();
      await session.quit();
      expect(performance.now() - begun).toBeLessThan(boundedMs);
    }
    expect(pouredBytes).toBeLessThan(boundedBytes);
  });
});

describe('the text of a reply', () => {
  it('is kept without control characters and without characters that reorder it on a screen, and bounded', async () => {
    const wicked = 'a\0b\x1b[31mc\x7f\x85\u202egnp.exe\u2066\u200f\u061cd\u2028e\tf';
    for (const [answers, command] of [
      [{ RCPT: `550-5.7.1 ${wicked}\r\n550 5.7.1 ${'z'.repeat(4_000)}\r\n` }, 'rcpt'],
      [{ message: `451-4.7.1 ${wicked}\r\n${'451-4.7.1 again and again\r\n'.repeat(1_000)}451 4.7.1 end\r\n` }, 'message'],
    ] as const) {
      const utf8 = Object.fromEntries(Object.entries(answers).map(([verb, text]) => [verb, Buffer.from(text, 'utf8').toString('latin1')]));
      const { session } = await openTo(utf8);
      const [outcome] = await session.deliver(transactionTo(['a@y.example']));
      expect(outcome?.reply?.command).toBe(command);
      const text = outcome?.reply?.text ?? '';
      expect(text).toMatch(/^a b \[31mc +gnp\.exe +d e f\n/);
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
      expect(text.length).toBeLessThanOrEqual(2_000);
    }
  });

  it.each([
    'SIZE 4294967296',
    'SIZE 99999999999999999999',
    'SIZE -1',
    'SIZE 1e9',
    'SIZE 0x10',
    'SIZE NaN',
    'SIZE  ',
    `SIZE ${'9'.repeat(3_000)}`,
  ])('that offers %.20s stops no message', async (size) => {
    const { session } = await openTo({ EHLO: offer('PIPELINING', size) });
    expect(await session.deliver(transactionTo(['a@y.example']))).toMatchObject([{ kind: 'delivered' }]);
  });
});
