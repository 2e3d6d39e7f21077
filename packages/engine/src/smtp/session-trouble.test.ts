// The machine against servers that leave, lie or lack what a message needs.
import { describe, it } from 'vitest';
import { ehlo, envelope, message, play, playAllCuts, ready, request, type Step } from '../testing/smtp-dialogue.ts';

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
