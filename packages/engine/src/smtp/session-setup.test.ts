// Logging in and LMTP: what is said, when the password stays at home, and whose reply is whose after the dot.
import { describe, expect, it } from 'vitest';
import { ehlo, envelope, playAllCuts, request, wireMessage, type Step } from '../testing/smtp-dialogue.ts';

const login = { username: 'relay', password: 'hush', withoutTls: true };
const greeted: Step[] = [{ server: '220 hi\r\n' }, { client: 'EHLO out.example\r\n' }];
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a login', () => {
  it('is one line with PLAIN, and mail follows it', () => {
    const dialogue: Step[] = [
      { server: ehlo('PIPELINING', 'SIZE 1000', 'AUTH LOGIN PLAIN') },
      { client: `AUTH PLAIN ${base64('\0relay\0hush')}\r\n` },
      { server: '235 2.7.0 welcome\r\n' },
      { state: 'ready' },
      { begin: request(['r0@y.example']) },
      { client: envelope(1) },
      { server: '250 ok\r\n250 ok\r\n354 go\r\n' },
      { client: wireMessage },
      { server: '250 ok\r\n' },
      { results: ['accepted'] },
    ];
    playAllCuts([...greeted, ...dialogue], false, { login });
  });

  it('is three lines where only LOGIN is offered', () => {
    const dialogue: Step[] = [
      { server: ehlo('AUTH=LOGIN') },
      { client: 'AUTH LOGIN\r\n' },
      { server: '334 VXNlcm5hbWU6\r\n' },
      { client: `${base64('relay')}\r\n` },
      { server: '334 UGFzc3dvcmQ6\r\n' },
      { client: `${base64('hush')}\r\n` },
      { server: '235 ok\r\n' },
      { state: 'ready' },
    ];
    playAllCuts([...greeted, ...dialogue], false, { login });
  });

  it('comes after STARTTLS, by what is offered within', () => {
    const dialogue: Step[] = [
      { server: ehlo('STARTTLS') },
      { client: 'STARTTLS\r\n' },
      { server: '220 go\r\n' },
      { secured: true },
      { client: 'EHLO out.example\r\n' },
      { server: ehlo('AUTH PLAIN') },
      { client: `AUTH PLAIN ${base64('\0relay\0hush')}\r\n` },
      { server: '235 ok\r\n' },
      { state: 'ready' },
    ];
    playAllCuts([...greeted, ...dialogue], true, { login: { ...login, withoutTls: false } });
  });

  it('stays at home without TLS, without an offer, and where it is asked for more than it has', () => {
    const noTls: Step[] = [...greeted, { server: ehlo('AUTH PLAIN') }, { client: '' }, { state: 'ended' }];
    playAllCuts(noTls, false, { login: { ...login, withoutTls: false } });
    playAllCuts([...greeted, { server: ehlo('AUTH CRAM-MD5') }, { client: '' }, { state: 'ended' }], false, { login });
    const asked: Step[] = [{ server: ehlo('AUTH PLAIN') }, { client: `AUTH PLAIN ${base64('\0relay\0hush')}\r\n` }];
    playAllCuts([...greeted, ...asked, { server: '334 more\r\n' }, { client: '' }, { state: 'ended' }], false, { login });
  });

  it('that is refused ends the session before any mail', () => {
    const dialogue: Step[] = [
      { server: ehlo('AUTH PLAIN') },
      { client: `AUTH PLAIN ${base64('\0relay\0hush')}\r\n` },
      { server: '535 5.7.8 no\r\n' },
      { state: 'ended' },
    ];
    playAllCuts([...greeted, ...dialogue], false, { login });
  });
});

describe('LMTP', () => {
  const lhlo: Step[] = [{ server: '220 hi\r\n' }, { client: 'LHLO out.example\r\n' }, { server: ehlo('PIPELINING', 'SIZE 1000') }];
  it('gives every accepted recipient its own reply after the dot, in order', () => {
    const one: Step[] = [
      { begin: request(['r0@y.example', 'r1@y.example', 'r2@y.example']) },
      { client: envelope(3) },
      { server: '250 ok\r\n250 ok\r\n550 5.1.1 no\r\n250 ok\r\n354 go\r\n' },
      { client: wireMessage },
      { server: '250 in the box\r\n452 4.2.2 full\r\n' },
      { results: ['accepted', { kind: 'refused', phase: 'rcpt' }, { kind: 'refused', phase: 'message' }] },
      { state: 'ready' },
    ];
    playAllCuts([...lhlo, ...one, ...one], false, { protocol: 'lmtp' });
  });

  it('leaves open only the recipients that were not answered when the server goes', () => {
    const dialogue: Step[] = [
      { begin: request(['r0@y.example', 'r1@y.example']) },
      { client: envelope(2) },
      { server: '250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n' },
      { client: wireMessage },
      { server: '250 in the box\r\n' },
      { state: 'body' },
      { closed: true },
      { results: ['accepted', { kind: 'broken', dotSent: true }] },
    ];
    playAllCuts([...lhlo, ...dialogue], false, { protocol: 'lmtp' });
  });

  it('does not fall back to HELO', () => {
    const start: Step[] = [{ server: '220 hi\r\n' }, { client: 'LHLO out.example\r\n' }, { server: '500 what\r\n' }];
    expect(() => playAllCuts([...start, { client: '' }, { state: 'ended' }], false, { protocol: 'lmtp' })).not.toThrow();
  });
});
