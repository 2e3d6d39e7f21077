// Answers kept for a replay, at rest.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { bodyMark, openAnswer, sealAnswer, type CallName } from './kept-answer.ts';

const kek = randomBytes(32);
const call: CallName = ['user:1', 'keys.create', 'abc'];

test('opens for the call it answers, and shows nothing of itself at rest', () => {
  const sealed = sealAnswer(kek, call, '{"secret":"slk_very-secret"}');
  expect(openAnswer(kek, call, sealed)).toBe('{"secret":"slk_very-secret"}');
  expect(sealed.toString('latin1')).not.toContain('secret');
});

test.each<[string, CallName]>([
  ['another actor', ['user:2', 'keys.create', 'abc']],
  ['another procedure', ['user:1', 'keys.rotate', 'abc']],
  ['another key', ['user:1', 'keys.create', 'abcd']],
])('does not open for %s', (_name, other) => {
  expect(openAnswer(kek, other, sealAnswer(kek, call, '1'))).toBeNull();
});

test('does not open with another key-encryption key, cut short or changed', () => {
  const sealed = sealAnswer(kek, call, '{"a":1}');
  expect(openAnswer(randomBytes(32), call, sealed)).toBeNull();
  expect(openAnswer(kek, call, sealed.subarray(0, 20))).toBeNull();
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(openAnswer(kek, call, changed), String(at)).toBeNull();
  }
});

test('the mark of a body tells bodies apart and, without the key-encryption key, nothing about them', () => {
  const body = Buffer.from('a hash');
  expect(bodyMark(kek, call, body)).toEqual(bodyMark(kek, call, Buffer.from('a hash')));
  expect(bodyMark(kek, call, body)).not.toEqual(bodyMark(kek, call, Buffer.from('another')));
  expect(bodyMark(kek, call, body)).not.toEqual(bodyMark(randomBytes(32), call, body));
});
