// Whose lines a trace is told on a connection that several tenants share.
import { describe, expect, it } from 'vitest';
import type { CommandScope } from '@sluice/contract';
import { testEntry } from '../deliver/testing.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { traceOrder } from '../testing/sample-trace.ts';
import type { SmtpReply, TransactionRequest } from '../smtp/index.ts';
import { RunningTrace } from './running-trace.ts';
import { SessionTrace } from './session-trace.ts';

const mine = '00000000-0000-4000-8000-000000000001';
const theirs = '00000000-0000-4000-8000-000000000002';

function rig(scope: CommandScope, { ready = false } = {}) {
  const clock = fakeClock();
  const trace = new RunningTrace(traceOrder(scope));
  const session = new SessionTrace(clock, () => undefined);
  session.watch(trace, ready);
  const told = (): string[] => (trace.take()?.lines ?? []).map(({ kind, text }) => `${kind}: ${text}`);
  const received = (text: string, about: TransactionRequest | null) => {
    const reply: SmtpReply = { code: 250, enhanced: null, lines: [text] };
    session.received({ kind: 'reply', reply }, about);
  };
  const setUp = () => {
    session.opened('from a to b');
    session.connected();
    received('hello', null);
  };
  /** `answeredFirst`: what comes in before its own replies, as the answer to RSET does. */
  const begin = (tenantId: string, word: string, answeredFirst: string | null = null, over: object = {}): TransactionRequest => {
    const recipient = `${word}@y.example`;
    const request = {
      sender: '',
      recipients: [{ address: recipient, dsn: null }],
      chunks: [Buffer.from(word)],
      eightBit: false,
      utf8: false,
    };
    session.carries(request, { entries: [{ ...testEntry(recipient), tenantId, ...over }], poolId: null });
    session.sent([`MAIL FROM:<${word}@x.example>\r\n`, `RCPT TO:<${recipient}>\r\n`], request);
    if (answeredFirst !== null) received(answeredFirst, null);
    received(`${word} ok`, request);
    session.sentMessage(request, false);
    return request;
  };
  return { clock, trace, session, told, received, setUp, begin };
}

describe('a trace of one tenant', () => {
  it("is told its own transactions of a shared connection and nothing of another's, before, between and after", () => {
    const { session, told, received, setUp, begin } = rig({ tenant: mine });
    setUp();
    const first = begin(theirs, 'zzyzx');
    expect(told()).toEqual([]);
    received('queued for zzyzx', first);
    const second = begin(mine, 'own', 'forgot zzyzx');
    received('queued for own', second);
    const third = begin(theirs, 'zzyzx');
    received('about zzyzx', third);
    session.sent(['QUIT\r\n'], null);
    received('bye zzyzx', null);
    session.failed({ phase: 'mail', why: 'shutdown', reply: null, detail: 'zzyzx is too much' }, third);
    session.closed();
    expect(told()).toEqual([
      ...['opened: from a to b', 'connected: the connection is there', 'received: 250 hello'],
      ...['sent: MAIL FROM:<own@x.example>', 'sent: RCPT TO:<own@y.example>', 'received: 250 own ok', 'message: a message of 3 octets'],
      ...['received: 250 queued for own', 'closed: '],
    ]);
  });

  it('is told nothing of a connection that never carried its mail', () => {
    const { session, told, setUp, begin, trace } = rig({ tenant: mine });
    setUp();
    begin(theirs, 'zzyzx');
    session.closed();
    expect(told()).toEqual([]);
    expect(trace.take()).toBeNull();
  });

  it('is told set-up at once where its mail stood ready, and why that failed', () => {
    const { session, told, setUp } = rig({ tenant: mine }, { ready: true });
    setUp();
    expect(told()).toHaveLength(3);
    session.failed({ phase: 'ehlo', why: 'timeout', reply: null, detail: 'no reply to ehlo in time' }, null);
    session.closed();
    expect(told()).toEqual(['closed: ehlo: no reply to ehlo in time']);
  });

  it('is told with which codes a server ended the connection', () => {
    const { session, told, setUp } = rig({ tenant: mine }, { ready: true });
    setUp();
    told();
    const reply: SmtpReply = { code: 421, enhanced: '4.7.0', lines: ['too many of you'] };
    session.received({ kind: 'reply', reply }, null);
    session.failed({ phase: 'ehlo', why: 'shutdown', reply, detail: 'the server closes the connection' }, null);
    session.closed();
    expect(told()).toEqual(['received: 421 4.7.0 too many of you', 'closed: ehlo: the server closes the connection (421 4.7.0)']);
  });

  it("that stood ready is told nothing of another's mail that was carried instead, only that the connection ended", () => {
    const { session, told, received, setUp, begin } = rig({ tenant: mine }, { ready: true });
    setUp();
    told();
    begin(theirs, 'zzyzx');
    received('bye zzyzx', null);
    session.closed();
    expect(told()).toEqual(['closed: ']);
  });

  it('is told nothing of what was under way when the connection was taken up, and nothing of it later', () => {
    const clock = fakeClock();
    const trace = new RunningTrace(traceOrder({ tenant: mine }));
    const session = new SessionTrace(clock, () => undefined);
    session.watch(trace, false);
    session.takenUp('already open');
    const unknown = { sender: '', recipients: [], chunks: [], eightBit: false, utf8: false };
    session.sent(['MAIL FROM:<zzyzx@x.example>\r\n'], unknown);
    session.received({ kind: 'reply', reply: { code: 250, enhanced: null, lines: ['zzyzx'] } }, null);
    const request = { ...unknown };
    session.carries(request, { entries: [{ ...testEntry('own@y.example'), tenantId: mine }] });
    session.sent(['MAIL FROM:<own@x.example>\r\n'], request);
    expect(trace.take()?.lines.map(({ text }) => text)).toEqual(['already open', 'MAIL FROM:<own@x.example>']);
  });
});

describe('a trace', () => {
  it.each([
    ['a domain', { domain: 'y.example' }, { domain: 'z.example' }],
    ['a stream', { stream: theirs }, { streamId: mine }],
    ['a campaign', { campaign: 'spring' }, { campaign: null }],
  ])('of %s leaves out other mail', (_what, scope, other) => {
    const { told, begin } = rig(scope);
    begin(mine, 'other', null, { streamId: theirs, campaign: 'spring', ...other });
    expect(told()).toEqual([]);
    begin(mine, 'wanted', null, { streamId: theirs, campaign: 'spring' });
    expect(told()).toContain('sent: RCPT TO:<wanted@y.example>');
  });

  it('of a pool leaves out mail of other pools', () => {
    const { session, told } = rig({ pool: mine });
    const request = { sender: '', recipients: [], chunks: [], eightBit: false, utf8: false };
    session.carries(request, { entries: [testEntry('a@y.example')], poolId: theirs });
    session.sent(['MAIL FROM:<>\r\n'], request);
    expect(told()).toEqual([]);
    session.carries(request, { entries: [testEntry('a@y.example')], poolId: mine });
    session.sent(['MAIL FROM:<>\r\n'], request);
    expect(told()).toEqual(['sent: MAIL FROM:<>']);
  });

  it('of a site is told everything on its connections, at times since they were opened', () => {
    const { clock, trace, setUp, session, begin } = rig({ site: 'mx.example' });
    setUp();
    void clock.advance(40);
    begin(mine, 'a');
    begin(theirs, 'b');
    session.closed();
    const lines = trace.take()?.lines ?? [];
    expect(lines.map(({ kind }) => kind).join(' ')).toBe(
      'opened connected received sent sent received message sent sent received message closed',
    );
    expect(lines.every(({ session: number }) => number === 1)).toBe(true);
    expect(lines.map(({ sinceMs }) => sinceMs)).toEqual(lines.map(({ sinceMs }) => sinceMs).sort((a, b) => a - b));
  });

  it('tells the size of a message and not a word of it', () => {
    const { trace, begin } = rig({ site: 'mx.example' });
    begin(mine, 'content');
    const lines = trace.take()?.lines ?? [];
    expect(lines.at(-1)).toMatchObject({ kind: 'message', text: 'a message of 7 octets' });
  });
});
