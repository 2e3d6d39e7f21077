// What of a worker's waiting entries is in memory. An entry that waits long, or that waits where too many wait already, is let go: the spool
// has it on disk, and a row of numbers says when to ask for it. It is loaded in batches when its time comes.
import type { RecipientEntry } from '../entry.ts';
import type { EngineLog, Spool } from '../ports.ts';
import { ParkedRows } from './parked-rows.ts';

/** An entry due later than this is not kept in memory. */
export const parkAfterMs = 10 * 60_000;
/** Waiting entries kept in memory, over all queues. */
export const maxWaitingInMemory = 100_000;

/** The entries by their ids; null for one that the spool does not have, or cannot read. */
type LoadEntries = Pick<Spool, 'load'>['load'];

export class Parking {
  readonly rows = new ParkedRows();
  /** Waiting entries that are in memory now. */
  inMemory = 0;
  readonly load: LoadEntries;
  readonly #max: number;
  readonly #log: Pick<EngineLog, 'warn'>;

  constructor(spool: Pick<Spool, 'load'>, log: Pick<EngineLog, 'warn'>, max = maxWaitingInMemory) {
    this.load = (entryIds) => spool.load(entryIds);
    this.#log = log;
    this.#max = max;
  }

  /** Whether an entry that is to wait is let go. */
  wants(entry: RecipientEntry, nowMs: number): boolean {
    return entry.dueAt - nowMs > parkAfterMs || this.inMemory >= this.#max;
  }

  failed(entries: number, error: unknown): void {
    this.#log.warn('entries that are due could not be loaded from the spool; they are asked for again', { entries, error: String(error) });
  }
}
