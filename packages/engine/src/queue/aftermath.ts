// What follows a transaction: limits that were not used go back, and so do entries that were not tried; a session that speaks for its
// path makes it rest; the next attempt of an entry, or its end, waits until the outcome is on disk.
import type { PathFailure } from '../ports.ts';
import type { ReadyPath } from './ready-path.ts';
import type { Scheduler } from './scheduler.ts';
import type { Handed, TransactionResult } from './transaction.ts';
import type { Worker } from './worker.ts';

type AftermathEvents = {
  pathFailed(path: ReadyPath, failure: PathFailure, nowMs: number): void;
  /** All that this transaction held of the path is given up. */
  done(path: ReadyPath, nowMs: number): void;
};

export class Aftermath {
  readonly #worker: Worker;
  readonly #scheduler: Scheduler;
  readonly #events: AftermathEvents;

  constructor(worker: Worker, scheduler: Scheduler, events: AftermathEvents) {
    this.#worker = worker;
    this.#scheduler = scheduler;
    this.#events = events;
  }

  async over(path: ReadyPath, handed: Handed, result: TransactionResult): Promise<void> {
    const nowMs = this.#worker.clock.nowMs();
    const { queue } = handed.lane;
    path.inFlight -= handed.entries.length;
    this.#worker.warmUps.release(handed.entries);
    if (result.refund) for (const token of handed.tokens) this.#worker.limits.release(token, nowMs);
    if (result.unsent.length > 0) this.#scheduler.putBack(queue, result.unsent);
    if (result.pathFailure) this.#events.pathFailed(path, result.pathFailure, nowMs);
    if (result.unsent.length > 0) this.#scheduler.refill(queue, nowMs);
    const written = (await result.recorded) !== false;
    for (const entry of result.retried) this.#scheduler.retry(queue, entry);
    for (const entry of result.deposited) {
      if (written) this.#scheduler.deposited(queue, entry);
      else this.#scheduler.retry(queue, entry);
    }
    if (result.ended > 0) this.#scheduler.ended(queue, result.ended);
    this.#events.done(path, this.#worker.clock.nowMs());
  }
}
