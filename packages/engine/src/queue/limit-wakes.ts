// When those who wait for limits are woken: after something was given back, and when time has given something. One timer for all limits.
import { task } from './agenda.ts';
import type { Worker } from './worker.ts';

/** How long those that a limit sets free are woken in one go, past the first of them; each has a connection or a transaction begun. */
const wakeMs = 1;

export class LimitWakes {
  readonly #worker: Worker;
  readonly #look = task((nowMs) => this.moved(nowMs));

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Wakes who can go on and sets the timer for the next. */
  moved(nowMs: number): void {
    const { clock, limits } = this.#worker;
    let untilMs = 0;
    const goesOn = (): boolean => clock.monotonicMs() < (untilMs ||= clock.monotonicMs() + wakeMs);
    limits.wakeDue(nowMs, goesOn);
    this.arrange(nowMs);
  }

  arrange(nowMs: number): void {
    const { agenda, limits } = this.#worker;
    const next = limits.nextLookMs();
    if (next !== null) agenda.schedule(this.#look, Math.max(next, nowMs + 1));
  }
}
