// Entries that end without an attempt: their time is over, their domain can never take mail, or an operator ends them. One record each.
import type { BounceClass, EngineCommand, OutcomeScope } from '@sluice/contract';
import type { JournalRecord, RecipientEntry } from '../entry.ts';
import { commandedEnd } from './commanded.ts';
import { endedUnsent } from './delivery-events.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import type { Worker } from './worker.ts';

export type UnsentEnd = { type: 'expired' | 'bounced' | 'cancelled'; bounceClass: BounceClass | null; scope: OutcomeScope; detail: string };

/** How long a queue whose entries a command ends waits for a recorder that is full. */
const fullPauseMs = 20;

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

  /** Ends the next due entry of the queue. */
  next(queue: ScheduledQueue, entry: RecipientEntry, end: UnsentEnd, nowMs: number): void {
    queue.shiftDue();
    queue.inHand++;
    this.end(queue, [entry], end, nowMs);
  }

  /** The same by an operator's command, which can end very many; false when the queue has to wait until some are recorded. */
  byCommand(queue: ScheduledQueue, entry: RecipientEntry, command: EngineCommand, nowMs: number): boolean {
    if (this.#worker.recorder.full) {
      this.#worker.agenda.schedule(queue, nowMs + fullPauseMs);
      return false;
    }
    this.next(queue, entry, commandedEnd(command), nowMs);
    return true;
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
