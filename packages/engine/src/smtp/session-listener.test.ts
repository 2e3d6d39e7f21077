// What a listener hears of a session: every line both ways, each about its transaction, and never the password.
import { describe, expect, it } from 'vitest';
import { defaultDeliverySettings } from '@sluice/contract';
import { ClientSession } from './session.ts';
import type { ParsedReply } from './reply.ts';
import type { SessionListener } from './session-listener.ts';
import type { TransactionRequest } from './transaction.ts';

const request = (recipient: string): TransactionRequest => ({
  sender: 's@x.example',
  recipients: [{ address: recipient, dsn: null }],
  chunks: [Buffer.from('Subject: hidden\r\n\r\nhidden too\r\n')],
  eightBit: false,
  utf8: false,
});
const textOf = (item: ParsedReply): string =>
  item.kind === 'reply' ? `${item.reply.code} ${item.reply.lines.join('|')}` : `? ${item.text}`;

function heard(login: { username: string; password: string; withoutTls: boolean } | null) {
  const session = new ClientSession({ ehloName: 'out.example', tlsWish: 'never', settings: defaultDeliverySettings, login });
  const lines: string[] = [];
  const name = (about: TransactionRequest | null) => (about ? `${about.recipients[0]?.address} ` : '');
  const listener: SessionListener = {
    sent: (sent, about) => void lines.push(...sent.map((line) => `${name(about)}> ${line.trimEnd()}`)),
    sentMessage: (about) => void lines.push(`${name(about)}> message`),
    received: (item, about) => void lines.push(`${name(about)}< ${textOf(item)}`),
    failed: ({ detail }, about) => void lines.push(`${name(about)}! ${detail}`),
  };
  session.listener = listener;
  const say = (text: string) => session.receive(Buffer.from(text));
  return { session, lines, say };
}

describe('a listener', () => {
  it('hears each line with the transaction it is about, also where the next envelope left behind a message', () => {
    const { session, lines, say } = heard(null);
    say('220 hi\r\n');
    say('250-mx\r\n250 PIPELINING\r\n');
    lines.splice(0);
    session.begin(request('a@y.example'));
    say('250 m\r\n250 r\r\n354 go\r\n');
    session.send(request('b@y.example'));
    session.flushed();
    say('250 taken a\r\n250 m\r\n550 no b\r\n503 no\r\n');
    session.quit();
    say('221 bye\r\n');
    expect(lines).toEqual([
      'a@y.example > MAIL FROM:<s@x.example>',
      'a@y.example > RCPT TO:<a@y.example>',
      'a@y.example > DATA',
      'a@y.example < 250 m',
      'a@y.example < 250 r',
      'a@y.example < 354 go',
      'a@y.example > message',
      'b@y.example > MAIL FROM:<s@x.example>',
      'b@y.example > RCPT TO:<b@y.example>',
      'b@y.example > DATA',
      'a@y.example < 250 taken a',
      'b@y.example < 250 m',
      'b@y.example < 550 no b',
      'b@y.example < 503 no',
      '> QUIT',
      '< 221 bye',
    ]);
  });

  it('is not told whose transaction an answer to RSET is about', () => {
    const { session, lines, say } = heard(null);
    say('220 hi\r\n');
    say('250-mx\r\n250 PIPELINING\r\n');
    session.begin(request('a@y.example'));
    say('250 m\r\n550 no\r\n503 no\r\n');
    lines.splice(0);
    session.begin(request('b@y.example'));
    say('250 forgot a@y.example\r\n250 m\r\n');
    expect(lines.slice(-2)).toEqual(['< 250 forgot a@y.example', 'b@y.example < 250 m']);
  });

  it('hears why it ended, and the beginning of what was no reply', () => {
    const { lines, say } = heard(null);
    say('HTTP/1.1 400 Bad Request\r\n');
    expect(lines).toEqual(['< ? HTTP/1.1 400 Bad Request', '! not a reply']);
  });

  it.each([
    ['PLAIN', ['> AUTH PLAIN ***']],
    ['LOGIN', ['> AUTH LOGIN', '> ***', '> ***']],
  ])('never hears what we log in with by %s, though the server repeats it', (mechanism, expected) => {
    const login = { username: 'us', password: 'se+cret', withoutTls: true };
    const { lines, say } = heard(login);
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    say('220 hi\r\n');
    say(`250-mx\r\n250 AUTH ${mechanism}\r\n`);
    if (mechanism === 'LOGIN') {
      say('334 VXNlcm5hbWU6\r\n');
      say('334 UGFzc3dvcmQ6\r\n');
    }
    say(`535 5.7.8 ${base64('se+cret')} se+cret ${base64('\0us\0se+cret')} is wrong\r\n`);
    expect(lines.filter((line) => line.startsWith('>')).slice(1)).toEqual(expected);
    expect(lines).toContain('< 535 *** *** *** is wrong');
    expect(lines.join('\n')).not.toMatch(/se\+cret|c2UrY3JldA/);
  });
});
