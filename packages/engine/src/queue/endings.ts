// Entries that end without an attempt: their time is over, their domain can never take mail, or an operator ends them. One record each,
// and the report that the sender is owed before it.
import type { BounceClass, EngineCommand, OutcomeScope } from '@sluice/contract';
import type { JournalRecord, RecipientEntry } from '../entry.ts';
import { commandedEnd } from './commanded.ts';
import { endedUnsent } from './delivery-events.ts';
import { settingsOfQueue } from './queue-settings.ts';
import { lastAnswer, recordReported, type ReadOriginal } from './report-first.ts';
import { failureWish } from './report-wish.ts';
import type { Reported } from './reporter.ts';
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
    void this.end(queue, [entry], end, nowMs);
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

  /** Ends entries that are in hand; resolves when that is recorded. */
  async end(queue: ScheduledQueue, entries: readonly RecipientEntry[], end: UnsentEnd, nowMs: number): Promise<void> {
    const worker = this.#worker;
    worker.warmUps.release(entries);
    const settings = settingsOfQueue(worker, queue);
    worker.counters[end.type] += entries.length;
    const records: JournalRecord[] = [];
    const written: Promise<unknown>[] = [];
    for (const entry of entries) {
      const record: JournalRecord = { event: endedUnsent(end.type, nowMs, entry, end), change: { kind: 'end', entryId: entry.entryId } };
      // What an operator cancels is dropped on purpose and in silence.
      const wish = end.type === 'cancelled' ? null : failureWish(settings, entry);
      if (!wish) {
        records.push(record);
        continue;
      }
      // A report without the message is better than none.
      const original: ReadOriginal = () => worker.spool.read(entry.content).catch(() => null);
      const wished = [{ wish, record, entry, about: aboutOf(queue, entry, end) }];
      written.push(recordReported(worker, queue, [record], wished, original).then(() => this.#over(queue, 1)));
    }
    if (records.length > 0) {
      written.push(worker.recorder.add(records));
      this.#over(queue, records.length);
    }
    await Promise.all(written);
  }

  /** Entries that the spool cannot give back are set aside: they stay on disk, for an operator to look at. */
  missing(queue: ScheduledQueue, count: number): void {
    this.#worker.counters.setAside += count;
    queue.inHand += count;
    this.#over(queue, count);
  }
}

function aboutOf(queue: ScheduledQueue, entry: RecipientEntry, end: UnsentEnd): Reported['about'] {
  const expired = end.type === 'expired';
  const last = expired && entry.attempts > 0 ? lastAnswer(queue, entry) : null;
  return {
    ...{ address: entry.recipient, orcpt: entry.dsn?.orcpt ?? null, detail: end.detail, expired, willRetryUntil: null },
    ...{ reply: last?.reply ?? null, mxHost: last?.mxHost ?? null, lastAttemptAt: last?.atMs ?? null },
  };
}
