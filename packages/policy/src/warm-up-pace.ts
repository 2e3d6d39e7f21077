// How a day's ceiling opens over the day: evenly, until an hour before its end. What was not taken does not pile up past an hour's share:
// it is spread over the rest of the day anew, so that mail that comes late in the day does not leave in one go.

/** Part of the day at whose end everything is open. */
const openedBy = 23 / 24;
/** Part of the ceiling that may be taken at once. */
const atOnce = 1 / 24;

export type PaceDay = { startsMs: number; endsMs: number };

export class Pace {
  #day: PaceDay = { startsMs: 0, endsMs: 0 };
  #ceiling = 0;
  #opened = 0;
  #atMs = 0;

  /** Begins at `fromMs` of the day with so many used. */
  begin(day: PaceDay, ceiling: number, used: number, fromMs: number): void {
    this.#day = day;
    this.#ceiling = ceiling;
    this.#atMs = Math.max(day.startsMs, fromMs);
    this.#opened = Math.min(ceiling, used + 1);
  }

  /** Another ceiling from now on. */
  change(ceiling: number, used: number, nowMs: number): void {
    this.open(used, nowMs);
    this.#ceiling = ceiling;
    this.#opened = Math.min(this.#opened, ceiling);
  }

  /** How many may be used by `nowMs`, in all; `used` are so far. */
  open(used: number, nowMs: number): number {
    const deadline = this.#deadlineMs();
    if (nowMs >= deadline) return this.#ceiling;
    if (nowMs > this.#atMs) {
      const share = (nowMs - this.#atMs) / (deadline - this.#atMs);
      this.#opened += (this.#ceiling - this.#opened) * share;
      this.#atMs = nowMs;
    }
    this.#opened = Math.min(this.#opened, used + Math.max(1, this.#ceiling * atOnce));
    return Math.floor(this.#opened + 1e-9);
  }

  /** When one more than `used` is open; not before `nowMs`. */
  opensMs(used: number, nowMs: number): number {
    if (this.open(used, nowMs) > used) return nowMs;
    const deadline = this.#deadlineMs();
    const left = this.#ceiling - this.#opened;
    if (left <= 0) return this.#day.endsMs;
    return Math.ceil(Math.min(deadline, this.#atMs + ((used + 1 - this.#opened) / left) * (deadline - this.#atMs)));
  }

  #deadlineMs(): number {
    return this.#day.startsMs + (this.#day.endsMs - this.#day.startsMs) * openedBy;
  }
}
