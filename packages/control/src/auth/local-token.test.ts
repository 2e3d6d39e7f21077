// The local token: the whole rule.
import { expect, test } from 'vitest';
import { makeLocalToken } from './local-token.ts';

const token = 'a'.repeat(43);
const headers = (value: string) => new Headers({ authorization: value });

test('the right token from this machine is the local actor', () => {
  expect(makeLocalToken(token).actorOf(headers(`Bearer ${token}`), true)?.kind).toBe('local');
});

test('the right token from any other machine is nobody', () => {
  expect(makeLocalToken(token).actorOf(headers(`Bearer ${token}`), false)).toBeNull();
});

test.each([`Bearer ${token}b`, `Bearer ${token.slice(1)}`, `Basic ${token}`, token, 'Bearer ', ''])('%s is nobody', (value) => {
  expect(makeLocalToken(token).actorOf(headers(value), true)).toBeNull();
});

test('without a local token nothing is accepted, not even an empty one', () => {
  expect(makeLocalToken(null).actorOf(headers('Bearer '), true)).toBeNull();
  expect(makeLocalToken(null).actorOf(headers('Bearer null'), true)).toBeNull();
});

test('a short token is refused at start', () => {
  expect(() => makeLocalToken('short')).toThrow('less than 32');
});
