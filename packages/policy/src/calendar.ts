// Hours and days of a zone's calendar, as caps and warm-up plans count them. A day of 23 or 25 hours is one day; the hour that comes twice
// when clocks go back is two.
import { dayMs, formatOf, timeOf, wallMs } from './zone-clock.ts';

const hourMs = 3_600_000;

/** Milliseconds since 1970; the end is not part of it. */
export type Stretch = { startMs: number; endMs: number };

/** A calendar day of a zone: `number` counts days since 1970-01-01 there. */
export type ZoneDay = { readonly number: number; readonly startsMs: number; readonly endsMs: number };

/** Days that are remembered by zone and number; past it the cache starts anew. */
const maxKnown = 2_000;

const known = new Map<string, ZoneDay>();

/** The day in which `atMs` lies. A zone that this machine no longer knows is taken for UTC. */
export function dayAt(zone: string, atMs: number): ZoneDay {
  const format = formatOf(zone);
  const number = Math.floor((format ? wallMs(format, atMs) : atMs) / dayMs);
  const key = `${zone}\0${number}`;
  let day = known.get(key);
  if (!day) {
    const edge = (of: number): number => (format ? timeOf(format, of * dayMs) : of * dayMs);
    day = { number, startsMs: edge(number), endsMs: edge(number + 1) };
    if (known.size >= maxKnown) known.clear();
    known.set(key, day);
  }
  return day;
}

/** The hour or day of the zone's calendar in which `nowMs` lies. Tens of microseconds: keep the answer until it ends. */
export function calendarStretch(per: 'hour' | 'day', zone: string, nowMs: number): Stretch {
  // Limits with an unknown zone are refused. One that has gone since counts by UTC: a cap must not go with its zone.
  if (per === 'hour') {
    const format = formatOf(zone);
    // The wall clock has no milliseconds.
    const offsetMs = format ? wallMs(format, nowMs) - Math.floor(nowMs / 1000) * 1000 : 0;
    const startMs = Math.floor((nowMs + offsetMs) / hourMs) * hourMs - offsetMs;
    return { startMs, endMs: startMs + hourMs };
  }
  const { startsMs, endsMs } = dayAt(zone, nowMs);
  return { startMs: Math.min(startsMs, nowMs), endMs: Math.max(endsMs, nowMs + 1) };
}
