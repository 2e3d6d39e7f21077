// Replies however they are cut, and nonsense as a value.
import { describe, expect, it } from 'vitest';
import { MAX_REPLY_BYTES, MAX_REPLY_LINE_BYTES, ReplyParser, type ParsedReply } from './reply.ts';

const parse = (...chunks: (string | Buffer)[]): ParsedReply[] => {
  const parser = new ReplyParser();
  return chunks.flatMap((chunk) => parser.push(Buffer.from(chunk)));
};

const stream =
  '220 mx.example ESMTP\r\n250-mx.example\r\n250-SIZE 1000\r\n250 PIPELINING\r\n550-5.1.1 No such user\r\n550 5.1.1 here \r\n354\r\n250-2.0.0 a\n250 2.0.0 b\n';
const replies = [
  { code: 220, enhanced: null, lines: ['mx.example ESMTP'] },
  { code: 250, enhanced: null, lines: ['mx.example', 'SIZE 1000', 'PIPELINING'] },
  { code: 550, enhanced: '5.1.1', lines: ['No such user', 'here '] },
  { code: 354, enhanced: null, lines: [''] },
  { code: 250, enhanced: '2.0.0', lines: ['a', 'b'] },
].map((reply) => ({ kind: 'reply', reply }));

describe('replies', () => {
  it('are the same when cut at every position', () => {
    for (let cut = 0; cut <= stream.length; cut += 1) expect(parse(stream.slice(0, cut), stream.slice(cut))).toEqual(replies);
  });

  it('are the same octet by octet', () => {
    expect(parse(...stream.split(''))).toEqual(replies);
  });

  it('keep an enhanced code that only some lines carry, and text that only looks like one', () => {
    expect(parse('450-4.2.1 first\r\n450 second\r\n250 2.0 not one\r\n250 9.1.1 neither\r\n')).toEqual([
      { kind: 'reply', reply: { code: 450, enhanced: '4.2.1', lines: ['first', 'second'] } },
      { kind: 'reply', reply: { code: 250, enhanced: null, lines: ['2.0 not one'] } },
      { kind: 'reply', reply: { code: 250, enhanced: null, lines: ['9.1.1 neither'] } },
    ]);
  });

  it('say whether one is unfinished', () => {
    const parser = new ReplyParser();
    parser.push(Buffer.from('250-a\r\n'));
    expect(parser.partial).toBe(true);
    parser.push(Buffer.from('250 b\r\n'));
    expect(parser.partial).toBe(false);
    parser.push(Buffer.from('2'));
    expect(parser.partial).toBe(true);
  });
});

describe('nonsense', () => {
  it.each([
    'HTTP/1.1 400 Bad Request\r\n',
    '\r\n',
    '25 ok\r\n',
    '2500 ok\r\n',
    '250_ok\r\n',
    '199 ok\r\n',
    '600 ok\r\n',
    '250-a\r\n251 b\r\n',
    '250-a\r\nb\r\n',
    '\u0000\u0001\r\n',
  ])('%j is named, not guessed at', (text) => {
    expect(parse(text)).toMatchObject([{ kind: 'nonsense' }]);
  });

  it('ends the stream: nothing after it is read', () => {
    const parser = new ReplyParser();
    expect(parser.push(Buffer.from('what\r\n250 ok\r\n'))).toHaveLength(1);
    expect(parser.push(Buffer.from('250 ok\r\n'))).toEqual([]);
  });

  it('is what an endless line or an endless reply is, while memory stays bounded', () => {
    expect(parse(`250 ${'x'.repeat(MAX_REPLY_LINE_BYTES)}\r\n`)).toMatchObject([{ kind: 'nonsense' }]);
    expect(parse('250 '.padEnd(MAX_REPLY_LINE_BYTES + 1, 'x'))).toMatchObject([{ kind: 'nonsense' }]);
    const parser = new ReplyParser();
    let lines = 0;
    while (parser.push(Buffer.from(`250-${'x'.repeat(1000)}\r\n`)).length === 0) lines += 1;
    expect(lines).toBeLessThanOrEqual(MAX_REPLY_BYTES / 1000);
  });

  it('leaves whole replies before it intact', () => {
    expect(parse('250 ok\r\nwhat\r\n')).toMatchObject([{ kind: 'reply' }, { kind: 'nonsense' }]);
  });
});
