// When mail that has a delivery window may be attempted. A window speaks of the clock on the wall of its zone, so every edge is computed
// from the zone's own rules: a day on which clocks change is an hour shorter or longer, and a time that does not exist that day is taken
// at the moment when the clocks jump. Answers are cached until the next edge, since thousands of entries share few windows.
import { isTimeZone, weekDays, type DeliveryWindow } from '@sluice/contract';
import { dayMs, formatOf, timeOf, wallMs } from './zone-clock.ts';

const minuteMs = 60_000;
/** Windows whose present stretch is remembered; past it the cache starts anew. */
const maxKnown = 1_000;

type Known = { fromMs: number; untilMs: number; opensAtMs: number };
const known = new Map<string, Known>();
function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function look(window: DeliveryWindow, nowMs: number): Known {
  const format = formatOf(window.zone);
  // Settings and injections with such a zone are refused. It can only have gone since: the window goes with it, the mail does not wait.
  if (!format) return { fromMs: nowMs, untilMs: nowMs + dayMs, opensAtMs: nowMs };
  const midnight = Math.floor(wallMs(format, nowMs) / dayMs) * dayMs;
  const from = minutesOf(window.from);
  const to = minutesOf(window.to);
  let closedFromMs = nowMs;
  // From yesterday, whose window may reach over midnight, to the same day of next week.
  for (let day = -1; day <= 8; day++) {
    const date = midnight + day * dayMs;
    // 1970-01-01 was a Thursday; the list begins with Monday.
    const weekDay = weekDays[(Math.floor(date / dayMs) + 3) % 7];
    if (weekDay === undefined || !window.days.includes(weekDay)) continue;
    const opensAtMs = timeOf(format, date + from * minuteMs);
    const closesAtMs = timeOf(format, date + (to <= from ? dayMs : 0) + to * minuteMs);
    if (closesAtMs <= nowMs) {
      closedFromMs = closesAtMs;
      continue;
    }
    if (opensAtMs <= nowMs) return { fromMs: opensAtMs, untilMs: closesAtMs, opensAtMs };
    return { fromMs: closedFromMs, untilMs: opensAtMs, opensAtMs };
  }
  return { fromMs: nowMs, untilMs: nowMs + minuteMs, opensAtMs: nowMs };
}

/** The time itself when the window is open then, else when it opens next. */
export function windowOpensAt(window: DeliveryWindow, nowMs: number): number {
  const key = `${window.zone}\0${window.from}\0${window.to}\0${window.days.join(' ')}`;
  let stretch = known.get(key);
  if (!stretch || nowMs < stretch.fromMs || nowMs >= stretch.untilMs) {
    stretch = look(window, nowMs);
    if (known.size >= maxKnown) known.clear();
    known.set(key, stretch);
  }
  return Math.max(stretch.opensAtMs, nowMs);
}

const shape = /^(?<days>[a-z]{3}(?:[-,][a-z]{3})*) (?<from>\d\d:\d\d)-(?<to>\d\d:\d\d) (?<zone>\S{1,64})$/i;
type WeekDay = (typeof weekDays)[number];

/** Reads `mon-fri 08:00-20:00 Europe/Berlin` (days as a list, as ranges, or both); null when it says no window. */
export function readWindow(text: string): DeliveryWindow | null {
  const groups = shape.exec(text.trim())?.groups;
  if (!groups) return null;
  const days = new Set<WeekDay>();
  for (const part of (groups['days'] ?? '').toLowerCase().split(',')) {
    const [first, last, ...more] = part.split('-').map((name) => weekDays.findIndex((day) => day === name));
    if (first === undefined || first < 0 || last === -1 || more.length > 0) return null;
    const length = (((last ?? first) - first + 7) % 7) + 1;
    for (let step = 0; step < length; step++) days.add(weekDays[(first + step) % 7] ?? 'mon');
  }
  const { from = '', to = '', zone = '' } = groups;
  if (![from, to].every((time) => /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(time))) return null;
  if (!isTimeZone(zone)) return null;
  return { days: weekDays.filter((day) => days.has(day)), from, to, zone };
}
