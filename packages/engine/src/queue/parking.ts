// What of a worker's waiting entries is in memory. An entry that waits long, or that waits where too many wait already, is let go: the spool
// has it on disk, and a row of numbers says when to ask for it. It is loaded in batches when its time comes.
import type { RecipientEntry } from '../entry.ts';
import type { Clock, EngineLog, Spool } from '../ports.ts';
import { ParkedRows } from './parked-rows.ts';

/** An entry due later than this is not kept in memory. */
export const parkAfterMs = 10 * 60_000;
/**
 * Waiting entries kept in memory, over all queues. Past it a queue keeps no more than its even share of as many again: what waits in large
 * queues that do not move takes nothing from the queues that do.
 */
export const maxWaitingInMemory = 100_000;

/** The entries by their ids; null for one that the spool does not have, or cannot read. */
type LoadEntries = Pick<Spool, 'load'>['load'];

/** Batches that are asked for and not yet handed over. */
const loadsAtOnce = 8;
/** How long batches are handed over and asked for before other work has its turn; it ends with the one that is under way. */
const turnMs = 5;

/** Who has parked entries that are due. */
export interface Loading {
  /** May load one batch now; it asks again for the next. */
  load(nowMs: number): void;
  /** Takes over what it loaded. */
  take(loaded: Loaded, nowMs: number): void;
}

/** Loaded entries, how many of the batch the spool has not, and whether they were told to be due before their time. */
export type Loaded = { entries: RecipientEntry[]; missing: number; released: boolean };

export class Parking {
  readonly rows = new ParkedRows();
  /** Waiting entries that are in memory now. */
  inMemory = 0;
  /** Queues that exist. */
  queues = 0;
  readonly load: LoadEntries;
  readonly #line = new Set<Loading>();
  readonly #arrived: { who: Loading; loaded: Loaded }[] = [];
  readonly #clock: Pick<Clock, 'setTimer' | 'monotonicMs' | 'nowMs'>;
  #underWay = 0;
  #armed = false;
  readonly #max: number;
  readonly #log: Pick<EngineLog, 'warn'>;

  constructor(
    spool: Pick<Spool, 'load'>,
    log: Pick<EngineLog, 'warn'>,
    clock: Pick<Clock, 'setTimer' | 'monotonicMs' | 'nowMs'>,
    max = maxWaitingInMemory,
  ) {
    this.#clock = clock;
    this.load = (entryIds) => spool.load(entryIds);
    this.#log = log;
    this.#max = max;
  }

  /** Whether an entry that is to wait is let go; `own` of its queue are in memory now. */
  wants(entry: RecipientEntry, nowMs: number, own: number): boolean {
    if (entry.dueAt - nowMs > parkAfterMs) return true;
    return this.inMemory >= this.#max && own >= this.#max / Math.max(1, this.queues);
  }

  /** Whether a batch may be loaded now. When not, `who` is told as soon as it may: many queues that are due at once load in turn. */
  mayLoad(who: Loading): boolean {
    const may = this.#underWay < loadsAtOnce;
    if (may) this.#underWay++;
    else this.#line.add(who);
    return may;
  }

  /** A batch that `who` asked for is there, or cannot be had: handed over in turn, so that those that come together are no long work. */
  arrived(who: Loading, loaded: Loaded): void {
    this.#arrived.push({ who, loaded });
    this.#arm();
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#clock.setTimer(0, () => this.#turn());
  }

  #turn(): void {
    this.#armed = false;
    const endMs = this.#clock.monotonicMs() + turnMs;
    do {
      const next = this.#arrived.shift();
      if (!next) break;
      this.#underWay--;
      next.who.take(next.loaded, this.#clock.nowMs());
    } while (this.#clock.monotonicMs() < endMs);
    for (const who of this.#line) {
      if (this.#underWay >= loadsAtOnce || this.#clock.monotonicMs() >= endMs) break;
      this.#line.delete(who);
      who.load(this.#clock.nowMs());
    }
    // Those in line are told when one of those under way arrives; with none under way nobody would tell them.
    if (this.#arrived.length > 0 || (this.#line.size > 0 && this.#underWay < loadsAtOnce)) this.#arm();
  }

  failed(entries: number, error: unknown): void {
    this.#log.warn('entries that are due could not be loaded from the spool; they are asked for again', { entries, error: String(error) });
  }
}
