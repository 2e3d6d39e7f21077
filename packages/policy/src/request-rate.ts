// How often somebody may ask: a token bucket for each, as one number, the time at which it will be full again (GCRA). In memory and of
// bounded size: buckets that are full say nothing and go first.

/** Requests a second in the long run, and how many may come at once. */
export type RequestRate = { readonly perSecond: number; readonly burst: number };

export class RequestRateBook {
  readonly #intervalMs: number;
  readonly #burstMs: number;
  readonly #maxBuckets: number;
  /** Key -> when its bucket is full again, in the order of use. */
  readonly #fullAt = new Map<string, number>();

  constructor({ perSecond, burst }: RequestRate, maxBuckets: number) {
    if (!(perSecond > 0) || !(burst >= 1) || !(maxBuckets >= 1)) throw new RangeError('a rate, a burst and a bound are above zero');
    this.#intervalMs = 1000 / perSecond;
    this.#burstMs = burst * this.#intervalMs;
    this.#maxBuckets = maxBuckets;
  }

  /**
   * Takes `cost` requests from the bucket of `key`. 0: go on. Otherwise nothing was taken: milliseconds until there is room for them. What
   * costs more than the burst takes a full bucket.
   */
  take(key: string, cost: number, nowMs: number): number {
    // A clock that was set back must not keep anyone out for longer than an empty bucket does.
    const fullAt = Math.min(Math.max(this.#fullAt.get(key) ?? nowMs, nowMs), nowMs + this.#burstMs);
    const price = Math.min(cost * this.#intervalMs, this.#burstMs);
    const waitMs = fullAt + price - nowMs - this.#burstMs;
    if (waitMs > 0) return waitMs;
    this.#fullAt.delete(key);
    this.#fullAt.set(key, fullAt + price);
    if (this.#fullAt.size > this.#maxBuckets) this.#forgetOldest();
    return 0;
  }

  /** Buckets kept. */
  get size(): number {
    return this.#fullAt.size;
  }

  #forgetOldest(): void {
    const [oldest] = this.#fullAt.keys();
    if (oldest !== undefined) this.#fullAt.delete(oldest);
  }
}
