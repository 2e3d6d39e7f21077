// Entries that end without an attempt: their time is over, their domain can never take mail, or an operator ends them. One record each.
import type { BounceClass, OutcomeScope } from '@sluice/contract';
import type { JournalRecord, RecipientEntry } from '../entry.ts';
import { endedUnsent } from './delivery-events.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import type { Worker } from './worker.ts';

export type UnsentEnd = { type: 'expired' | 'bounced'; bounceClass: BounceClass; scope: OutcomeScope; detail: string };

export const outOfTime: UnsentEnd = {
  type: 'expired',
  bounceClass: 'expired',
  scope: 'recipient',
  detail: 'not delivered within its time',
};

export class Endings {
  readonly #worker: Worker;
  readonly #over: (queue: ScheduledQueue, count: number) => void;

  constructor(worker: Worker, over: (queue: ScheduledQueue, count: number) => void) {
    this.#worker = worker;
    this.#over = over;
  }

  /** Ends entries that are in hand. */
  end(queue: ScheduledQueue, entries: readonly RecipientEntry[], end: UnsentEnd, nowMs: number): void {
    const records = entries.map((entry): JournalRecord => ({
      event: endedUnsent(end.type, nowMs, entry, end),
      change: { kind: 'end', entryId: entry.entryId },
    }));
    this.#worker.counters[end.type] += entries.length;
    void this.#worker.recorder.add(records);
    this.#over(queue, entries.length);
  }
}
