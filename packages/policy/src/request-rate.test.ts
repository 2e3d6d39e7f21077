// How often somebody may ask, by a clock that moves only when told.
import { expect, test } from 'vitest';
import { RequestRateBook } from './request-rate.ts';

const rate = { perSecond: 10, burst: 20 };
const book = (maxBuckets = 100) => new RequestRateBook(rate, maxBuckets);
const many = (times: number, take: () => number): number[] => Array.from({ length: times }, take);

test('lets the burst through at once, and after it what the rate gives', () => {
  const it = book();
  expect(many(21, () => it.take('a', 1, 0)).filter((wait) => wait === 0)).toHaveLength(20);
  expect(it.take('a', 1, 99)).toBeCloseTo(1);
  expect(it.take('a', 1, 100)).toBe(0);
  expect(it.take('a', 1, 100)).toBeCloseTo(100);
});

test('over a long time no more than burst and rate together get through, however hard one tries', () => {
  const it = book();
  let through = 0;
  for (let now = 0; now < 60_000; now += 7) if (it.take('a', 1, now) === 0) through += 1;
  expect(through).toBeGreaterThan(20 + 595);
  expect(through).toBeLessThanOrEqual(20 + 600);
});

test('a refusal costs nothing: the wait that was told is enough', () => {
  const it = book();
  many(20, () => it.take('a', 1, 0));
  const wait = it.take('a', 5, 0);
  many(50, () => it.take('a', 5, 1));
  expect(it.take('a', 5, wait)).toBe(0);
});

test('one who asks too often keeps nobody else out', () => {
  const it = book();
  many(50, () => it.take('a', 1, 0));
  expect(it.take('b', 20, 0)).toBe(0);
});

test('a batch counts as many as it holds; one above the burst takes a full bucket', () => {
  const it = book();
  expect(it.take('a', 30, 0)).toBe(0);
  expect(it.take('a', 1, 0)).toBeCloseTo(100);
  expect(it.take('b', 1, 0)).toBe(0);
  expect(it.take('b', 30, 0)).toBeCloseTo(100);
});

test('a clock set back keeps nobody out for longer than an empty bucket', () => {
  const it = book();
  many(20, () => it.take('a', 1, 1_000_000));
  expect(it.take('a', 1, 0)).toBeLessThanOrEqual(100);
});

test('keeps no more buckets than its bound, and forgets the one that was longest not used', () => {
  const it = book(2);
  many(20, () => it.take('a', 1, 0));
  it.take('b', 1, 1);
  expect(it.take('a', 1, 101)).toBe(0);
  it.take('c', 1, 102);
  expect(it.size).toBe(2);
  expect(it.take('a', 1, 103)).toBeGreaterThan(0);
});

test('a rate of nothing is a mistake of the program', () => {
  expect(() => new RequestRateBook({ perSecond: 0, burst: 1 }, 1)).toThrow(RangeError);
});
