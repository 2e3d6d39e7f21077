// Entries on their way into the queues: new ones, those that a start finds in the spool, and those that the depot gives back. What a
// command wants of those that come late is told to each here.
import type { RecipientEntry } from '../entry.ts';
import { waitingTimes, type FarCount, type WaitingEntries } from '../waiting-entries.ts';
import type { FarEntries } from './far-entries.ts';
import type { Wanted } from './far-share.ts';
import type { Inspection } from './inspection.ts';
import { Latecomers } from './latecomers.ts';
import { applyMaxAge, expiryOf } from './queue-settings.ts';
import type { QueueTable } from './queue-table.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import { isMisplaced } from './set-aside.ts';
import type { Worker } from './worker.ts';

/** What comes back: at a start, or from the depot. */
export type From = 'spool' | 'depot';

export type ArrivalPorts = {
  table: QueueTable;
  inspection: Inspection;
  far(): FarEntries | null;
  /** So many entries more are known; those of the queues that are due go on. */
  arrived(count: number, queues: Iterable<ScheduledQueue>, nowMs: number): void;
};

export class Arrivals {
  readonly latecomers = new Latecomers();
  readonly #worker: Worker;
  readonly #ports: ArrivalPorts;

  constructor(worker: Worker, ports: ArrivalPorts) {
    this.#worker = worker;
    this.#ports = ports;
  }

  entries(entries: readonly RecipientEntry[], from: 'new' | From = 'new'): void {
    const nowMs = this.#worker.clock.nowMs();
    const touched = new Set<ScheduledQueue>();
    let count = 0;
    for (const entry of entries) {
      if (isMisplaced(this.#worker, entry)) continue;
      const queue = this.#ports.table.queueFor(entry);
      applyMaxAge(this.#worker, queue, entry);
      if (from !== 'depot') count++;
      const wanted = from === 'new' ? null : this.#wanted(queue, from);
      if (wanted === 'due') entry.dueAt = Math.min(entry.dueAt, nowMs);
      const laidBy = from !== 'depot' && wanted === null && this.#ports.far()?.layBy(queue, entry, nowMs) === true;
      if (!laidBy) queue.add(entry, nowMs, wanted);
      if (wanted === 'look') this.#ports.inspection.returned(queue);
      touched.add(queue);
    }
    this.#ports.arrived(count, touched, nowMs);
  }

  /** The same of entries that are not due for a while. */
  waiting(waiting: WaitingEntries, from: From): void {
    if (waiting.count === 0) return;
    const nowMs = this.#worker.clock.nowMs();
    const queues = waiting.queues.map((names) => this.#ports.table.queueFor(names));
    for (let row = 0; row < waiting.count; row += 1) {
      const queue = queues[waiting.queueOf[row] ?? 0];
      if (!queue) throw new RangeError('a row of a queue that was not named');
      const [acceptedAt = 0, expiresAt = 0] = waiting.times.subarray(row * waitingTimes, row * waitingTimes + 2);
      const wanted = this.#wanted(queue, from);
      queue.addWaiting(waiting, row, expiryOf(this.#worker, queue, acceptedAt, expiresAt), wanted);
      if (wanted === 'look') this.#ports.inspection.returned(queue);
    }
    this.#ports.arrived(from === 'spool' ? waiting.count : 0, queues, nowMs);
  }

  /** What a start leaves in the depot. */
  far(counts: readonly FarCount[]): void {
    const { table, far, arrived } = this.#ports;
    arrived(far()?.found(counts) ?? 0, [], this.#worker.clock.nowMs());
    for (const { queue: names } of counts) {
      const queue = table.queueFor(names);
      if (this.latecomers.areTold(queue)) queue.releaseFar();
    }
  }

  #wanted(queue: ScheduledQueue, from: From): Wanted {
    if (from === 'depot') return this.#ports.far()?.left(queue) ?? null;
    return this.latecomers.areTold(queue) ? 'due' : null;
  }
}
