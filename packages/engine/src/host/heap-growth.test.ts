import { expect, test } from 'vitest';
import { growthPercent } from './heap-growth.ts';

const mebibyte = 1024 * 1024;

test('a small heap may grow by 64 MB, a large one by three tenths', () => {
  const roomMb = (liveMb: number): number => Math.round((liveMb * growthPercent(liveMb * mebibyte, (liveMb + 64) * mebibyte)) / 100);
  expect([32, 64, 128].map(roomMb)).toEqual([64, 64, 64]);
  expect([300, 1_000].map(roomMb)).toEqual([90, 300]);
});

test('next to nothing does not grow without end', () => {
  expect(growthPercent(1, 1)).toBe(300);
});

test('a heap that is being filled is not given several times what lives by then', () => {
  // 25 MB lived, and 380 MB are in use before the next collection, most of which will be found alive.
  expect(growthPercent(25 * mebibyte, 380 * mebibyte)).toBe(30);
});
