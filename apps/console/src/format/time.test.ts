// How times are written.
import { expect, test } from 'vitest';
import { clockUtc, countdown, duration, relative, stampUtc } from './time.ts';

const now = Date.parse('2026-11-23T18:04:09.000Z');

test('times are in UTC and say so', () => {
  expect(clockUtc('2026-11-23T18:04:09.999Z')).toBe('18:04:09 UTC');
  expect(stampUtc(now)).toBe('2026-11-23 18:04:09 UTC');
});
test('a duration has its two largest units and leaves out what is zero', () => {
  expect(duration(0)).toBe('0 s');
  expect(duration(59.9)).toBe('59 s');
  expect(duration(125)).toBe('2 min 5 s');
  expect(duration(3600)).toBe('1 h');
  expect(duration(3605)).toBe('1 h');
  expect(duration(273_600)).toBe('3 d 4 h');
  expect(duration(-5)).toBe('0 s');
});
test('a time near now is relative, in one unit', () => {
  expect(relative(now - 400, now)).toBe('now');
  expect(relative(now - 5_000, now)).toBe('5 s ago');
  expect(relative(now - 125_000, now)).toBe('2 min ago');
  expect(relative(now + 3_600_000, now)).toBe('in 1 h');
});
test('a countdown never goes below zero', () => {
  expect(countdown(now + 270_000, now)).toBe('4:30');
  expect(countdown(now + 3_909_000, now)).toBe('1:05:09');
  expect(countdown(now + 200, now)).toBe('0:01');
  expect(countdown(now - 1, now)).toBe('0:00');
});
