// The encoder against a naive one, over random bodies cut everywhere.
import { describe, expect, it } from 'vitest';
import { pick, seeded } from '../message/testing.ts';
import { DotStuffer } from './data.ts';

const encode = (...chunks: string[]): string => {
  const stuffer = new DotStuffer();
  const out = chunks.map((chunk) => Buffer.from(stuffer.encode(Buffer.from(chunk))).toString());
  return out.join('') + Buffer.from(stuffer.end()).toString();
};
const naive = (text: string) => `${text.replace(/(^|\r\n)\./g, '$1..')}${text === '' || text.endsWith('\r\n') ? '' : '\r\n'}.\r\n`;

describe('dot-stuffing', () => {
  it.each(['', '.', '..', '.\r\n', '\r\n.\r\n', 'a\r\n.b', 'a\n.b', 'a\r.b', 'a', 'a\r', 'a\r\n', '\r\n.\r\n.\r\n.', 'x.\r\ny'])(
    'of %j is that of the plain rule, however cut',
    (text) => {
      for (let cut = 0; cut <= text.length; cut += 1) expect(encode(text.slice(0, cut), text.slice(cut))).toBe(naive(text));
    },
  );

  it('holds for random bodies in random pieces', () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const rng = seeded(seed);
      const chunks = Array.from({ length: Math.floor(rng() * 12) }, () =>
        Array.from({ length: Math.floor(rng() * 5) }, () => pick(rng, ['.', '\r', '\n', '\r\n', '\r\n.', 'ab'])).join(''),
      );
      expect(encode(...chunks)).toBe(naive(chunks.join('')));
    }
  });

  it('passes on the very same memory when there is nothing to stuff', () => {
    const chunk = Buffer.from('a.b\r\nc. \r\n');
    expect(new DotStuffer().encode(chunk)).toBe(chunk);
  });
});
