// The machine against servers that keep to the protocol: every dialogue is played with the server's bytes cut at every position.
import { describe, expect, it } from 'vitest';
import {
  ehlo,
  envelope,
  pipelining,
  plainReady,
  play,
  playAllCuts,
  ready,
  request,
  wireMessage,
  type Step,
} from '../testing/smtp-dialogue.ts';
import { defaultDeliverySettings } from '@sluice/contract';
import { ClientSession } from './session.ts';

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

it('waits for each reply as long as RFC 5321 section 4.5.3.2 says', () => {
  const session = new ClientSession({ ehloName: 'out.example', tlsWish: 'never', login: null, settings: defaultDeliverySettings });
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
  session.receive(Buffer.from('354 go\r\n'));
  session.send(null);
  waits.push(session.timeoutMs);
  session.flushed();
  waits.push(session.timeoutMs);
  expect(waits.map((wait) => (wait === null ? null : wait / 60_000))).toEqual([5, 5, null, 5, 5, 2, 3, 10]);
});
