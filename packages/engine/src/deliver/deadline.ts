// The one timer of a connection. Setting it anew is the rule and its running out the exception: a timer that fires early looks again, so
// that most flights of a busy connection set none.
import type { Clock } from '../ports.ts';

export class Deadline {
  readonly #clock: Clock;
  readonly #expired: () => void;
  #cancel: (() => void) | null = null;
  #timerAt = Infinity;
  #deadlineAt = Infinity;

  constructor(clock: Clock, expired: () => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  /** From now on; null waits for ever. */
  set(timeoutMs: number | null): void {
    this.#deadlineAt = timeoutMs === null ? Infinity : this.#clock.monotonicMs() + timeoutMs;
    if (timeoutMs === null || this.#deadlineAt >= this.#timerAt) return;
    this.#cancel?.();
    this.#start(timeoutMs);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#timerAt = Infinity;
  }

  #start(delayMs: number): void {
    this.#timerAt = this.#clock.monotonicMs() + delayMs;
    this.#cancel = this.#clock.setTimer(delayMs, () => this.#look());
  }

  #look(): void {
    this.#cancel = null;
    this.#timerAt = Infinity;
    if (this.#deadlineAt === Infinity) return;
    const leftMs = this.#deadlineAt - this.#clock.monotonicMs();
    if (leftMs > 0) this.#start(leftMs);
    else this.#expired();
  }
}
