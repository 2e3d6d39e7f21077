// The next envelope behind a message: one flight, replies in order, and nobody pays for what was not answered. RFC 2920 section 3.1
import { describe, expect, it } from 'vitest';
import { defaultDeliverySettings } from '@sluice/contract';
import { envelope, playAllCuts, ready, request, wireMessage, type Step } from '../testing/smtp-dialogue.ts';
import { ClientSession } from './session.ts';

const one = request(['r0@y.example']);
const two = request(['r0@y.example', 'r1@y.example']);
/** The first message has its go-ahead and went out with the envelope of the second. */
const chained: Step[] = [
  ...ready,
  { behind: two },
  { begin: one },
  { client: envelope(1) },
  { server: '250 ok\r\n250 ok\r\n354 go\r\n' },
  { client: wireMessage + envelope(2) },
];

describe('a chained transaction', () => {
  it('leaves behind the message before it, and its own message leaves with the next', () => {
    playAllCuts([
      ...chained,
      { behind: one },
      { server: '250 2.0.0 queued\r\n250 ok\r\n550 5.1.1 no\r\n250 ok\r\n354 go\r\n' },
      { results: ['accepted'] },
      { client: wireMessage + envelope(1) },
      { server: '250 queued\r\n250 ok\r\n250 ok\r\n354 go\r\n' },
      { results: [{ kind: 'refused', phase: 'rcpt' }, 'accepted'] },
      { client: wireMessage },
      { server: '451 4.3.0 no\r\n' },
      { results: [{ kind: 'refused', phase: 'message' }] },
      { state: 'ready' },
      { begin: one },
      { client: envelope(1) },
    ]);
  });

  it('is not touched by what becomes of the message before it', () => {
    playAllCuts([
      ...chained,
      { server: '554 5.7.1 spam\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n' },
      { results: [{ kind: 'refused', phase: 'message' }] },
      { client: wireMessage },
      { server: '250 ok\r\n' },
      { results: ['accepted', 'accepted'] },
    ]);
  });

  it('without an accepted recipient ends by a lone dot when the server says 354', () => {
    playAllCuts([
      ...chained,
      { server: '250 ok\r\n250 ok\r\n550 no\r\n550 no\r\n354 go\r\n' },
      { results: ['accepted'] },
      { client: '.\r\n' },
      { server: '554 no recipients\r\n' },
      { results: [{ kind: 'refused' }, { kind: 'refused' }] },
      { state: 'ready' },
      { begin: one },
      { client: `RSET\r\n${envelope(1)}` },
    ]);
  });

  it('that nobody answered was not tried, whatever ended the connection', () => {
    const ends: Step[][] = [
      [{ server: '421 4.3.2 bye\r\n' }],
      [{ server: '250 queued\r\n' }, { closed: true }],
      [{ server: '250 queued\r\nnonsense\r\n' }],
      [{ closed: true }],
    ];
    for (const end of ends) {
      playAllCuts([...chained, ...end, { results: [{}] }, { results: ['unanswered', 'unanswered'] }, { state: 'ended' }]);
    }
  });

  it('that was answered in part before the end was tried', () => {
    playAllCuts([
      ...chained,
      { server: '250 queued\r\n250 ok\r\n' },
      { closed: true },
      { results: ['accepted'] },
      { results: [{ kind: 'broken', phase: 'rcpt', dotSent: false }, 'broken'] },
    ]);
    playAllCuts([
      ...chained,
      { server: '250 queued\r\n421 4.3.2 bye\r\n' },
      { results: ['accepted'] },
      { results: [{ kind: 'broken', phase: 'mail', why: 'shutdown' }, 'broken'] },
    ]);
  });

  it('never leaves when the settings or the server leave no room for it', () => {
    for (const settings of [{ chaining: false }, { pipelining: false }]) {
      const { session, wire } = started(settings);
      expect([session.chains, wire()]).toEqual([false, wireMessage]);
    }
    expect(started({}, '250-mx.example\r\n250 8BITMIME\r\n').session.chains).toBe(false);
  });
});

/** A session whose first message just went out with all that may go with it. */
function started(settings: Partial<typeof defaultDeliverySettings>, offer = '250-mx.example\r\n250-SIZE 1000\r\n250 PIPELINING\r\n') {
  const session = new ClientSession({
    ehloName: 'out.example',
    tlsWish: 'never',
    login: null,
    settings: { ...defaultDeliverySettings, ...settings },
  });
  session.receive(Buffer.from('220 hi\r\n'));
  session.receive(Buffer.from(offer));
  session.begin(one);
  for (const reply of ['250 ok\r\n', '250 ok\r\n', '354 go\r\n']) session.receive(Buffer.from(reply));
  const [sent] = session.send(two);
  session.flushed();
  return { session, wire: () => (sent?.kind === 'write' ? Buffer.concat([...sent.chunks, sent.behind ?? Buffer.of()]).toString() : '') };
}

describe('trouble that chaining may be to blame for', () => {
  const troubled = (...server: string[]): boolean => {
    const { session } = started({});
    for (const text of server) session.receive(Buffer.from(text));
    if (server.at(-1) === '') session.timedOut();
    else if (server.length === 0) session.closed('gone');
    return session.chainTrouble;
  };

  it('is seen when the server loses the order, its input, or the connection', () => {
    expect(troubled('250 ok\r\n', '503 5.5.1 bad sequence\r\n')).toBe(true);
    expect(troubled('250 ok\r\n', 'garbage\r\n')).toBe(true);
    expect(troubled('250 ok\r\n', '')).toBe(true);
    expect(troubled()).toBe(true);
  });

  it('is not seen where the server only refuses or leaves', () => {
    expect(troubled('250 ok\r\n', '451 4.7.1 later\r\n')).toBe(false);
    expect(troubled('421 4.3.2 bye\r\n')).toBe(false);
    const { session } = started({});
    session.receive(Buffer.from('250 ok\r\n'));
    session.closed('gone');
    expect(session.chainTrouble).toBe(false);
  });
});
