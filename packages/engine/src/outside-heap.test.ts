import { afterEach, expect, test, vi } from 'vitest';
import { passedOutsideHeap } from './outside-heap.ts';

const mebibyte = 1024 * 1024;

afterEach(() => vi.unstubAllGlobals());

test('asks for a young collection after every 16 MB of large buffers, and for none because of small ones', () => {
  const collect = vi.fn();
  vi.stubGlobal('gc', collect);
  for (let passed = 0; passed < 48; passed++) passedOutsideHeap(mebibyte);
  expect(collect.mock.calls).toEqual(Array.from({ length: 3 }, () => [{ type: 'minor', execution: 'sync' }]));
  for (let passed = 0; passed < 10_000; passed++) passedOutsideHeap(4_096);
  expect(collect).toHaveBeenCalledTimes(3);
});

test('does nothing where the process lacks the flag', () => {
  vi.stubGlobal('gc', undefined);
  expect(() => passedOutsideHeap(64 * mebibyte)).not.toThrow();
});
