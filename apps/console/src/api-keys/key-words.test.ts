// Words about an API key.
import { expect, test } from 'vitest';
import { endAfter, networksIn, scopesInWords } from './key-words.ts';

test('scopes of one resource are said together', () => {
  expect(scopesInWords(['*:read', 'sources:act', 'sources:write'])).toBe('everything: read; sources: act, write');
});

test('a life in days becomes an end, and no life none', () => {
  const now = Date.UTC(2026, 10, 1);
  expect(endAfter('30', now)).toBe('2026-12-01T00:00:00.000Z');
  expect(endAfter('none', now)).toBeNull();
});

test('networks are read line by line or between commas', () => {
  expect(networksIn(' 192.0.2.0/24\n2001:db8::/32, 198.51.100.7 \n')).toEqual(['192.0.2.0/24', '2001:db8::/32', '198.51.100.7']);
});
