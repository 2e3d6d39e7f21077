// Limits in words.
import { expect, test } from 'vitest';
import { applicationOf, sizeOf } from './limit-words.ts';

test('a size names its unit', () => {
  expect(sizeOf({ kind: 'connections', count: 1, perSeconds: 1, burst: 0 })).toBe('1 connection at once');
  expect(sizeOf({ kind: 'message_rate', count: 50, perSeconds: 1, burst: 10 })).toBe('50 per second, burst 10');
  expect(sizeOf({ kind: 'message_rate', count: 1000, perSeconds: 60, burst: 0 })).toBe('1,000 per 60 s');
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
