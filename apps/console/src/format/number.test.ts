// How numbers are written.
import { expect, test } from 'vitest';
import { bytes, count, milliseconds, perSecond, plural, share } from './number.ts';

test('digits are grouped', () => expect(count(1_234_567)).toBe('1,234,567'));
test('a rate that is not zero never reads as zero', () => {
  expect(perSecond(0)).toBe('0.0/s');
  expect(perSecond(0.01)).toBe('<0.1/s');
  expect(perSecond(12.44)).toBe('12.4/s');
  expect(perSecond(1203.4)).toBe('1,203/s');
});
test('a share is 100% only when nothing is missing, and nothing without a base', () => {
  expect(share(99_999, 100_000)).toBe('>99.9%');
  expect(share(10, 10)).toBe('100%');
  expect(share(2, 3)).toBe('66.7%');
  expect(share(0, 0)).toBeNull();
});
test('sizes, times and counts carry their unit', () => {
  expect(bytes(512)).toBe('512 B');
  expect(bytes(10_485_760)).toBe('10.0 MiB');
  expect(milliseconds(119.6)).toBe('120 ms');
  expect(milliseconds(4_200)).toBe('4.2 s');
  expect(plural(1, 'entry', 'entries')).toBe('1 entry');
  expect(plural(2, 'entry', 'entries')).toBe('2 entries');
});
