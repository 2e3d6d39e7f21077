// The codes are those of the standards, and a clock may be a step off, no more.
import { expect, test } from 'vitest';
import { codeOf, keyUri, stepAt, stepOf, toBase32 } from './totp.ts';

const key = Buffer.from('12345678901234567890');

// RFC 4226 appendix D.
test('the codes of the first ten steps are those of RFC 4226', () => {
  const codes = ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'];
  expect(codes.map((_, step) => codeOf(key, step))).toEqual(codes);
});

// RFC 6238 appendix B, its last six digits.
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('the code at second %i is the one of RFC 6238', (second, code) => {
  expect(codeOf(key, stepAt(new Date(second * 1000)))).toBe(code);
});

test('a code of the step before or after is taken, of two steps away not', () => {
  const at = new Date(1_234_567_890_000);
  const now = stepAt(at);
  expect([-2, -1, 0, 1, 2].map((off) => stepOf(key, codeOf(key, now + off), at))).toEqual([null, now - 1, now, now + 1, null]);
  expect(stepOf(key, '', at)).toBeNull();
});

test.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foobar', 'MZXW6YTBOI'],
])('%s is %s in base 32, as RFC 4648 has it', (text, expected) => {
  expect(toBase32(Buffer.from(text))).toBe(expected);
});

test('the address of a key names account and console, and nothing in them can end it early', () => {
  const uri = new URL(keyUri('olive&co@sluice.example', 'console.example:3000', key));
  expect(uri.searchParams.get('secret')).toBe(toBase32(key));
  expect(uri.searchParams.get('issuer')).toBe('Sluice console.example:3000');
  expect(decodeURIComponent(uri.pathname)).toContain('Sluice console.example:3000:olive&co@sluice.example');
});
