import { expect, test } from 'vitest';
import { portionsOf } from './portions.ts';

test('ids are asked for once each, a hundred at a time, in an order of their own', () => {
  const ids = Array.from({ length: 230 }, (_, n) => `id-${String(n).padStart(3, '0')}`);
  const portions = portionsOf([...ids.toReversed(), ...ids]);
  expect(portions.map(({ length }) => length)).toEqual([100, 100, 30]);
  expect(portions.flat()).toEqual(ids);
  expect(portionsOf([])).toEqual([]);
});
