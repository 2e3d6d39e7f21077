// One transaction over real sockets: an outcome for every recipient, whatever the server does.
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createDialer } from '../host/index.ts';
import type { DeliverySession } from '../ports.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { createAttempter } from './attempter.ts';
import {
  hostAt,
  offer,
  pathWith,
  scriptedServer,
  testAttempter,
  testPath,
  transactionTo,
  type Answer,
  type ScriptedServer,
  type Verb,
} from './testing.ts';

const servers: ScriptedServer[] = [];
const sessions: DeliverySession[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(answers: Partial<Record<Verb, Answer>> = {}): Promise<ScriptedServer> {
  const server = await scriptedServer(answers);
  servers.push(server);
  return server;
}

async function openTo(server: ScriptedServer, path = testPath): Promise<DeliverySession> {
  const result = await testAttempter().connect(path, [hostAt(server.port)]);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  sessions.push(result.session);
  return result.session;
}

const close: Answer = (socket) => socket.destroy();
const never: Answer = () => undefined;
const slowly = (text: string, delayMs: number): Answer => {
  return (socket) => {
    setTimeout(() => socket.write(text), delayMs).unref();
  };
};

describe('a transaction', () => {
  const two = ['a@y.example', 'b@y.example'];
  const rcptBy =
    (replies: Record<string, string>): Answer =>
    (socket, line) =>
      socket.write(replies[/<(.)/.exec(line)?.[1] ?? ''] ?? '250 ok\r\n');

  it.each<[string, Partial<Record<Verb, Answer>>, object[]]>([
    [
      'one unknown recipient',
      { RCPT: rcptBy({ a: '550 5.1.1 unknown\r\n' }) },
      [{ kind: 'bounced', scope: 'recipient', bounceClass: 'bad_mailbox' }, { kind: 'delivered' }],
    ],
    [
      'too many recipients',
      { RCPT: rcptBy({ b: '452 4.5.3 too many\r\n' }) },
      [{ kind: 'delivered' }, { kind: 'deferred', scope: 'recipient', bounceClass: 'rate_limited' }],
    ],
    [
      'too many recipients, old style',
      { RCPT: rcptBy({ b: '552 too many\r\n' }) },
      [{ kind: 'delivered' }, { kind: 'deferred', scope: 'recipient' }],
    ],
    [
      'a refused sender',
      { MAIL: '550 5.7.1 no\r\n', RCPT: '503 no\r\n', DATA: '503 no\r\n' },
      [{ kind: 'bounced', scope: 'transaction', reply: { code: 550, command: 'mail' } }, { kind: 'bounced' }],
    ],
    [
      '354 for nobody',
      { RCPT: '550 5.1.1 no\r\n' },
      [
        { kind: 'bounced', scope: 'recipient' },
        { kind: 'bounced', scope: 'recipient' },
      ],
    ],
    [
      'a refused message',
      { message: '554-5.7.1 spam\r\n554 5.7.1 really\r\n' },
      [
        { kind: 'bounced', scope: 'transaction', reply: { code: 554, enhanced: '5.7.1', text: 'spam\nreally', command: 'message' } },
        { kind: 'bounced' },
      ],
    ],
    ['a deferred message', { message: '451 4.3.0 later\r\n' }, [{ kind: 'deferred', scope: 'transaction' }, { kind: 'deferred' }]],
    ['a slow reply', { message: slowly('250 ok\r\n', 150) }, [{ kind: 'delivered' }, { kind: 'delivered' }]],
    [
      'no reply to MAIL',
      { MAIL: never, RCPT: never, DATA: never },
      [
        { kind: 'deferred', scope: 'session', bounceClass: 'network', dotSent: false },
        { kind: 'deferred', dotSent: false },
      ],
    ],
    [
      'no reply to the dot',
      { message: never },
      [
        { kind: 'deferred', scope: 'session', dotSent: true },
        { kind: 'deferred', dotSent: true },
      ],
    ],
    [
      'a close after the dot',
      { message: close },
      [
        { kind: 'deferred', scope: 'session', dotSent: true },
        { kind: 'deferred', dotSent: true },
      ],
    ],
    [
      'a close instead of any answer',
      { MAIL: close, RCPT: never, DATA: never },
      [{ kind: 'deferred', scope: 'session', unoffered: true }, { unoffered: true }],
    ],
    [
      'a close instead of 354',
      { DATA: close },
      [
        { kind: 'deferred', scope: 'session', dotSent: false },
        { kind: 'deferred', dotSent: false },
      ],
    ],
    [
      'nonsense to RCPT',
      { RCPT: 'yes please\r\n' },
      [{ kind: 'deferred', scope: 'session', bounceClass: 'protocol', dotSent: false }, { kind: 'deferred' }],
    ],
    [
      'a huge reply',
      { MAIL: `250-${'x'.repeat(1000)}\r\n`.repeat(100) },
      [{ kind: 'deferred', bounceClass: 'protocol' }, { kind: 'deferred' }],
    ],
    [
      '421 to the dot',
      { message: '421 4.3.2 going down\r\n' },
      [
        { kind: 'deferred', scope: 'session', reply: { code: 421 }, dotSent: false },
        { kind: 'deferred', dotSent: false },
      ],
    ],
    ['a reply that is both', { message: '550 4.7.1 hm\r\n' }, [{ kind: 'deferred' }, { kind: 'deferred' }]],
    [
      'replies without pipelining',
      { EHLO: offer(), RCPT: rcptBy({ a: '550 5.1.1 unknown\r\n' }) },
      [{ kind: 'bounced' }, { kind: 'delivered' }],
    ],
  ])('with %s has these outcomes', async (_name, answers, expected) => {
    const session = await openTo(await serve(answers));
    expect(await session.deliver(transactionTo(two))).toMatchObject(expected);
  });

  it('is followed by another on the same connection after every recipient was refused', async () => {
    let refusals = 2;
    const server = await serve({ RCPT: (socket) => socket.write((refusals -= 1) >= 0 ? '550 5.1.1 no\r\n' : '250 ok\r\n') });
    const session = await openTo(server);
    expect(await session.deliver(transactionTo(two))).toMatchObject([{ kind: 'bounced' }, { kind: 'bounced' }]);
    expect(await session.deliver(transactionTo(two))).toMatchObject([{ kind: 'delivered' }, { kind: 'delivered' }]);
    expect(server.commands.filter((line) => line === 'RSET')).toHaveLength(1);
    expect(server.messages).toHaveLength(2); // the lone dot, and the message
    expect(server.messages[0]).toBe('');
  });

  it('is not begun when the peer lacks 8BITMIME, SMTPUTF8 or room, and bounces with the reason', async () => {
    const server = await serve({ EHLO: offer('PIPELINING', 'SIZE 10') });
    const small = Buffer.from('x\r\n');
    const session = await openTo(server);
    expect(await session.deliver(transactionTo(two, small, { eightBit: true }))).toMatchObject([
      { kind: 'bounced', bounceClass: 'message', detail: expect.stringContaining('5.6.3') },
      {},
    ]);
    expect(await session.deliver(transactionTo(two, small, { utf8: true }))).toMatchObject([
      { kind: 'bounced', detail: expect.stringContaining('5.6.7') },
      {},
    ]);
    expect(await session.deliver(transactionTo(two))).toMatchObject([{ kind: 'bounced', detail: expect.stringContaining('5.3.4') }, {}]);
    expect(await session.deliver(transactionTo(['a b@y.example', 'c@y.example'], small))).toMatchObject([
      { kind: 'bounced', scope: 'recipient' },
      { kind: 'delivered' },
    ]);
    expect(server.commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(1);
  });

  it('whose peer closes in the middle of a long message knows that the dot was not sent', async () => {
    const server = await serve({
      DATA: (socket) => {
        socket.write('354 go\r\n');
        socket.pause();
        setTimeout(() => socket.resetAndDestroy(), 100).unref();
      },
    });
    const session = await openTo(server);
    const long = Buffer.from(`From: s@x.example\r\n\r\n${'x'.repeat(70)}\r\n`.repeat(400_000));
    expect(await session.deliver(transactionTo(['a@y.example'], long))).toMatchObject([
      { kind: 'deferred', scope: 'session', dotSent: false },
    ]);
  });

  it('may be taken slowly for much longer than the timer, but not left lying', async () => {
    const blockMs = 500;
    const path = pathWith({ dataBlockTimeoutMs: blockMs, messageTimeoutMs: 5_000 });
    const long = Buffer.from(`From: s@x.example\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(250_000)}`);
    const passing = fakeClock();
    let looks = 0;
    /** Counts how often the time is looked at: once for each progress, and when a timer ends. */
    const clock = { ...passing, monotonicMs: () => (looks++, passing.monotonicMs()) };
    /** A server that reads on only when told to. */
    const slowReader = () => {
      const peer: { socket: Socket | null } = { socket: null };
      const DATA: Answer = (socket) => {
        let end = '';
        socket.removeAllListeners('data');
        socket.on('data', (chunk: Buffer) => {
          socket.pause();
          end = (end + chunk.toString('latin1')).slice(-5);
          if (end === '\r\n.\r\n') socket.write('250 2.0.0 queued\r\n');
        });
        socket.pause();
        peer.socket = socket;
        socket.write('354 go\r\n');
      };
      return { peer, DATA };
    };
    const openSlowly = async (DATA: Answer): Promise<DeliverySession> => {
      const attempter = createAttempter({ dialer: createDialer({ egress: 'sandbox', sandboxSmtpPort: null }), clock });
      const result = await attempter.connect(path, [hostAt((await serve({ DATA })).port)]);
      if (!result.ok) throw new Error(JSON.stringify(result.failure));
      sessions.push(result.session);
      return result.session;
    };
    const settled = <T>(promise: Promise<T>): { value: T | null } => {
      const box: { value: T | null } = { value: null };
      void promise.then((value) => (box.value = value));
      return box;
    };
    const tick = () => new Promise((resolve) => setTimeout(resolve, 2));

    // Time passes only after progress since it last passed.
    const patient = slowReader();
    const taken = settled((await openSlowly(patient.DATA)).deliver(transactionTo(['a@y.example'], long)));
    let passedMs = 0;
    for (let seen = looks; taken.value === null; await tick()) {
      patient.peer.socket?.resume();
      if (looks === seen) continue;
      passedMs += blockMs * 0.8;
      await passing.advance(blockMs * 0.8);
      seen = looks;
    }
    expect(taken.value).toMatchObject([{ kind: 'delivered' }]);
    expect(passedMs).toBeGreaterThan(4 * blockMs);

    const stuck = settled((await openSlowly(slowReader().DATA)).deliver(transactionTo(['a@y.example'], long)));
    for (; stuck.value === null; await tick()) await passing.advance(blockMs / 10);
    expect(stuck.value).toMatchObject([{ kind: 'deferred', scope: 'session', dotSent: false }]);
  });

  it('cut off by destroy still has an outcome for everyone', async () => {
    const session = await openTo(await serve({ MAIL: never }));
    const outcomes = session.deliver(transactionTo(two));
    session.destroy();
    expect(await outcomes).toMatchObject([
      { kind: 'deferred', dotSent: false },
      { kind: 'deferred', dotSent: false },
    ]);
  });
});
