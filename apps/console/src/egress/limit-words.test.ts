// Limits in words.
import { expect, test } from 'vitest';
import { applicationOf, sizeOf } from './limit-words.ts';

test('a size names its unit', () => {
  expect(sizeOf({ kind: 'connections', count: 1, perSeconds: 1, burst: 0 })).toBe('1 connection at once');
  expect(sizeOf({ kind: 'message_rate', count: 50, perSeconds: 1, burst: 10 })).toBe('50 per second, burst 10');
  expect(sizeOf({ kind: 'message_rate', count: 1000, perSeconds: 60, burst: null })).toBe('1,000 per 60 s');
  expect(sizeOf({ kind: 'message_rate', count: 5, perSeconds: 1, burst: 0 })).toBe('5 per second, strictly spaced');
  expect(sizeOf({ kind: 'byte_rate', count: 1_000_000, perSeconds: 1, burst: null })).toBe('1,000,000 bytes per second');
  expect(sizeOf({ kind: 'connection_rate', count: 1, perSeconds: 1, burst: null })).toBe('1 new connection per second');
});
test('a cap names its day or hour, and whose', () => {
  expect(sizeOf({ kind: 'daily_cap', count: 2000, perSeconds: 1, burst: null, zone: 'Europe/Berlin' })).toBe('2,000 a day (Europe/Berlin)');
  expect(sizeOf({ kind: 'hourly_cap', count: 50, perSeconds: 1, burst: null })).toBe('50 an hour (UTC)');
});
test('what it counts names every condition and every dimension', () => {
  expect(applicationOf({ where: {}, by: [] })).toBe('all mail, together');
  expect(applicationOf({ where: { provider: 'gmail' }, by: ['source', 'provider'] })).toBe(
    'mail of provider gmail, apart for each source and provider',
  );
  expect(applicationOf({ where: { provider: 'gmail', tenant: 't' }, by: ['node', 'source', 'site'] })).toBe(
    'mail of provider gmail and tenant t, apart for each node, source and site',
  );
});
