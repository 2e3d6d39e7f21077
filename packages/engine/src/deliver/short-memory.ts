// What a short while ago turned out to be so of a host or a site: that its TLS is broken, that it cannot cope with chained transactions,
// that it does not answer. Bounded, and forgotten with time.
import type { Clock } from '../ports.ts';

const MAX_KEYS = 10_000;

export class ShortMemory {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(key: string): boolean {
    const end = this.#until.get(key);
    if (end === undefined) return false;
    if (end > this.#clock.monotonicMs()) return true;
    this.#until.delete(key);
    return false;
  }

  add(key: string, rememberMs: number): void {
    this.#until.delete(key);
    if (rememberMs <= 0) return;
    this.#until.set(key, this.#clock.monotonicMs() + rememberMs);
    const [oldest] = this.#until.keys();
    if (this.#until.size > MAX_KEYS && oldest !== undefined) this.#until.delete(oldest);
  }

  forget(key: string): void {
    this.#until.delete(key);
  }
}
