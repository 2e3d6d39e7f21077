// The number that says whether two hold the same configuration: what it is made of, and that it is the same whichever way it was reached.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { canonicalJson, ChangingContentRoot, emptyContentRoot, nextContentRoot } from './content-root.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test.each([
  ['{"b":1,"a":{"d":[1,{"z":0,"y":null}],"c":"x"}}', '{"a":{"c":"x","d":[1,{"y":null,"z":0}]},"b":1}'],
  // Which an object would give back in the order of numbers.
  ['{"9":1,"10":2,"a":3}', '{"10":2,"9":1,"a":3}'],
  ['{"__proto__":{"b":1},"Z":"\\u2028","é\\"":-0.5e3}', '{"Z":"\u2028","__proto__":{"b":1},"é\\"":-500}'],
  ['[]', '[]'],
  ['{}', '{}'],
  ['"a"', '"a"'],
  ['null', 'null'],
])('%s in canonical form', (given, canonical) => {
  const value: unknown = JSON.parse(given);
  expect(canonicalJson(value)).toBe(canonical);
  expect(canonicalJson(value)).toBe(canonical); // with its names known
});

test('fields that are undefined are left out, in a list they are null', () => {
  expect(canonicalJson({ a: undefined, b: [undefined, 1] })).toBe('{"b":[null,1]}');
});

test('one entity is the SHA-256 of its kind, id and canonical body', () => {
  expect(nextContentRoot(emptyContentRoot, 'pool', 'p1', null, { b: 2, a: 1 })).toBe(sha256('pool\0p1\0{"a":1,"b":2}'));
});

test('any order of changes, one by one or together, leads to the same number of 64 digits, and back to nothing', () => {
  const entities = Array.from({ length: 200 }, (_, n) => ({ kind: n % 2 === 0 ? 'pool' : 'source', id: `e${n}`, body: { n } }));
  let oneByOne = emptyContentRoot;
  for (const { kind, id, body } of entities) oneByOne = nextContentRoot(oneByOne, kind, id, null, body);
  const together = new ChangingContentRoot(emptyContentRoot);
  for (const { kind, id, body } of entities.toReversed()) {
    together.change(kind, id, undefined, { n: -1 });
    together.change(kind, id, { n: -1 }, body);
  }
  expect(together.root).toBe(oneByOne);
  expect(oneByOne).toMatch(/^[0-9a-f]{64}$/);
  for (const { kind, id, body } of entities) together.change(kind, id, body, null);
  expect(together.root).toBe(emptyContentRoot);
});
