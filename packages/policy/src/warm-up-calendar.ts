// Days of warm-up plans: from midnight to midnight of the plan's zone, and a clock that no setting of the machine's clock can make give
// the same day twice. A clock that goes back slows ours down until it has caught up; one that jumps ahead is believed only when it has
// stood there for an hour, since a wrong date would use up days that have not come.
import { dayAt } from './calendar.ts';
import { dayMs } from './zone-clock.ts';

/** Shortest time between the beginnings of two days of a ladder, whatever becomes of its zone. */
export const shortestDayMs = 20 * 3_600_000;
/** A wall clock this far ahead of our own counting has jumped. */
const jumpMs = 5 * 60_000;
const believedAfterMs = 3_600_000;
/** When a day of the zone is over that began at `startsMs`: at a midnight that is no less than 20 hours later. */
export function endOfDay(zone: string, startsMs: number): number {
  return dayAt(zone, startsMs + shortestDayMs).endsMs;
}

/** `YYYY-MM-DD` of a day's number. */
export function dateOf(number: number): string {
  return new Date(number * dayMs).toISOString().slice(0, 10);
}

/** The number of the day `YYYY-MM-DD`. */
export function dayNumber(date: string): number {
  return Math.floor(Date.parse(`${date}T00:00:00Z`) / dayMs);
}

export class CalendarClock {
  #lastMs: number;
  #lastMonotonicMs: number;
  #jumpedAtMs: number | null = null;

  constructor(wallMs: number, monotonicMs: number) {
    this.#lastMs = wallMs;
    this.#lastMonotonicMs = monotonicMs;
  }

  /** The time to go by when the machine's clock says `wallMs`. Never less than the time before. */
  now(wallMs: number, monotonicMs: number): number {
    const elapsedMs = Math.max(0, monotonicMs - this.#lastMonotonicMs);
    this.#lastMonotonicMs = monotonicMs;
    const ownMs = this.#lastMs + elapsedMs;
    if (wallMs <= ownMs + jumpMs) {
      this.#jumpedAtMs = null;
      this.#lastMs = Math.max(wallMs, this.#lastMs + elapsedMs / 2);
    } else {
      this.#jumpedAtMs ??= monotonicMs;
      const believed = monotonicMs - this.#jumpedAtMs >= believedAfterMs;
      if (believed) this.#jumpedAtMs = null;
      this.#lastMs = believed ? wallMs : ownMs;
    }
    return Math.floor(this.#lastMs);
  }
}
