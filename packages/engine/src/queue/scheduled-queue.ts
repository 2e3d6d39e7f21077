// All entries of one tenant, stream, campaign and domain: those that are due in order of arrival, those that are not by due time, and the
// number that is in hand (in a lane or an attempt). The scheduler owns it; it decides nothing itself.
import type { Waiter } from '@sluice/policy';
import type { DeliverySettings } from '@sluice/contract';
import type { Generation } from '../config/generation.ts';
import type { Outcome, RecipientEntry } from '../entry.ts';
import type { Task } from './agenda.ts';
import { FarShare, type Wanted } from './far-share.ts';
import { MemoryShare } from './memory-share.ts';
import { ParkedShare } from './parked-share.ts';
import type { Loaded, Parking } from './parking.ts';
import { QueueBounds } from './queue-bounds.ts';
import { QueueOfDomain, type QueueOwner } from './queue-of-domain.ts';
import type { WarmUpWaiter } from '../warm-up/warm-up-line.ts';
import type { Sliced } from './slices.ts';
import { waitingIdWords, waitingTimes, type WaitingEntries } from '../waiting-entries.ts';

/** Due entries in memory below which the next of the parked are loaded. */
const loadLowWater = 64;

/** What a queue needs of its worker. */
export type QueueHost = {
  /** Something of the queue is due: move it on. */
  run(queue: ScheduledQueue, nowMs: number): void;
  /** As many entries of the depot are wanted before their time. */
  callIn(count: number): void;
  /** Entries that the spool cannot give back; they are over for this run. */
  missing(queue: ScheduledQueue, count: number): void;
  nowMs(): number;
  readonly parking: Parking;
};

/**
 * `open`: entries go on as they come due. `resolving`: its route is being looked up. `held`: no source may send it. `full`: its lanes are.
 * `in_line`: it waits for its turn at a limit. `warm_up`: sources that warm up have no room for it now.
 */
export type QueueState = 'open' | 'resolving' | 'held' | 'full' | 'in_line' | 'warm_up';

const noneFar = new FarShare();

export class ScheduledQueue extends QueueOfDomain implements Task, Waiter, WarmUpWaiter {
  /** Holds campaigns past the bound of queues of their own. */
  mixed = false;
  state: QueueState = 'open';
  /** A limit has it among its waiters. */
  inLine = false;
  /** Its turn has come and its route is not known any more: once that is found it is the first in line. */
  called = false;
  dueMs = Infinity;
  inHand = 0;
  /** Failed look-ups of the route in a row. */
  routeFailures = 0;
  routeAfterMs = 0;
  /** What the last of them said. */
  routeFailure: string | null = null;
  /** Outcome of the last attempt that was deferred, whichever entry it was. */
  lastDeferral: Outcome | null = null;
  /** Nobody of those that are due is looked at before this for a report of delay. */
  delayLookMs = 0;
  readonly bounds = new QueueBounds();
  /** The source of the entries of one message is kept for a transaction's worth of them. */
  lastChoice: { messageId: string; poolId: string; sourceId: string; used: number } | null = null;
  /** What the settings said of it last, and for what. */
  settings: { generation: Generation; provider: string | null; site: string | null; values: DeliverySettings } | null = null;
  readonly #host: QueueHost;
  readonly #memory = new MemoryShare();
  #parked: ParkedShare | null = null;
  #far: FarShare | null = null;
  /** When due entries were last asked for, while some are parked. */
  #seenMs = 0;

  constructor(owner: QueueOwner, domain: string, host: QueueHost) {
    super(owner, domain);
    this.#host = host;
  }

  run(nowMs: number): void {
    this.#host.run(this, nowMs);
  }

  /** Its turn at the limit that it stands in line of. */
  wake(nowMs: number): void {
    this.inLine = false;
    this.roomOpened(nowMs);
    this.called = this.state === 'resolving';
  }

  roomOpened(nowMs: number): void {
    if (this.state === 'in_line' || this.state === 'warm_up') this.state = 'open';
    this.#host.run(this, nowMs);
  }

  get waiting(): number {
    return this.#memory.size + this.parked;
  }

  /** Of those waiting, the ones whose time has not come; of those that are parked, all that were not told to be due. */
  get later(): number {
    return this.#memory.later + (this.#parked?.unreleased ?? 0) + this.far.later;
  }

  /** Of those waiting, the ones that are on disk only until their time comes. */
  get parked(): number {
    return (this.#parked?.size ?? 0) + this.far.size;
  }

  /** Of those in memory whose time has not come, the next; undefined when there is none. */
  get nextLater(): RecipientEntry | undefined {
    return this.#memory.nextLater;
  }

  get count(): number {
    return this.waiting + this.inHand;
  }

  add(entry: RecipientEntry, nowMs: number, wanted: Wanted = null): void {
    this.bounds.note(entry);
    if (wanted === 'look' && this.#share().park(entry, wanted)) return;
    // Behind others that are due and parked a new one is parked too, lest it overtake them.
    const overtakes = entry.dueAt <= nowMs && this.#parked?.hasDue(nowMs);
    if ((overtakes || this.#host.parking.wants(entry, nowMs, this.waiting - this.parked)) && this.#share().park(entry)) return;
    this.#keep(entry, nowMs);
  }

  /** An entry that is not due for a while and comes as a row: see waiting-entries.ts. */
  addWaiting({ ids, times }: WaitingEntries, row: number, expiresAt: number, wanted: Wanted = null): void {
    const [acceptedAt = 0, , dueAt = 0] = times.subarray(row * waitingTimes, (row + 1) * waitingTimes);
    this.bounds.note({ expiresAt, acceptedAt });
    this.#share().parkWords(wanted, ids, row * waitingIdWords, dueAt, expiresAt);
  }

  /** Of those waiting, the ones that the depot has; changed only by the next two. */
  get far(): FarShare {
    return this.#far ?? noneFar;
  }

  addFar(count: number, fromMs: number): void {
    this.#far ??= new FarShare();
    this.#far.add(count, fromMs);
  }

  /** One of those in the depot has come back; says why. */
  leaveFar(): Wanted {
    const wanted = this.#far?.leave() ?? null;
    if (this.#far?.size === 0) this.#far = null;
    return wanted;
  }

  /** Entries that were due and come back from a lane go in front, in their order. */
  putBack(entries: readonly RecipientEntry[]): void {
    this.#host.parking.inMemory += entries.length;
    this.#memory.putBack(entries);
    for (const entry of entries) this.bounds.note(entry);
  }

  /** The next due entry, left in place. */
  peekDue(nowMs: number): RecipientEntry | undefined {
    this.#memory.fallDue(nowMs);
    if (this.#parked && this.#memory.due < loadLowWater) this.#parked.loadDue(nowMs);
    if (this.#parked) this.#seenMs = nowMs;
    return this.#memory.first;
  }

  /** Whatever waits for its time, or for its route, is due now; whatever comes later is not. Costs nothing by the entry. */
  makeDue(): number {
    this.routeAfterMs = 0;
    return this.releaseFar() + (this.#parked?.release() ?? 0) + this.#memory.release();
  }

  /** The same of those in the depot alone. */
  releaseFar(): number {
    const { later } = this.far;
    this.#host.callIn(this.far.release());
    return later;
  }

  /** What is not in memory is to be looked at: see inspection.ts. */
  lookAtParked(): void {
    this.#parked?.lookAtAll();
    this.#host.callIn(this.far.lookAt());
  }

  /** Takes rows of those that are to be looked at into hand. */
  takeToLook(most: number): number[] {
    const rows = this.#parked?.takeToLook(most) ?? [];
    if (this.#parked?.size === 0) this.#parked = null;
    this.inHand += rows.length;
    return rows;
  }

  /** Rows that could not be looked at wait for their time. */
  putRowsBack(rows: readonly number[]): void {
    this.inHand -= rows.length;
    for (const row of rows) this.#share().putBack(row);
  }

  /** Removes what `peekDue` showed. */
  shiftDue(): void {
    this.#host.parking.inMemory--;
    this.#memory.shift();
    if (this.#memory.due === 0) this.lastChoice = null;
  }

  /** When the next entry falls due that is not yet; Infinity when there is none. */
  nextDueMs(): number {
    const later = this.#memory.nextLater?.dueAt ?? Infinity;
    const parked = this.#parked?.nextWakeMs() ?? Infinity;
    // What is due and stays parked waits for what holds the queue, not for a time.
    return parked > this.#seenMs ? Math.min(later, parked) : later;
  }

  /** The same of all that waits, wherever it lies. */
  nextKnownMs(): number {
    return Math.min(this.nextDueMs(), this.far.fromMs);
  }

  /** Takes into hand, in steps, the waiting entries whose time is over and tightens the bounds; `over` gets some of them at a time. */
  *takeExpired(nowMs: number, over: (entries: RecipientEntry[]) => void): Sliced<void> {
    const { bounds } = this;
    bounds.tighten();
    if (this.parked > 0) bounds.keep('acceptedAt');
    let expired: RecipientEntry[] = [];
    const isOver = (entry: RecipientEntry): boolean => {
      if (entry.expiresAt <= nowMs) return expired.push(entry) > 0;
      bounds.note(entry);
      return false;
    };
    const handOver = (): void => {
      const taken = expired;
      expired = [];
      this.#host.parking.inMemory -= taken.length;
      this.inHand += taken.length;
      if (taken.length > 0) over(taken);
    };
    if (this.#parked) yield* this.#parked.loadingExpired(nowMs);
    if (!(yield* this.#memory.removing(isOver, handOver))) {
      bounds.keep('expiresAt');
      bounds.keep('acceptedAt');
    }
    for (const lane of this.lanes.values()) {
      const taken = lane.takeExpired(nowMs);
      if (taken.length > 0) over(taken);
      for (const entry of lane.waiting()) bounds.note(entry);
      yield;
    }
    bounds.tightened();
  }

  /** Takes into hand, in steps, at most `most` of those that are due or ready and match. */
  *takeDue(matches: (entry: RecipientEntry) => boolean, most: number): Sliced<RecipientEntry[]> {
    const { taken, take } = this.#taking(matches, most);
    yield* this.#memory.removingDue(take, () => taken.length < most);
    // Those in lanes were in hand already.
    for (const lane of this.lanes.values()) {
      if (taken.length < most) taken.push(...lane.take(matches, most - taken.length));
      yield;
    }
    return taken;
  }

  /** The same of those that wait in memory, due or not. */
  *takeInMemory(matches: (entry: RecipientEntry) => boolean, most: number): Sliced<RecipientEntry[]> {
    const { taken, take } = this.#taking(matches, most);
    yield* this.#memory.removing(take);
    return taken;
  }

  #taking(matches: (entry: RecipientEntry) => boolean, most: number) {
    const taken: RecipientEntry[] = [];
    const take = (entry: RecipientEntry): boolean => {
      if (taken.length >= most || !matches(entry)) return false;
      this.#host.parking.inMemory--;
      this.inHand++;
      return taken.push(entry) > 0;
    };
    return { taken, take };
  }

  #keep(entry: RecipientEntry, nowMs: number): void {
    this.#host.parking.inMemory++;
    this.#memory.add(entry, nowMs);
  }

  #share(): ParkedShare {
    this.#parked ??= new ParkedShare(this.#host.parking, this.bounds, (loaded) => this.#loaded(loaded));
    return this.#parked;
  }

  #loaded({ entries, missing, released }: Loaded): void {
    const nowMs = this.#host.nowMs();
    for (const entry of entries) {
      this.bounds.note(entry);
      if (released) entry.dueAt = Math.min(entry.dueAt, nowMs);
      this.#keep(entry, nowMs);
    }
    if (this.#parked?.size === 0) this.#parked = null;
    if (missing > 0) this.#host.missing(this, missing);
    this.#host.run(this, nowMs);
  }
}
