// What of a worker's waiting entries is in memory. An entry that waits long, or that waits where too many wait already, is let go: the spool
// has it on disk, and a row of numbers says when to ask for it. It is loaded in batches when its time comes.
import type { RecipientEntry } from '../entry.ts';
import type { Clock, EngineLog, Spool } from '../ports.ts';
import { ParkedRows } from './parked-rows.ts';

/** An entry due later than this is not kept in memory. */
export const parkAfterMs = 10 * 60_000;
/** Waiting entries kept in memory, over all queues. */
export const maxWaitingInMemory = 100_000;

/** The entries by their ids; null for one that the spool does not have, or cannot read. */
type LoadEntries = Pick<Spool, 'load'>['load'];

/** Batches that are asked for together; the next follow when other work had its turn. */
const loadsAtOnce = 8;
/** Of those in line some may have nothing to load any more. */
const askedAtOnce = 64;

/** Who has parked entries that are due. */
export interface Loading {
  /** May load one batch now; it asks again for the next. */
  load(): void;
}

export class Parking {
  readonly rows = new ParkedRows();
  /** Waiting entries that are in memory now. */
  inMemory = 0;
  readonly load: LoadEntries;
  readonly #line = new Set<Loading>();
  readonly #setTimer: Clock['setTimer'];
  #started = 0;
  #armed = false;
  readonly #max: number;
  readonly #log: Pick<EngineLog, 'warn'>;

  constructor(spool: Pick<Spool, 'load'>, log: Pick<EngineLog, 'warn'>, clock: Pick<Clock, 'setTimer'>, max = maxWaitingInMemory) {
    this.#setTimer = (delayMs, fn) => clock.setTimer(delayMs, fn);
    this.load = (entryIds) => spool.load(entryIds);
    this.#log = log;
    this.#max = max;
  }

  /** Whether an entry that is to wait is let go. */
  wants(entry: RecipientEntry, nowMs: number): boolean {
    return entry.dueAt - nowMs > parkAfterMs || this.inMemory >= this.#max;
  }

  /** Whether a batch may be loaded now. When not, `who` is told as soon as it may: many queues that are due at once load in turn. */
  mayLoad(who: Loading): boolean {
    const may = this.#started < loadsAtOnce;
    if (may) this.#started++;
    else this.#line.add(who);
    this.#arm();
    return may;
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#setTimer(0, () => this.#next());
  }

  #next(): void {
    this.#armed = false;
    this.#started = 0;
    let asked = 0;
    for (const who of this.#line) {
      if (this.#started >= loadsAtOnce || ++asked > askedAtOnce) break;
      this.#line.delete(who);
      who.load();
    }
    if (this.#line.size > 0) this.#arm();
  }

  failed(entries: number, error: unknown): void {
    this.#log.warn('entries that are due could not be loaded from the spool; they are asked for again', { entries, error: String(error) });
  }
}
