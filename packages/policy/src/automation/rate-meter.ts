// How many recipients a minute were attempted lately, while any were: minutes without mail do not make a sender slower than it is.

const buckets = 12;
const bucketMs = 25_000;
const minuteMs = 60_000;
/** A rate of a shorter time says little. */
const shortestMs = 5_000;

export class RateMeter {
  readonly #ring = new Int32Array(buckets);
  #newest = 0;
  #startedMs = 0;

  add(n: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#ring[this.#newest % buckets]! += n;
  }

  /** Null while nothing was attempted in the last minutes. */
  perMinute(nowMs: number): number | null {
    this.#advance(nowMs);
    let [sum, overMs] = [0, 0];
    for (let back = 0; back < buckets; back++) {
      const bucket = this.#newest - back;
      const count = this.#ring[((bucket % buckets) + buckets) % buckets] ?? 0;
      if (count === 0) continue;
      sum += count;
      const fromMs = Math.max(bucket * bucketMs, this.#startedMs);
      overMs += Math.min(nowMs, (bucket + 1) * bucketMs) - fromMs;
    }
    return sum === 0 ? null : (sum * minuteMs) / Math.max(overMs, shortestMs);
  }

  /** Of the last half a minute or so: what is sent now, whatever was sent before. Null while that is nothing. */
  recentPerMinute(nowMs: number): number | null {
    this.#advance(nowMs);
    const before = this.#newest - 1;
    const count = (this.#ring[this.#newest % buckets] ?? 0) + (this.#ring[((before % buckets) + buckets) % buckets] ?? 0);
    const sinceMs = nowMs - Math.max(before * bucketMs, this.#startedMs);
    return count === 0 ? null : (count * minuteMs) / Math.max(sinceMs, shortestMs);
  }

  #advance(nowMs: number): void {
    const now = Math.floor(nowMs / bucketMs);
    if (now <= this.#newest) return;
    if (now - this.#newest >= buckets) {
      this.#ring.fill(0);
      this.#startedMs = nowMs;
    } else for (let bucket = this.#newest + 1; bucket <= now; bucket++) this.#ring[bucket % buckets] = 0;
    this.#newest = now;
  }
}
