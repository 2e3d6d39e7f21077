// The share of a pool's mail that a source gets.
import { expect, test } from 'vitest';
import { shareOf } from './shares.ts';

const source = (id: string, enabled = true) => ({ id, enabled, suspension: null });
const member = (sourceId: string, weight: number, enabled = true) => ({ sourceId, weight, enabled });

test('weights are shares among the members that take mail', () => {
  const pool = { members: [member('a', 10), member('b', 30), member('c', 60, false)] };
  const sources = [source('a'), source('b'), source('c')];
  expect(shareOf(pool, sources, 'a')).toBe(25);
  expect(shareOf(pool, sources, 'b')).toBe(75);
  expect(shareOf(pool, sources, 'c')).toBe(0);
});
test('a suspended, disabled or missing source gets nothing and the others share', () => {
  const suspension = { commandId: '', sourceId: 'b', reason: '', issuedBy: '', issuedAt: '', expiresAt: '' };
  const pool = { members: [member('a', 1), member('b', 1), member('c', 1), member('gone', 1)] };
  const sources = [source('a'), { ...source('b'), suspension }, source('c', false)];
  expect(shareOf(pool, sources, 'a')).toBe(100);
  expect(shareOf(pool, sources, 'b')).toBe(0);
});
test('a pool where nobody takes mail has no shares', () => {
  expect(shareOf({ members: [member('a', 0)] }, [source('a')], 'a')).toBe(0);
});
