// Hours and days as the walls of a zone show them.
import { expect, it } from 'vitest';
import { calendarStretch } from './calendar.ts';

const at = (text: string): number => Date.parse(text);
const stretch = (per: 'hour' | 'day', zone: string, now: string): string[] => {
  const { startMs, endMs } = calendarStretch(per, zone, at(now));
  return [new Date(startMs).toISOString(), new Date(endMs).toISOString()];
};

it('a day is a day of the zone, of 23 or 25 hours when the clocks change', () => {
  expect(stretch('day', 'UTC', '2026-11-29T23:59:59.999Z')).toEqual(['2026-11-29T00:00:00.000Z', '2026-11-30T00:00:00.000Z']);
  expect(stretch('day', 'Europe/Berlin', '2026-03-29T12:00:00Z')).toEqual(['2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z']);
  expect(stretch('day', 'Europe/Berlin', '2026-10-25T12:00:00Z')).toEqual(['2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z']);
});

it('an hour begins with the hour of the zone, and the one that comes twice is two', () => {
  expect(stretch('hour', 'Asia/Kathmandu', '2026-11-29T10:20:00.500Z')).toEqual(['2026-11-29T10:15:00.000Z', '2026-11-29T11:15:00.000Z']);
  expect(stretch('hour', 'Europe/Berlin', '2026-10-25T00:30:00Z')).toEqual(['2026-10-25T00:00:00.000Z', '2026-10-25T01:00:00.000Z']);
  expect(stretch('hour', 'Europe/Berlin', '2026-10-25T01:30:00Z')).toEqual(['2026-10-25T01:00:00.000Z', '2026-10-25T02:00:00.000Z']);
});

it('one follows the other without a gap, whatever the zone', () => {
  for (const zone of ['UTC', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'America/St_Johns', 'Pacific/Apia']) {
    for (const per of ['hour', 'day'] as const) {
      let now = at('2026-03-01T00:00:00Z');
      for (let n = 0; n < 300; n++) {
        const { startMs, endMs } = calendarStretch(per, zone, now);
        expect(startMs).toBeLessThanOrEqual(now);
        expect(endMs).toBeGreaterThan(now);
        expect(endMs - startMs).toBeLessThanOrEqual(per === 'hour' ? 3_600_000 : 25 * 3_600_000);
        now = endMs;
      }
    }
  }
});
