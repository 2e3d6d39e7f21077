// The message by BDAT: as it lies, in one last chunk, and only where it is offered and wanted. RFC 3030 section 2
import { expect, it } from 'vitest';
import { ehlo, envelope, message, playAllCuts, request, wireMessage, type Manner, type Step } from '../testing/smtp-dialogue.ts';
import { chunkOf } from './data.ts';

const chunking: Manner = { settings: { chunking: true } };
const start: Step[] = [
  { server: '220 hi\r\n' },
  { client: 'EHLO out.example\r\n' },
  { server: ehlo('PIPELINING', 'CHUNKING', 'SIZE 1000') },
];
const plain: Step[] = [{ server: '220 hi\r\n' }, { client: 'EHLO out.example\r\n' }, { server: ehlo('CHUNKING') }];
const one = request(['r0@y.example']);
const two = request(['r0@y.example', 'r1@y.example']);
const asked = (count: number) => envelope(count).replace('DATA\r\n', '');
const chunk = `BDAT ${message.length} LAST\r\n${message.toString()}`;

it('leaves after the envelope, dots as they are, and the next envelope behind it', () => {
  playAllCuts(
    [
      ...start,
      { behind: one },
      { begin: two },
      { client: asked(2) },
      { server: '250 ok\r\n550 5.1.1 no\r\n250 ok\r\n' },
      { client: `${chunk}RSET\r\n${asked(1)}` },
      { server: '250 queued\r\n250 reset\r\n250 ok\r\n250 ok\r\n' },
      { results: [{ kind: 'refused', phase: 'rcpt' }, 'accepted'] },
      { client: chunk },
      { server: '250 queued\r\n' },
      { results: ['accepted'] },
      { begin: one },
      { client: asked(1) },
    ],
    false,
    chunking,
  );
});

it('is not sent when nobody is to have it', () => {
  playAllCuts(
    [
      ...start,
      { begin: two },
      { client: asked(2) },
      { server: '250 ok\r\n550 5.1.1 no\r\n452 4.5.3 no\r\n' },
      { results: ['refused', 'refused'] },
      { state: 'ready' },
      { begin: one },
      { client: `RSET\r\n${asked(1)}` },
    ],
    false,
    chunking,
  );
});

it('that is refused is followed by RSET, since what it leaves behind is not known', () => {
  playAllCuts(
    [
      ...start,
      { begin: one },
      { client: asked(1) },
      { server: '250 ok\r\n250 ok\r\n' },
      { client: chunk },
      { server: '554 5.7.1 spam\r\n' },
      { results: [{ kind: 'refused', phase: 'message' }] },
      { begin: one },
      { client: `RSET\r\n${asked(1)}` },
    ],
    false,
    chunking,
  );
});

it('goes command by command to a server without PIPELINING', () => {
  playAllCuts(
    [
      ...plain,
      { begin: one },
      { client: 'MAIL FROM:<s@x.example>\r\n' },
      { server: '250 ok\r\n' },
      { client: 'RCPT TO:<r0@y.example>\r\n' },
      { server: '250 ok\r\n' },
      { client: chunk },
      { server: '250 ok\r\n' },
      { results: ['accepted'] },
    ],
    false,
    chunking,
  );
});

it('may have been taken when the connection ends after it', () => {
  playAllCuts(
    [
      ...start,
      { begin: one },
      { server: '250 ok\r\n250 ok\r\n' },
      { closed: true },
      { results: [{ kind: 'broken', phase: 'message', dotSent: true }] },
    ],
    false,
    chunking,
  );
});

it('goes by DATA where it is not asked for or not offered', () => {
  const byData: Step[] = [{ begin: one }, { client: envelope(1) }, { server: '250 ok\r\n250 ok\r\n354 go\r\n' }, { client: wireMessage }];
  playAllCuts([...start, ...byData]);
  const without = [{ server: '220 hi\r\n' }, { client: 'EHLO out.example\r\n' }, { server: ehlo('PIPELINING', 'SIZE 1000') }];
  playAllCuts([...without, ...byData], false, chunking);
});

it('ends in CRLF, however its pieces are cut', () => {
  const wire = (...pieces: string[]) => Buffer.concat(chunkOf(pieces.map((piece) => Buffer.from(piece)))).toString();
  expect(wire('a\r\n.', 'b\r\n')).toBe('BDAT 7 LAST\r\na\r\n.b\r\n');
  expect(wire('a\r', '\n')).toBe('BDAT 3 LAST\r\na\r\n');
  expect(wire('a\n')).toBe('BDAT 4 LAST\r\na\n\r\n');
  expect(wire('a')).toBe('BDAT 3 LAST\r\na\r\n');
});
