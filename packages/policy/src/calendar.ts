// Hours and days of a zone's calendar, as caps count them. A day of 23 or 25 hours is one day; the hour that comes twice when clocks go back
// is two.
import { dayMs, formatOf, timeOf, wallMs } from './zone-clock.ts';

const hourMs = 3_600_000;

/** Milliseconds since 1970; the end is not part of it. */
export type Stretch = { startMs: number; endMs: number };

/** The hour or day of the zone's calendar in which `nowMs` lies. Tens of microseconds: keep the answer until it ends. */
export function calendarStretch(per: 'hour' | 'day', zone: string, nowMs: number): Stretch {
  // Limits with an unknown zone are refused. One that has gone since counts by UTC: a cap must not go with its zone.
  const format = formatOf(zone) ?? formatOf('UTC');
  if (!format) return { startMs: Math.floor(nowMs / dayMs) * dayMs, endMs: (Math.floor(nowMs / dayMs) + 1) * dayMs };
  const wall = wallMs(format, nowMs);
  if (per === 'hour') {
    // The wall clock has no milliseconds.
    const offsetMs = wall - Math.floor(nowMs / 1000) * 1000;
    const startMs = Math.floor((nowMs + offsetMs) / hourMs) * hourMs - offsetMs;
    return { startMs, endMs: startMs + hourMs };
  }
  const midnight = Math.floor(wall / dayMs) * dayMs;
  const startMs = timeOf(format, midnight);
  const endMs = timeOf(format, midnight + dayMs);
  return { startMs: Math.min(startMs, nowMs), endMs: Math.max(endMs, nowMs + 1) };
}
