// Text that no field may hold, wherever it stands.
import { expect, test } from 'vitest';
import { unstorable } from './storable.ts';

test('finds NUL and half characters at any depth, in values and in names', () => {
  expect(unstorable({ a: [{ b: 'x\u0000y' }] })).toBe('a.0.b');
  expect(unstorable({ a: '\ud800' })).toBe('a');
  expect(unstorable({ a: { 'k\u0000': 1 } })).toBe('a');
  expect(unstorable('\udfff')).toBe('');
});

test('passes everything else, and is not ended by an input that is very deep', () => {
  expect(unstorable({ a: 'Grüße, 𝒳\u0007', b: [1, null, true], c: undefined })).toBeNull();
  let deep: unknown = 'end';
  for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
  expect(unstorable(deep)).toBeNull();
});
