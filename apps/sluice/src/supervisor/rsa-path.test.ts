// Which of OpenSSL's ways to sign the engine gets.
import { expect, test } from 'vitest';
import { fasterPath, hasChoice } from './rsa-path.ts';

test('tries only where OpenSSL has the choice', () => {
  expect(hasChoice('fpu bmi2 adx avx2 sha_ni')).toBe(true);
  expect(hasChoice('fpu bmi2 avx2')).toBe(false);
  expect(hasChoice('fpu adx avx2 avx512f avx512ifma')).toBe(false);
  expect(hasChoice('')).toBe(false);
});

test('leaves the choice to OpenSSL unless the other is clearly faster, also when one try was disturbed or failed', () => {
  expect(fasterPath([1, 1, 1], [1.25, 0.6, 0])).toBe('masked');
  expect(fasterPath([1, 0.5, 1], [1.05, 1.05, 1.05])).toBe('own');
  expect(fasterPath([1, 1, 1], [0, 0, 0])).toBe('own');
  expect(fasterPath([0.4, 1, 0.4], [1, 1, 1])).toBe('own');
});
