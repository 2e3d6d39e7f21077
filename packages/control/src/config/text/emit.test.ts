// What is written is read back the same, whatever is in it.
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { entryText } from './emit.ts';

test.each([
  [
    'words that YAML may take for something else',
    { a: 'yes', b: 'null', c: '2026-01-01', d: '1e3', e: '~', f: '- x', g: 'a: b', h: 'a #b', i: '', j: ' a ' },
  ],
  ['characters that have to be escaped', { a: 'multi\nline', b: '"quoted" \\', c: 'ü \u2028 \u0085 \u{1f600}', d: '\t' }],
  ['keys of any kind', { '*': 1, '.example.com': 2, '10.0.0.0/8': 3, 'a: b': 4, true: 5, '123': 6 }],
  [
    'lists, empty things and depth',
    { a: [], b: {}, c: ['x', '1', 2, null, true], d: [{ k: 'v', deep: { er: [{ x: [] }, {}] } }, { k: 'w' }], e: null, f: 1.5 },
  ],
])('%s', (_what, entry) => {
  expect((parse(`s:\n${entryText('the: name', entry)}`) as { s: object }).s).toEqual({ 'the: name': entry });
});

test('keys are sorted at every depth, so that equal entries have equal texts', () => {
  expect(entryText('x', { b: { d: 1, c: 2 }, a: [1, 2] })).toBe('  x:\n    a: [1, 2]\n    b:\n      c: 2\n      d: 1\n');
  expect(entryText('x', { a: [1, 2], b: { c: 2, d: 1 } })).toBe(entryText('x', { b: { d: 1, c: 2 }, a: [1, 2] }));
  expect(entryText('x', { gone: undefined })).toBe('  x: {}\n');
});
