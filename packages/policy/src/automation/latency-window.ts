// How long attempts took in the last minutes: counts by a scale whose steps are a fifth apart, in a ring of buckets. A percentile is read
// in a few dozen steps and is right to about a tenth.

const buckets = 6;
const base = 1.2;
/** Up to an hour and a half. */
const steps = 86;
const stepOf = (ms: number): number => Math.min(steps - 1, Math.max(0, Math.ceil(Math.log(Math.max(1, ms)) / Math.log(base))));

export class LatencyWindow {
  readonly #bucketMs: number;
  readonly #ring = new Uint32Array(buckets * steps);
  readonly #sums = new Uint32Array(steps);
  #newest = 0;

  constructor(windowMs: number) {
    this.#bucketMs = Math.max(1, windowMs / buckets);
  }

  add(ms: number, nowMs: number): void {
    this.#advance(nowMs);
    const step = stepOf(ms);
    this.#ring[(this.#newest % buckets) * steps + step]! += 1;
    this.#sums[step]! += 1;
  }

  /** The latency that `percent` of the attempts did not exceed, and how many attempts that is taken from. */
  percentile(percent: number, nowMs: number): { ms: number; of: number } {
    this.#advance(nowMs);
    let of = 0;
    for (const count of this.#sums) of += count;
    let left = (of * percent) / 100;
    for (let step = 0; step < steps; step++) {
      left -= this.#sums[step] ?? 0;
      if (left <= 0) return { ms: Math.round(base ** step), of };
    }
    return { ms: Math.round(base ** (steps - 1)), of };
  }

  reset(): void {
    this.#ring.fill(0);
    this.#sums.fill(0);
  }

  #advance(nowMs: number): void {
    const now = Math.floor(nowMs / this.#bucketMs);
    if (now <= this.#newest) return;
    if (now - this.#newest >= buckets) this.reset();
    else
      for (let bucket = this.#newest + 1; bucket <= now; bucket++) {
        const from = (bucket % buckets) * steps;
        for (let step = 0; step < steps; step++) {
          this.#sums[step]! -= this.#ring[from + step] ?? 0;
          this.#ring[from + step] = 0;
        }
      }
    this.#newest = now;
  }
}
