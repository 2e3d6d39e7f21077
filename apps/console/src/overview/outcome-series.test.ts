// Sums and thinning of the outcome series.
import { expect, test } from 'vitest';
import { thinned, totalOf, type OutcomeMinute } from './outcome-series.ts';

const minute = (index: number, delivered: number): OutcomeMinute => ({
  minute: new Date(index * 60_000).toISOString(),
  accepted: delivered,
  delivered,
  deferred: 1,
  bounced: 0,
  expired: 0,
  cancelled: 0,
});

test('totals add every minute once', () => {
  expect(totalOf([minute(0, 3), minute(1, 4)])).toEqual({ accepted: 7, delivered: 7, deferred: 2, bounced: 0, expired: 0, cancelled: 0 });
});
test('thinning keeps values per minute and stays within the limit', () => {
  const series = Array.from({ length: 1440 }, (_, index) => minute(index, 10));
  const points = thinned(series, 240);
  expect(points).toHaveLength(240);
  expect(points.every((point) => point.delivered === 10)).toBe(true);
  expect(thinned(series.slice(0, 60), 240)).toHaveLength(60);
});
