// Entries that are not due for a while, as a start hands them out: rows of numbers and the names of their queues. A million of them as whole
// entries made half a gigabyte of garbage on either side of the thread, only to be numbers again a moment later.
import type { QueueNames, RecipientEntry } from './entry.ts';
import { idOfWords, putIdWords } from './message-id-words.ts';

/** Words of a row of `ids`: the message's id, then the number of the recipient. */
export const waitingIdWords = 5;
/** Numbers of a row of `times`: accepted, expires, due; milliseconds since the epoch. */
export const waitingTimes = 3;

/** Rows lie behind each other; the queue of a row is a number into `queues`. */
export type WaitingEntries = {
  count: number;
  queues: QueueNames[];
  queueOf: Uint32Array;
  ids: Uint32Array;
  times: Float64Array;
};

const noneWaiting: WaitingEntries = {
  count: 0,
  queues: [],
  queueOf: new Uint32Array(0),
  ids: new Uint32Array(0),
  times: new Float64Array(0),
};

/** How many entries of a queue are left on disk, and when the first of them is due. */
export type FarCount = { queue: QueueNames; count: number; fromMs: number };

/** What a start finds, a batch at a time; empty when that was all. */
export type RecoveredBatch = { entries: RecipientEntry[]; waiting: WaitingEntries; far?: FarCount[] };

/** `nextMs`: when the next of those that are left may come due; Infinity when none is left. */
export type ReturnedBatch = { entries: RecipientEntry[]; waiting: WaitingEntries; nextMs: number };

/** Entries on disk alone lie in buckets of so much time, by when they come due, and come back a bucket at a time. */
export const bucketMs = 60_000;

/** Where entries lie that are not due for long: on disk alone, in buckets by the time at which they come due. */
export interface EntryDepot {
  /** The next of those that come due by `untilMs`; empty when that was all. What is given is an entry like any other again. */
  give(untilMs: number): Promise<ReturnedBatch>;
}

/** The batch of a spool that gives every entry whole. */
export const wholeEntries = (entries: RecipientEntry[]): RecoveredBatch => ({ entries, waiting: noneWaiting });

type WaitingEntry = { messageId: string; index: number; acceptedAt: number; expiresAt: number; dueAt: number };

export function waitingEntryId({ ids }: WaitingEntries, row: number): string {
  const at = row * waitingIdWords;
  return `${idOfWords(ids, at)}.${ids[at + waitingIdWords - 1] ?? 0}`;
}

/** Collects rows up to a bound. */
export class WaitingBatch {
  readonly #most: number;
  #queueNumbers = new Map<string, number>();
  #rows: WaitingEntries;

  constructor(most: number) {
    this.#most = most;
    this.#rows = this.#empty();
  }

  get full(): boolean {
    return this.#rows.count >= this.#most;
  }

  /** False when the message has an id that is no UUID: such an entry goes whole. */
  add(names: QueueNames, entry: WaitingEntry): boolean {
    const rows = this.#rows;
    const row = rows.count;
    if (!putIdWords(entry.messageId, rows.ids, row * waitingIdWords)) return false;
    rows.ids[row * waitingIdWords + waitingIdWords - 1] = entry.index;
    rows.times[row * waitingTimes] = entry.acceptedAt;
    rows.times[row * waitingTimes + 1] = entry.expiresAt;
    rows.times[row * waitingTimes + 2] = entry.dueAt;
    rows.queueOf[row] = this.#queueNumber(names);
    rows.count += 1;
    return true;
  }

  /** What was collected; the next batch begins empty. */
  take(): WaitingEntries {
    const rows = this.#rows;
    if (rows.count === 0) return noneWaiting;
    this.#rows = this.#empty();
    this.#queueNumbers = new Map();
    return rows;
  }

  #queueNumber({ tenantId, streamId, campaign, domain }: QueueNames): number {
    const key = `${tenantId}\0${streamId}\0${campaign ?? ''}\0${domain}`;
    const known = this.#queueNumbers.get(key);
    if (known !== undefined) return known;
    this.#queueNumbers.set(key, this.#rows.queues.length);
    return this.#rows.queues.push({ tenantId, streamId, campaign, domain }) - 1;
  }

  #empty(): WaitingEntries {
    return {
      count: 0,
      queues: [],
      queueOf: new Uint32Array(this.#most),
      ids: new Uint32Array(this.#most * waitingIdWords),
      times: new Float64Array(this.#most * waitingTimes),
    };
  }
}
