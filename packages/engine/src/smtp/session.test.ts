// The machine against scripted servers: each script is a dialogue, and every dialogue is played with the server's bytes cut at every
// position and octet by octet.
import { describe, expect, it } from 'vitest';
import { ClientSession, type SessionAction } from './session.ts';
import type { RecipientResult, TransactionRequest } from './transaction.ts';

const ehlo = (...keywords: string[]) =>
  ['mx.example', ...keywords].map((word, index) => `250${index === keywords.length ? ' ' : '-'}${word}\r\n`).join('');
const pipelining = ehlo('PIPELINING', '8BITMIME', 'SIZE 1000');
const message = Buffer.from('From: a@b.example\r\n\r\n.dot\r\n');
const wireMessage = 'From: a@b.example\r\n\r\n..dot\r\n.\r\n';

const request = (recipients: string[], more: Partial<TransactionRequest> = {}): TransactionRequest => ({
  sender: 's@x.example',
  recipients: recipients.map((address) => ({ address, dsn: null })),
  chunks: [message],
  eightBit: false,
  utf8: false,
  ...more,
});

type Step =
  | { server: string }
  | { client: string }
  | { begin: TransactionRequest }
  | { results: (string | { kind?: string; phase?: string; why?: string; dotSent?: boolean })[] }
  | { state: string }
  | { secured: true }
  | { quit: true }
  | { closed: true };
type Cut = (text: string) => string[];

/** Plays a dialogue; `final` writes count as flushed at once. */
function play(steps: readonly Step[], cut: Cut, wantTls = false): void {
  const session = new ClientSession({ ehloName: 'out.example', wantTls });
  let wire = '';
  const results: RecipientResult[][] = [];
  const take = (actions: SessionAction[]) => {
    for (const action of actions) {
      if (action.kind === 'write') wire += action.chunks.map((chunk) => Buffer.from(chunk).toString()).join('');
      if (action.kind === 'write' && action.final) session.flushed();
      if (action.kind === 'results') results.push(action.results);
    }
  };
  for (const step of steps) {
    if ('server' in step) for (const piece of cut(step.server)) take(session.receive(Buffer.from(piece)));
    else if ('begin' in step) take(session.begin(step.begin));
    else if ('secured' in step) take(session.secured());
    else if ('quit' in step) take(session.quit());
    else if ('closed' in step) take(session.closed('gone'));
    else if ('state' in step) expect(session.state).toBe(step.state);
    else if ('client' in step) {
      expect(wire).toBe(step.client);
      wire = '';
    } else {
      expect(results.pop()?.map((result, index) => (typeof step.results[index] === 'string' ? result.kind : result))).toMatchObject(
        step.results,
      );
    }
  }
}

/** Every server text at once, octet by octet, and cut once at each position. */
function playAllCuts(steps: readonly Step[], wantTls = false): void {
  const longest = Math.max(...steps.map((step) => ('server' in step ? step.server.length : 0)));
  play(steps, (text) => [text], wantTls);
  play(steps, (text) => [...text], wantTls);
  for (let at = 1; at < longest; at += 1)
    play(steps, (text) => [text.slice(0, at), text.slice(at)].filter((piece) => piece !== ''), wantTls);
}

const ready: Step[] = [{ server: '220 hi\r\n' }, { client: 'EHLO out.example\r\n' }, { server: pipelining }, { state: 'ready' }];
const plainReady: Step[] = [{ server: '220 hi\r\n' }, { client: 'EHLO out.example\r\n' }, { server: ehlo() }, { state: 'ready' }];
const envelope = (count: number) =>
  `MAIL FROM:<s@x.example> SIZE=${message.length}\r\n${Array.from({ length: count }, (_, index) => `RCPT TO:<r${index}@y.example>\r\n`).join('')}DATA\r\n`;

describe('with pipelining', () => {
  it('sends the envelope in one flight, the message in the next, and is ready for another', () => {
    const one: Step[] = [
      { begin: request(['r0@y.example', 'r1@y.example']) },
      { client: envelope(2) },
      { server: '250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n' },
      { client: wireMessage },
      { server: '250-2.0.0 queued\r\n250 2.0.0 as 1\r\n' },
      { results: ['accepted', 'accepted'] },
      { state: 'ready' },
    ];
    playAllCuts([...ready, ...one, ...one, { quit: true }, { client: 'QUIT\r\n' }, { server: '221 bye\r\n' }, { state: 'ended' }]);
  });

  it('gives each recipient its own result', () => {
    playAllCuts([
      ...ready,
      { begin: request(['r0@y.example', 'r1@y.example', 'r2@y.example']) },
      { client: envelope(3) },
      { server: '250 ok\r\n550 5.1.1 no\r\n250 ok\r\n452 4.5.3 too many\r\n354 go\r\n' },
      { client: wireMessage },
      { server: '250 ok\r\n' },
      { results: [{ kind: 'refused', phase: 'rcpt' }, 'accepted', { kind: 'refused', phase: 'rcpt' }] },
    ]);
  });

  it('ends a 354 without an accepted recipient by a lone dot, and resets before the next', () => {
    playAllCuts([
      ...ready,
      { begin: request(['r0@y.example']) },
      { client: envelope(1) },
      { server: '250 ok\r\n550 no\r\n354 go\r\n' },
      { client: '.\r\n' },
      { state: 'void' },
      { server: '554 no recipients\r\n' },
      { results: [{ kind: 'refused', phase: 'rcpt' }] },
      { begin: request(['r0@y.example']) },
      { client: `RSET\r\n${envelope(1)}` },
      { server: '250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n' },
      { client: wireMessage },
      { server: '250 ok\r\n' },
      { results: ['accepted'] },
      { begin: request(['r0@y.example']) },
      { client: envelope(1) },
    ]);
  });

  it('reads all replies of the flight when MAIL was refused', () => {
    playAllCuts([
      ...ready,
      { begin: request(['r0@y.example', 'r1@y.example']) },
      { client: envelope(2) },
      { server: '451 4.7.1 later\r\n503 no\r\n503 no\r\n503 no\r\n' },
      {
        results: [
          { kind: 'refused', phase: 'mail' },
          { kind: 'refused', phase: 'mail' },
        ],
      },
      { state: 'ready' },
    ]);
  });

  it('applies a refused DATA and a refused message to those who were accepted', () => {
    playAllCuts([
      ...ready,
      { begin: request(['r0@y.example', 'r1@y.example']) },
      { server: '250 ok\r\n250 ok\r\n550 no\r\n451 busy\r\n' },
      { results: [{ phase: 'data' }, { phase: 'rcpt' }] },
    ]);
    playAllCuts([
      ...ready,
      { begin: request(['r0@y.example', 'r1@y.example']) },
      { server: '250 ok\r\n250 ok\r\n550 no\r\n354 go\r\n' },
      { server: '554 5.7.1 spam\r\n' },
      { results: [{ phase: 'message' }, { phase: 'rcpt' }] },
      { state: 'ready' },
    ]);
  });
});

describe('without pipelining', () => {
  it('sends one command at a time', () => {
    playAllCuts([
      ...plainReady,
      { begin: request(['r0@y.example', 'r1@y.example']) },
      { client: 'MAIL FROM:<s@x.example>\r\n' },
      { server: '250 ok\r\n' },
      { client: 'RCPT TO:<r0@y.example>\r\n' },
      { server: '550 no\r\n' },
      { client: 'RCPT TO:<r1@y.example>\r\n' },
      { server: '250 ok\r\n' },
      { client: 'DATA\r\n' },
      { server: '354 go\r\n' },
      { client: wireMessage },
      { server: '250 ok\r\n' },
      { results: [{ phase: 'rcpt' }, 'accepted'] },
    ]);
  });

  it('stops after a refused MAIL and never sends DATA for nobody', () => {
    const afterReset: Step[] = [
      { begin: request(['r0@y.example']) },
      { client: 'RSET\r\n' },
      { server: '250 ok\r\n' },
      { client: 'MAIL FROM:<s@x.example>\r\n' },
    ];
    playAllCuts([
      ...plainReady,
      { begin: request(['r0@y.example']) },
      { client: 'MAIL FROM:<s@x.example>\r\n' },
      { server: '550 no\r\n' },
      { results: [{ phase: 'mail' }] },
      { client: '' },
      ...afterReset,
    ]);
    playAllCuts([
      ...plainReady,
      { begin: request(['r0@y.example']) },
      { server: '250 ok\r\n' },
      { server: '550 no\r\n' },
      { results: [{ phase: 'rcpt' }] },
      { client: 'MAIL FROM:<s@x.example>\r\nRCPT TO:<r0@y.example>\r\n' },
      ...afterReset,
    ]);
  });
});

describe('set-up', () => {
  it('falls back to HELO when EHLO is unknown, and then uses no extension', () => {
    playAllCuts([
      { server: '220 hi\r\n' },
      { client: 'EHLO out.example\r\n' },
      { server: '502 what\r\n' },
      { client: 'HELO out.example\r\n' },
      { server: '250 ok\r\n' },
      { state: 'ready' },
      { begin: request(['r0@y.example']) },
      { client: 'MAIL FROM:<s@x.example>\r\n' },
    ]);
  });

  it.each(['554 no\r\n', '421 busy\r\n', '450 later\r\n', 'SSH-2.0-x\r\n', '354 what\r\n'])('ends when greeted by %j', (server) => {
    playAllCuts([{ server }, { state: 'ended' }]);
  });

  it('upgrades, asks again and forgets what was offered in the clear', () => {
    playAllCuts(
      [
        { server: '220 hi\r\n' },
        { client: 'EHLO out.example\r\n' },
        { server: ehlo('STARTTLS', 'PIPELINING', 'SIZE 5') },
        { client: 'STARTTLS\r\n' },
        { server: '220 go\r\n' },
        { state: 'handshake' },
        { secured: true },
        { client: 'EHLO out.example\r\n' },
        { server: ehlo('STARTTLS') },
        { state: 'ready' },
        { begin: request(['r0@y.example']) },
        { client: 'MAIL FROM:<s@x.example>\r\n' },
      ],
      true,
    );
  });

  it('goes on in plaintext when STARTTLS is refused, and does not ask when it is not wanted', () => {
    playAllCuts([{ server: '220 hi\r\n' }, { server: ehlo('STARTTLS') }, { server: '454 no\r\n' }, { state: 'ready' }], true);
    playAllCuts([{ server: '220 hi\r\n' }, { server: ehlo('STARTTLS') }, { state: 'ready' }]);
  });

  it('takes no bytes that were slipped in behind the reply to STARTTLS', () => {
    const steps = (slipped: string): Step[] => [
      { server: '220 hi\r\n' },
      { server: ehlo('STARTTLS') },
      { server: `220 go\r\n${slipped}` },
      { state: 'ended' },
    ];
    play(steps('250 evil\r\n'), (text) => [text], true);
    play(steps('25'), (text) => [text], true);
  });
});

describe('a server that goes wrong', () => {
  it('has its 421 taken at any time, without losing what was decided before', () => {
    playAllCuts([...ready, { server: '421 idle\r\n' }, { state: 'ended' }]);
    playAllCuts([
      ...ready,
      { begin: request(['r0@y.example', 'r1@y.example']) },
      { server: '250 ok\r\n550 no\r\n421 bye\r\n' },
      { results: [{ phase: 'rcpt' }, { kind: 'broken', why: 'shutdown', dotSent: false }] },
      { state: 'ended' },
    ]);
    playAllCuts([
      ...ready,
      { begin: request(['r0@y.example']) },
      { server: '250 ok\r\n250 ok\r\n354 go\r\n' },
      { server: '421 4.3.2 going down\r\n' },
      { results: [{ kind: 'broken', why: 'shutdown', dotSent: false }] },
    ]);
    playAllCuts([
      ...ready,
      { begin: request(['r0@y.example']) },
      { server: '250 ok\r\n250 ok\r\n354 go\r\n' },
      { server: '250 queued\r\n421 enough\r\n' },
      { results: ['accepted'] },
      { state: 'ended' },
    ]);
  });

  it('leaves the fate open only after the final dot', () => {
    const begun: Step[] = [...ready, { begin: request(['r0@y.example', 'r1@y.example']) }];
    playAllCuts([...begun, { closed: true }, { results: [{ kind: 'broken', phase: 'mail', dotSent: false }, 'broken'] }]);
    playAllCuts([
      ...begun,
      { server: '250 ok\r\n550 no\r\n' },
      { closed: true },
      {
        results: [
          { phase: 'rcpt', kind: 'refused' },
          { kind: 'broken', phase: 'rcpt', dotSent: false },
        ],
      },
    ]);
    playAllCuts([
      ...begun,
      { server: '250 ok\r\n550 no\r\n250 ok\r\n354 go\r\n' },
      { closed: true },
      { results: ['refused', { kind: 'broken', phase: 'message', dotSent: true }] },
    ]);
    playAllCuts([
      ...begun,
      { server: '250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n' },
      { server: 'nonsense\r\n' },
      { results: [{ kind: 'broken', why: 'protocol', dotSent: true }, 'broken'] },
    ]);
  });

  it('does not get the message when it says more than it was asked', () => {
    play(
      [
        ...ready,
        { begin: request(['r0@y.example']) },
        { client: envelope(1) },
        { server: '250 ok\r\n250 ok\r\n354 go\r\n250 already\r\n' },
        { results: [{ kind: 'broken', why: 'protocol', dotSent: false }] },
        { client: '' },
      ],
      (text) => [text],
    );
    playAllCuts([...ready, { server: '250 unasked\r\n' }, { state: 'ended' }]);
  });

  it.each([
    ['MAIL', '354 go\r\n'],
    ['RCPT', '250 ok\r\n354 go\r\n'],
    ['DATA', '250 ok\r\n250 ok\r\n250 ok\r\n'],
    ['the message', '250 ok\r\n250 ok\r\n354 go\r\n', '354 more\r\n'],
  ])('is left when a reply to %s is of no class that answers it', (_what, ...servers) => {
    playAllCuts([
      ...ready,
      { begin: request(['r0@y.example']) },
      ...servers.map((server) => ({ server })),
      { results: [{ kind: 'broken', why: 'protocol' }] },
      { state: 'ended' },
    ]);
  });
});

describe('a message that the peer cannot take', () => {
  it.each([
    [ehlo(), { eightBit: true }, 'eight_bit'],
    [ehlo('8BITMIME'), { utf8: true }, 'utf8'],
    [ehlo('SIZE 20'), {}, 'size'],
    [ehlo(), { sender: 'a b@c.example' }, 'sender'],
  ])('is not offered: %j', (offer, more, why) => {
    playAllCuts([
      { server: '220 hi\r\n' },
      { server: offer },
      { client: 'EHLO out.example\r\n' },
      { begin: request(['r0@y.example'], more) },
      { results: [{ kind: 'unsendable', why }] },
      { client: '' },
      { state: 'ready' },
    ]);
  });

  it('names 8-bit and UTF-8 when the peer takes them, and keeps single recipients back when it does not', () => {
    playAllCuts([
      { server: '220 hi\r\n' },
      { server: ehlo('8BITMIME', 'SMTPUTF8', 'SIZE') },
      { client: 'EHLO out.example\r\n' },
      { begin: request(['jö@y.example'], { eightBit: true }) },
      { client: `MAIL FROM:<s@x.example> SIZE=${message.length} BODY=8BITMIME SMTPUTF8\r\n` },
    ]);
    playAllCuts([
      ...ready,
      { begin: request(['jö@y.example', 'r0@y.example', 'bad address']) },
      { client: envelope(1) },
      { server: '250 ok\r\n250 ok\r\n354 go\r\n' },
      { server: '250 ok\r\n' },
      { results: [{ why: 'utf8' }, 'accepted', { why: 'recipient' }] },
    ]);
  });
});

it('waits for each reply as long as RFC 5321 section 4.5.3.2 says', () => {
  const session = new ClientSession({ ehloName: 'out.example', wantTls: false });
  const waits: (number | null)[] = [session.timeoutMs];
  const after = (server: string) => {
    session.receive(Buffer.from(server));
    waits.push(session.timeoutMs);
  };
  after('220 hi\r\n');
  after(pipelining);
  session.begin(request(['r0@y.example']));
  waits.push(session.timeoutMs);
  after('250 ok\r\n');
  after('250 ok\r\n');
  after('354 go\r\n');
  session.flushed();
  waits.push(session.timeoutMs);
  expect(waits.map((wait) => (wait === null ? null : wait / 60_000))).toEqual([5, 5, null, 5, 5, 2, 3, 10]);
});
