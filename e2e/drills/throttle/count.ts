// What was counted against what was allowed. A window is allowed what the limit says of it, and as much time more as the receiver was
// measured to read late, nothing else.
import type { PlannedLimit } from './plan.ts';

export type CountedEvent = { at: number; units: number };
/** Counts in force: from the second time on the later one, in between the greater of both. */
export type Change = { publishedAt: number; inForceAt: number };
export type Stretch = { fromMs: number; untilMs: number };

const ownBurst = (count: number, perSeconds: number): number => Math.max(1, Math.ceil((count * 25) / (perSeconds * 1000)));

function burstOf({ body, later }: PlannedLimit): number {
  if (body.burst !== null) return body.burst;
  return Math.max(ownBurst(body.count, body.perSeconds), later === undefined ? 0 : ownBurst(later, body.perSeconds));
}

/** Units a millisecond at most at this time. */
function rateAt({ body, later }: PlannedLimit, change: Change | null, at: number): number {
  const per = (count: number): number => count / (body.perSeconds * 1000);
  if (later === undefined || !change || at < change.publishedAt) return per(body.count);
  return at >= change.inForceAt ? per(later) : Math.max(per(body.count), per(later));
}

/** Of all windows, the most units beyond rate x T + burst + 1 (of bytes: + the last message), and the milliseconds of the rate that it is. */
export function excessOf(limit: PlannedLimit, events: readonly CountedEvent[], change: Change | null): { units: number; ms: number } {
  const bytes = limit.body.kind === 'byte_rate';
  let level = 0;
  let last = events[0]?.at ?? 0;
  const most = { units: -Infinity, ms: -Infinity };
  for (const { at, units } of events) {
    // Over a change the rate is taken piece by piece; a second is short enough for it.
    for (let from = last; from < at; from += 1_000)
      level = Math.max(0, level - (Math.min(at, from + 1_000) - from) * rateAt(limit, change, from));
    level += units;
    last = at;
    const over = level - burstOf(limit) - (bytes ? units : 1);
    if (over > most.units) Object.assign(most, { units: over, ms: over / rateAt(limit, change, at) });
  }
  return most;
}

/** Of the rate, what passed between the first and the last event of a stretch in which there was always more; null with too few events. */
export function shareOf(
  limit: PlannedLimit,
  events: readonly CountedEvent[],
  stretch: Stretch,
  changed: boolean,
  enough: number,
): number | null {
  const inside = events.filter(({ at }) => at >= stretch.fromMs && at <= stretch.untilMs);
  const [first] = inside;
  const last = inside.at(-1);
  if (inside.length < enough || !first || !last) return null;
  const count = changed ? (limit.later ?? limit.body.count) : limit.body.count;
  const passed = inside.reduce((sum, { units }) => sum + units, 0) - first.units;
  return passed / (((last.at - first.at) * count) / (limit.body.perSeconds * 1000));
}

/** The longest time between two events of a stretch, in times of the ideal. */
export function gapOf(limit: PlannedLimit, events: readonly CountedEvent[], stretch: Stretch, changed: boolean): number {
  const inside = events.filter(({ at }) => at >= stretch.fromMs && at <= stretch.untilMs);
  const count = changed ? (limit.later ?? limit.body.count) : limit.body.count;
  let longest = 0;
  inside.forEach(({ at, units }, index) => {
    const before = inside[index - 1];
    if (before) longest = Math.max(longest, (at - before.at) / ((units * limit.body.perSeconds * 1000) / count));
  });
  return longest;
}
