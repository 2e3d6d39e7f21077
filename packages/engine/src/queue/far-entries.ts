// Entries that lie on disk alone until they are nearly due, be it for a retry, for the time that was asked for, or for a window that opens:
// counted here and in their queues, called back a bucket at a time. What came due
// while the engine was away comes at the bounded rate of all that is overdue; what a command wants at once comes as fast as it can be read.
import type { RecipientEntry } from '../entry.ts';
import { bucketMs, waitingTimes, type EntryDepot, type FarCount, type ReturnedBatch, type WaitingEntries } from '../waiting-entries.ts';
import { task } from './agenda.ts';
import type { Wanted } from './far-share.ts';
import type { QueueTable } from './queue-table.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import type { Worker } from './worker.ts';

/** An entry due later than this is laid by: later than its bucket comes back. */
export const layByAfterMs = 3 * 60_000;
/** A bucket comes back this long before its first entry may be due. */
const leadMs = 60_000;
/** After a failure, or when nothing may be given. */
const againMs = 15_000;

type FarPorts = Pick<Worker, 'clock' | 'agenda' | 'log' | 'overduePerSecond' | 'recorder'> & {
  depot: EntryDepot;
  table: Pick<QueueTable, 'queueFor' | 'get'>;
  /** They are in the journal again. */
  queues: {
    entries(entries: readonly RecipientEntry[], from: 'depot'): void;
    waiting(rows: WaitingEntries, from: 'depot'): void;
    /** An entry in hand is on disk alone now, or waits in its queue after all. */
    deposited(queue: ScheduledQueue, entry: RecipientEntry): void;
    retry(queue: ScheduledQueue, entry: RecipientEntry): void;
  };
};

/** Null when the spool has no depot. */
export function farEntriesOf(
  { clock, agenda, log, overduePerSecond, recorder, spool }: Worker,
  table: QueueTable,
  queues: FarPorts['queues'],
): FarEntries | null {
  if (spool.depot === undefined) return null;
  return new FarEntries({ clock, agenda, log, overduePerSecond, recorder, depot: spool.depot, table, queues });
}

export class FarEntries {
  readonly #ports: FarPorts;
  readonly #next = task(() => void this.#round());
  /** Entries that a command wants before their time. */
  #wanted = 0;
  #running = false;
  #stopped = false;

  constructor(ports: FarPorts) {
    this.#ports = ports;
  }

  /** Lays an entry by that waits for its time without an attempt, if that is not soon; it is in hand until the journal says where it lies. */
  layBy(queue: ScheduledQueue, entry: RecipientEntry, nowMs: number): boolean {
    if (Math.min(entry.dueAt, entry.expiresAt) - nowMs <= layByAfterMs) return false;
    const { recorder, queues } = this.#ports;
    const { entryId, attempts, lastSourceId, dotSent, delayReported } = entry;
    const dueAt = (entry.dueAt = Math.min(entry.dueAt, entry.expiresAt));
    const change = { kind: 'retry', entryId, attempts, dueAt, lastSourceId, dotSent, delayReported, deposit: true } as const;
    queue.inHand++;
    void recorder.add([{ event: null, change }]).then((written) => (written ? queues.deposited(queue, entry) : queues.retry(queue, entry)));
    return true;
  }

  /** An entry of the queue was laid by. */
  deposited(queue: ScheduledQueue, dueAt: number): void {
    queue.addFar(1, dueAt);
    this.#expect(dueAt);
  }

  /** What a start finds there; returns how many entries these are. */
  found(counts: readonly FarCount[]): number {
    let entries = 0;
    for (const { queue, count, fromMs } of counts) {
      this.#ports.table.queueFor(queue).addFar(count, fromMs);
      this.#expect(fromMs);
      entries += count;
    }
    return entries;
  }

  /** An entry of the queue is back; says why. */
  left(queue: ScheduledQueue): Wanted {
    const { tenantId, streamId, campaign, domain } = queue;
    // What a start finds is counted without what it asks of TLS; and it may have been laid by when the campaigns of its tenant were more
    // than have queues of their own.
    const counted = [
      queue,
      ...[campaign, null].map((name) => this.#ports.table.get({ tenantId, streamId, campaign: name, domain }, false)),
    ];
    const wanted = counted.find((one) => one !== undefined && one.far.size > 0)?.leaveFar() ?? null;
    if (wanted !== null) this.#wanted = Math.max(0, this.#wanted - 1);
    return wanted;
  }

  /** As many are wanted at once. */
  callIn(count: number): void {
    if (count === 0) return;
    this.#wanted += count;
    this.#ports.agenda.schedule(this.#next, this.#ports.clock.nowMs());
  }

  stop(): void {
    this.#stopped = true;
  }

  #expect(dueAt: number): void {
    this.#ports.agenda.schedule(this.#next, dueAt - bucketMs - leadMs);
  }

  async #round(): Promise<void> {
    if (this.#running || this.#stopped) return;
    this.#running = true;
    let nextMs = await this.#giveAll().catch((error: unknown) => {
      this.#ports.log.warn('entries that come due could not be read from the depot; they are asked for again', { error: String(error) });
      return 0;
    });
    this.#running = false;
    if (nextMs === Infinity) this.#wanted = 0;
    const nowMs = this.#ports.clock.nowMs();
    if (this.#wanted > 0) nextMs = 0;
    const atMs = nextMs - leadMs;
    if (nextMs < Infinity && !this.#stopped) this.#ports.agenda.schedule(this.#next, atMs > nowMs ? atMs : nowMs + againMs);
  }

  /** Returns when the next bucket begins. */
  async #giveAll(): Promise<number> {
    const { clock, depot, queues } = this.#ports;
    for (;;) {
      const wanted = this.#wanted > 0;
      const batch = await depot.give(wanted ? Infinity : clock.nowMs() + leadMs);
      const count = batch.entries.length + batch.waiting.count;
      if (count === 0 || this.#stopped) return batch.nextMs;
      queues.entries(batch.entries, 'depot');
      queues.waiting(batch.waiting, 'depot');
      await this.#rest(wanted ? 0 : this.#overdueOf(batch));
    }
  }

  /** How many of a batch should have come long ago. */
  #overdueOf({ entries, waiting }: ReturnedBatch): number {
    const longAgo = this.#ports.clock.nowMs() - bucketMs;
    let overdue = entries.filter(({ dueAt }) => dueAt < longAgo).length;
    for (let row = 0; row < waiting.count; row += 1) if ((waiting.times[row * waitingTimes + 2] ?? 0) < longAgo) overdue += 1;
    return overdue;
  }

  #rest(overdue: number): Promise<void> {
    const ms = (overdue / this.#ports.overduePerSecond) * 1_000;
    return new Promise((resolve) => void this.#ports.clock.setTimer(ms, resolve));
  }
}
