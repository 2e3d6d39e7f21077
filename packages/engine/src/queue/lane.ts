// A lane is the share that one scheduled queue has of a ready queue. Lanes with work stand in a ring and are served in fair turns of
// tenants and streams (lane-ring.ts). A lane that its own limit stops leaves the ring until that limit wakes it.
import { LastingDimensions, type Dimensions, type Standing, type Waiter } from '@sluice/policy';
import type { RecipientEntry } from '../entry.ts';
import { nextSerial, type Numbered } from '../releasing.ts';
import type { LanePlace } from './lane-ring.ts';
import type { ReadyPath } from './ready-path.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';

/** Entries of one lane in memory as ready; the rest stays scheduled. */
export const laneCapacity = 128;
/** A lane that fell to this many asks its scheduled queue for more. */
export const laneLowWater = 64;

/** What a configuration says of the mail in a lane. */
export type LaneSettings = { weight: number; maxRecipients: number };

export class Lane implements Waiter, Numbered {
  readonly serial = nextSerial();
  readonly queue: ScheduledQueue;
  readonly path: ReadyPath;
  readonly poolId: string;
  readonly dimensions: Dimensions;
  weight: number;
  /** Of one transaction. */
  maxRecipients: number;
  /** Stopped by a limit of its own. */
  parked = false;
  /** And whichever source it took. */
  parkedForAll = false;
  /** A limit has it among its waiters. */
  inLine = false;
  /** Its place in the ring of its path. */
  place: LanePlace | null = null;
  readonly #onWake: (lane: Lane, nowMs: number) => void;
  #entries: RecipientEntry[] = [];
  #first = 0;

  constructor(
    of: { queue: ScheduledQueue; path: ReadyPath; poolId: string; node: string } & LaneSettings,
    onWake: (lane: Lane, nowMs: number) => void,
  ) {
    this.queue = of.queue;
    this.path = of.path;
    this.poolId = of.poolId;
    this.weight = of.weight;
    this.maxRecipients = of.maxRecipients;
    this.#onWake = onWake;
    const { tenantId, streamId, campaign, domain } = of.queue;
    const more = { pool: of.poolId, tenant: tenantId, stream: streamId, campaign: campaign ?? '', domain };
    this.dimensions = new LastingDimensions({ ...of.path.dimensions, ...more });
  }

  wake(nowMs: number): void {
    this.inLine = false;
    this.parked = false;
    this.#onWake(this, nowMs);
  }

  /** On whose behalf it waits. */
  get standing(): Standing {
    return { tenant: this.queue.tenantId, stream: this.queue.streamId, weight: this.weight };
  }

  get size(): number {
    return this.#entries.length - this.#first;
  }

  waiting(): RecipientEntry[] {
    return this.#entries.slice(this.#first);
  }

  push(entry: RecipientEntry): void {
    this.#entries.push(entry);
    this.path.ready++;
  }

  peek(): RecipientEntry | undefined {
    return this.#entries[this.#first];
  }

  shift(): void {
    this.#first++;
    this.path.ready--;
    if (this.#first >= laneCapacity || this.#first >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }

  takeAll(): RecipientEntry[] {
    const all = this.waiting();
    this.path.ready -= all.length;
    this.#entries = [];
    this.#first = 0;
    return all;
  }

  takeExpired(nowMs: number): RecipientEntry[] {
    return this.take((entry) => entry.expiresAt <= nowMs, Infinity);
  }

  /** Takes out those that match, at most `most`. */
  take(matches: (entry: RecipientEntry) => boolean, most: number): RecipientEntry[] {
    const taken: RecipientEntry[] = [];
    const kept = this.waiting().filter((entry) => taken.length >= most || !matches(entry) || taken.push(entry) === 0);
    if (taken.length === 0) return taken;
    this.#entries = kept;
    this.#first = 0;
    this.path.ready -= taken.length;
    return taken;
  }
}
