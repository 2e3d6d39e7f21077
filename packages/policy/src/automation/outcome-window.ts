// What became of attempts in the last minutes, as a ring of buckets with running sums: adding an outcome and reading a sum are O(1) however
// long the window is. A bucket is a twelfth of the window, so that the window is up to that much shorter than it says, never longer.

const buckets = 12;
/** What is counted of each bucket. */
const counted = ['attempts', 'deferred', 'blocked', 'hard_bounced', 'complained', 'matched'] as const;
export type Counted = (typeof counted)[number];
const width = counted.length;
const at: Readonly<Record<Counted, number>> = { attempts: 0, deferred: 1, blocked: 2, hard_bounced: 3, complained: 4, matched: 5 };
const minuteMs = 60_000;
/** A rate that was measured for a shorter time says little. */
const shortestMeasureMs = 5_000;

export class OutcomeWindow {
  readonly windowMs: number;
  readonly #bucketMs: number;
  readonly #ring = new Int32Array(buckets * width);
  readonly #sums = new Int32Array(width);
  /** Number of the newest bucket, counted from the epoch. */
  #newest = 0;
  /** When the first attempt of those in the ring was counted, or a little before; Infinity while there is none. */
  #firstMs = Infinity;

  constructor(windowMs: number) {
    this.windowMs = windowMs;
    this.#bucketMs = Math.max(1, windowMs / buckets);
  }

  add(what: Counted, n: number, nowMs: number): void {
    this.#advance(nowMs);
    const column = at[what];
    this.#ring[(this.#newest % buckets) * width + column]! += n;
    this.#sums[column]! += n;
    if (what === 'attempts' && nowMs < this.#firstMs) this.#firstMs = nowMs;
  }

  sum(what: Counted, nowMs: number): number {
    this.#advance(nowMs);
    return this.#sums[at[what]] ?? 0;
  }

  /** Attempts a minute, since the first of those that are counted; null while there are none. */
  attemptsPerMinute(nowMs: number): number | null {
    const attempts = this.sum('attempts', nowMs);
    if (attempts === 0) return null;
    const sinceMs = Math.min(Math.max(nowMs - this.#firstMs, shortestMeasureMs), this.windowMs);
    return (attempts * minuteMs) / sinceMs;
  }

  /** Nothing is in it that a new one would not say. */
  isEmpty(nowMs: number): boolean {
    this.#advance(nowMs);
    return this.#sums.every((sum) => sum === 0);
  }

  /** What was seen before a change says nothing of after it. */
  reset(): void {
    this.#ring.fill(0);
    this.#sums.fill(0);
    this.#firstMs = Infinity;
  }

  #advance(nowMs: number): void {
    const now = Math.floor(nowMs / this.#bucketMs);
    if (now <= this.#newest) return;
    if (now - this.#newest >= buckets) {
      this.reset();
      this.#newest = now;
      return;
    }
    while (this.#newest < now) {
      this.#newest++;
      const from = (this.#newest % buckets) * width;
      for (let column = 0; column < width; column++) {
        this.#sums[column]! -= this.#ring[from + column] ?? 0;
        this.#ring[from + column] = 0;
      }
    }
    if (this.#sums[at.attempts] === 0) this.#firstMs = Infinity;
    else this.#firstMs = Math.max(this.#firstMs, (now - buckets + 1) * this.#bucketMs);
  }
}
