// The clock on the wall of a time zone, from the zone's own rules: a day on which clocks change is an hour shorter or longer, and a time
// that does not exist that day is taken at the moment when the clocks jump.
import { isTimeZone } from '@sluice/contract';

const minuteMs = 60_000;
export const dayMs = 86_400_000;
const maxZones = 500;

const zones = new Map<string, Intl.DateTimeFormat | null>();

/** Null for a zone that this machine does not know. */
export function formatOf(zone: string): Intl.DateTimeFormat | null {
  const kept = zones.get(zone);
  if (kept !== undefined) return kept;
  const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
  const options = { ...fields, hourCycle: 'h23', calendar: 'iso8601' } as const;
  const format = isTimeZone(zone) ? new Intl.DateTimeFormat('en-US', { ...options, timeZone: zone }) : null;
  if (zones.size >= maxZones) zones.clear();
  zones.set(zone, format);
  return format;
}

/** The wall clock of the zone at this time, as if it were UTC. */
export function wallMs(format: Intl.DateTimeFormat, atMs: number): number {
  const part = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of format.formatToParts(atMs)) if (type in part) part[type as keyof typeof part] = Number(value);
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
}

/** When the wall clock shows `wall`: the first time of two, the moment of the jump when it shows it never. */
export function timeOf(format: Intl.DateTimeFormat, wall: number): number {
  const offsetAt = (atMs: number): number => wallMs(format, atMs) - atMs;
  // The offsets before and after any change near that time.
  const earlier = offsetAt(wall - dayMs);
  const later = offsetAt(wall + dayMs);
  const first = wall - Math.max(earlier, later);
  if (offsetAt(first) === Math.max(earlier, later)) return first;
  const second = wall - Math.min(earlier, later);
  if (offsetAt(second) === Math.min(earlier, later)) return second;
  // Skipped by the clocks: halve towards the jump between the two.
  let [low, high] = [first, second];
  while (high - low > minuteMs) {
    const middle = low + Math.floor((high - low) / 2 / minuteMs) * minuteMs;
    if (offsetAt(middle) === earlier) low = middle;
    else high = middle;
  }
  return high;
}
