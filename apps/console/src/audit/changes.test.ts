import { expect, test } from 'vitest';
import { fieldChanges } from './changes.ts';

test('only what differs is listed, by its path, with what was and what is', () => {
  const before = { name: 'bulk', tags: ['a', 'b'], members: [{ id: 1, weight: 1 }], gone: true };
  const after = {
    name: 'bulk',
    tags: ['a', 'c'],
    members: [
      { id: 1, weight: 7 },
      { id: 2, weight: 1 },
    ],
    fresh: null,
  };
  expect(fieldChanges(before, after)).toEqual([
    { field: 'tags', before: '["a","b"]', after: '["a","c"]' },
    { field: 'members.0.weight', before: '1', after: '7' },
    { field: 'gone', before: 'true', after: null },
    { field: 'members.1.id', before: null, after: '2' },
    { field: 'members.1.weight', before: null, after: '1' },
    { field: 'fresh', before: null, after: 'null' },
  ]);
});

test('what was made has no before, what was removed no after, and nothing is nothing', () => {
  expect(fieldChanges(null, { name: 'new' })).toEqual([{ field: 'name', before: null, after: 'new' }]);
  expect(fieldChanges({ name: 'old' }, null)).toEqual([{ field: 'name', before: 'old', after: null }]);
  expect(fieldChanges(null, null)).toEqual([]);
  expect(fieldChanges('a', 'b')).toEqual([{ field: 'value', before: 'a', after: 'b' }]);
});
