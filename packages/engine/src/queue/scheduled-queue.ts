// All entries of one tenant, stream, campaign and domain: those that are due in order of arrival, those that are not by due time, and the
// number that is in hand (in a lane or an attempt). The scheduler owns it; it decides nothing itself.
import { DueHeap } from '@sluice/policy';
import type { DeliverySettings } from '@sluice/contract';
import type { Generation } from '../config/generation.ts';
import type { Outcome, QueueNames, RecipientEntry } from '../entry.ts';
import type { Task } from './agenda.ts';
import { DueList } from './due-list.ts';
import type { Lane } from './lane.ts';
import { ParkedShare, sizeOf } from './parked-share.ts';
import type { Loaded, Parking } from './parking.ts';
import { QueueBounds } from './queue-bounds.ts';
import { stepwise, type Sliced } from './slices.ts';
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

/** `open`: entries go on as they come due. `resolving`: its route is being looked up. `held`: no source may send it. `full`: its lanes are. */
export type QueueState = 'open' | 'resolving' | 'held' | 'full';

export function queueKey(tenantId: string, streamId: string, campaign: string | null, domain: string): string {
  return `${tenantId}\0${streamId}\0${campaign ?? ''}\0${domain}`;
}

const dueOf = (entry: RecipientEntry): number => entry.dueAt;

export class ScheduledQueue implements Task {
  readonly key: string;
  readonly tenantId: string;
  readonly streamId: string;
  readonly campaign: string | null;
  readonly domain: string;
  readonly lanes = new Map<string, Lane>();
  /** Holds campaigns past the bound of queues of their own. */
  mixed = false;
  state: QueueState = 'open';
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
  /** Of those waiting, the ones that the depot has, and when the first of them is due at the earliest. */
  far = 0;
  farFromMs = Infinity;
  #farReleased = 0;
  #later = new DueHeap<RecipientEntry>(dueOf);
  readonly #host: QueueHost;
  #parked: ParkedShare | null = null;
  /** Told to be due before their time, by each command; taken one by one when nothing else is due. */
  readonly #released: DueHeap<RecipientEntry>[] = [];
  readonly #due = new DueList();
  /** When due entries were last asked for. */
  #seenMs = 0;

  constructor(key: string, entry: QueueNames, campaign: string | null, host: QueueHost) {
    this.key = key;
    this.tenantId = entry.tenantId;
    this.streamId = entry.streamId;
    this.campaign = campaign;
    this.domain = entry.domain;
    this.#host = host;
  }

  run(nowMs: number): void {
    this.#host.run(this, nowMs);
  }

  get waiting(): number {
    return this.#due.size + this.#later.size + sizeOf(this.#released) + (this.#parked?.size ?? 0) + this.far;
  }

  /** Of those waiting, the ones whose time has not come; of those that are parked, all that were not told to be due. */
  get later(): number {
    return this.#later.size + (this.#parked?.unreleased ?? 0) + this.far - this.#farReleased;
  }

  /** Of those waiting, the ones that are on disk only until their time comes. */
  get parked(): number {
    return (this.#parked?.size ?? 0) + this.far;
  }

  /** Of those in memory whose time has not come, the next; undefined when there is none. */
  get nextLater(): RecipientEntry | undefined {
    return this.#later.peek();
  }

  get count(): number {
    return this.waiting + this.inHand;
  }

  add(entry: RecipientEntry, nowMs: number): void {
    this.bounds.note(entry);
    // Behind others that are due and parked a new one is parked too, lest it overtake them.
    const overtakes = entry.dueAt <= nowMs && this.#parked?.hasDue(nowMs);
    if ((overtakes || this.#host.parking.wants(entry, nowMs, this.waiting - this.parked)) && this.#park(entry)) return;
    this.#keep(entry, nowMs);
  }

  /** An entry that is not due for a while and comes as a row: see waiting-entries.ts. */
  addWaiting({ ids, times }: WaitingEntries, row: number, expiresAt: number, released = false): void {
    const [acceptedAt = 0, , dueAt = 0] = times.subarray(row * waitingTimes, (row + 1) * waitingTimes);
    this.bounds.note({ expiresAt, acceptedAt });
    const share = this.#share();
    if (released) share.parkReleased(ids, row * waitingIdWords, dueAt, expiresAt);
    else share.parkWords(ids, row * waitingIdWords, dueAt, expiresAt);
  }

  addFar(count: number, fromMs: number): void {
    this.far += count;
    this.farFromMs = Math.min(this.farFromMs, fromMs);
  }

  /** One of those in the depot has come back; true when it was told to be due. */
  leaveFar(): boolean {
    this.far--;
    if (this.far === 0) this.farFromMs = Infinity;
    if (this.#farReleased === 0) return false;
    this.#farReleased--;
    return true;
  }

  /** Entries that were due and come back from a lane go in front, in their order. */
  putBack(entries: readonly RecipientEntry[]): void {
    this.#host.parking.inMemory += entries.length;
    this.#due.putBack(entries);
    for (const entry of entries) this.bounds.note(entry);
  }

  /** The next due entry, left in place. */
  peekDue(nowMs: number): RecipientEntry | undefined {
    for (let next = this.#later.peek(); next && next.dueAt <= nowMs; next = this.#later.peek()) {
      this.#later.pop();
      this.#due.push(next);
    }
    if (this.#due.size === 0) this.#takeReleased();
    if (this.#parked && this.#due.size < loadLowWater) this.#parked.loadDue(nowMs);
    this.#seenMs = nowMs;
    return this.#due.peek();
  }

  /** Whatever waits for its time, or for its route, is due now; whatever comes later is not. Costs nothing by the entry. */
  makeDue(): number {
    this.routeAfterMs = 0;
    const far = this.far - this.#farReleased;
    this.#farReleased = this.far;
    this.#host.callIn(far);
    const parked = (this.#parked?.release() ?? 0) + far;
    const entries = this.#later.size;
    if (entries === 0) return parked;
    this.#released.push(this.#later);
    this.#later = new DueHeap<RecipientEntry>(dueOf);
    return entries + parked;
  }

  #takeReleased(): void {
    while (this.#released[0]?.size === 0) this.#released.shift();
    const entry = this.#released[0]?.pop();
    if (entry) this.#due.push(entry);
  }

  /** Removes what `peekDue` showed. */
  shiftDue(): void {
    this.#host.parking.inMemory--;
    this.#due.shift();
  }

  /** When the next entry falls due that is not yet; Infinity when there is none. */
  nextDueMs(): number {
    const later = this.#later.peek()?.dueAt ?? Infinity;
    const parked = this.#parked?.nextWakeMs() ?? Infinity;
    // What is due and stays parked waits for what holds the queue, not for a time.
    return parked > this.#seenMs ? Math.min(later, parked) : later;
  }

  /** The same of all that waits, wherever it lies. */
  nextKnownMs(): number {
    return Math.min(this.nextDueMs(), this.farFromMs);
  }

  /**
   * Takes into hand, in steps, the waiting entries whose time is over and tightens the bounds; `over` gets some of them at a time. The way
   * goes as entries go, from those whose time has not come to those that are ready: none that moves meanwhile is passed over.
   */
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
    for (const heap of [this.#later, ...this.#released]) {
      if (yield* stepwise(heap.removing(isOver), handOver)) continue;
      bounds.keep('expiresAt');
      bounds.keep('acceptedAt');
    }
    yield* stepwise(this.#due.removing(isOver), handOver);
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
    const taken: RecipientEntry[] = [];
    const goesOn = (): boolean => taken.length < most;
    yield* this.#due.removing((entry) => {
      if (!matches(entry)) return false;
      this.#host.parking.inMemory--;
      this.inHand++;
      return taken.push(entry) > 0;
    }, goesOn);
    // Those in lanes were in hand already.
    for (const lane of this.lanes.values()) {
      if (goesOn()) taken.push(...lane.take(matches, most - taken.length));
      yield;
    }
    return taken;
  }

  #keep(entry: RecipientEntry, nowMs: number): void {
    this.#host.parking.inMemory++;
    if (entry.dueAt <= nowMs) this.#due.push(entry);
    else this.#later.push(entry);
  }

  #park(entry: RecipientEntry): boolean {
    return this.#share().park(entry);
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
