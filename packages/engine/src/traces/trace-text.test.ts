// What a stranger wrote, as an operator's screen gets it.
import { expect, it } from 'vitest';
import { traceBounds } from '@sluice/contract';
import { ReplyParser } from '../smtp/reply.ts';
import { printableLine, replyLines } from './trace-text.ts';

it.each([
  ['terminal control', '250 \u001b[31mred\u0007', '250 \\x1b[31mred\\x07'],
  ['a line end in the middle', '250 a\r250 b', '250 a\\x0d250 b'],
  ['nothing', 'a\0b', 'a\\x00b'],
  ['text that runs backwards', '250 \u202egro.elpmaxe', '250 \\u{202e}gro.elpmaxe'],
  ['line ends of Unicode', 'a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
  ['what nobody sees', 'a\u200bb\u{e0041}c', 'a\\u{200b}b\\u{e0041}c'],
  ['half a character', 'a\ud83d', 'a\\u{d83d}'],
  ['letters of any script', '250 Grüße 漢字 🙂', '250 Grüße 漢字 🙂'],
])('shows %s as what it is', (_what, came, shown) => {
  expect(printableLine(came)).toBe(shown);
});

it('cuts a line, whatever its characters become', () => {
  for (const text of ['x'.repeat(100_000), '\u001b'.repeat(traceBounds.lineChars)]) {
    const shown = printableLine(text);
    expect(shown.endsWith(' [cut]')).toBe(true);
    expect(shown.length).toBeLessThanOrEqual(traceBounds.lineChars + ' [cut]'.length);
  }
});

it.each([
  ['in every line', '550-5.1.1 no\r\n550 5.1.1 such user\r\n', ['550-5.1.1 no', '550 5.1.1 such user']],
  ['in the first alone', '550-5.1.1 no\r\n550 such user\r\n', ['550-5.1.1 no', '550 5.1.1 such user']],
  ['in the last alone', '550-no\r\n550 5.1.1 such user\r\n', ['550-5.1.1 no', '550 5.1.1 such user']],
  ['each its own', '550-5.1.1 no\r\n550 5.7.1 not for you\r\n', ['550-5.1.1 no', '550 5.7.1 not for you']],
  ['of another class behind the first line', '550-no\r\n550 4.2.1 later\r\n', ['550-no', '550 4.2.1 later']],
  ['nowhere', '550-no\r\n550 such user\r\n', ['550-no', '550 such user']],
])('tells every line of a reply with its enhanced code: %s', (_where, octets, told) => {
  expect(new ReplyParser().push(Buffer.from(octets)).flatMap(replyLines)).toEqual(told);
});

it('tells a reply line by line as it came, and says how many it leaves out', () => {
  const reply = { code: 250, enhanced: '2.1.0', lines: ['one', 'two'] };
  expect(replyLines({ kind: 'reply', reply })).toEqual(['250-2.1.0 one', '250 2.1.0 two']);
  const long = { code: 250, enhanced: null, lines: Array.from({ length: 5_000 }, () => '') };
  expect(replyLines({ kind: 'reply', reply: long })).toHaveLength(101);
  expect(replyLines({ kind: 'reply', reply: long }).at(-1)).toBe('[4900 more lines]');
});
