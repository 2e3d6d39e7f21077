// Reply rules and origins in words.
import { expect, test } from 'vitest';
import { matchWords, originOf, permanenceWords } from './provider-words.ts';

test('a match says everything that must hold', () => {
  expect(matchWords({ codes: [4, 550], enhanced: ['4.7.*'], pattern: 'too many', phases: ['mail', 'rcpt'] })).toBe(
    '4xx or 550, 4.7.*, text like /too many/, to mail or rcpt',
  );
  expect(matchWords({ codes: [], enhanced: [], pattern: 'x', phases: [] })).toBe('text like /x/');
});

test('permanence is told only where the code does not say it', () => {
  expect(permanenceWords({ permanence: null })).toBeNull();
  expect(permanenceWords({ permanence: 'temporary' })).toBe('temporary whatever the code');
});

test('an origin says whether newer software changes the provider', () => {
  const preset = { key: 'gmail', version: 1 };
  expect(originOf({ preset: null, edited: true, newestPreset: null })).toBe('made here');
  expect(originOf({ preset, edited: false, newestPreset: 1 })).toBe('preset, version 1');
  expect(originOf({ preset, edited: true, newestPreset: 1 })).toBe('edited, from version 1');
  expect(originOf({ preset, edited: true, newestPreset: 2 })).toBe('edited, from version 1; version 2 is there');
});
