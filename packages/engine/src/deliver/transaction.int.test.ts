// One transaction over real sockets: an outcome for every recipient, whatever the server does.
import { afterEach, describe, expect, it } from 'vitest';
import type { DeliverySession } from '../ports.ts';
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
    const long = Buffer.from(`From: s@x.example\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(250_000)}`);
    const path = pathWith({ dataBlockTimeoutMs: 500, messageTimeoutMs: 5_000 });
    const slowReader = (readMs: number): Answer => {
      return (socket) => {
        socket.write('354 go\r\n');
        let taken = '';
        socket.removeAllListeners('data');
        socket.on('data', (chunk: Buffer) => {
          taken = (taken + chunk.toString('latin1')).slice(-5);
          if (taken === '\r\n.\r\n') socket.write('250 2.0.0 queued\r\n');
          if (readMs === 0) return;
          socket.pause();
          setTimeout(() => socket.resume(), readMs).unref();
        });
      };
    };
    const begun = performance.now();
    const patient = await openTo(await serve({ DATA: slowReader(8) }), path);
    expect(await patient.deliver(transactionTo(['a@y.example'], long))).toMatchObject([{ kind: 'delivered' }]);
    expect(performance.now() - begun).toBeGreaterThan(1_000);
    const stuck = await openTo(await serve({ DATA: slowReader(60_000) }), path);
    expect(await stuck.deliver(transactionTo(['a@y.example'], long))).toMatchObject([
      { kind: 'deferred', scope: 'session', dotSent: false },
    ]);
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
