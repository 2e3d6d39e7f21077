// Mail that is still on its way from the spool when a command is done once and for all: retry now, told in the first minutes after a start,
// is told to what comes back later too. What has come back, and what is deferred again, is none of this.
import type { ScheduledQueue } from './scheduled-queue.ts';

type Told = (queue: ScheduledQueue) => boolean;

export class Latecomers {
  #told: Told[] = [];

  /** What comes back from now on and matches is due at once. */
  tell(matches: Told): void {
    this.#told.push(matches);
  }

  areTold(queue: ScheduledQueue): boolean {
    return this.#told.some((matches) => matches(queue));
  }

  /** All are back. */
  over(): void {
    this.#told = [];
  }
}
