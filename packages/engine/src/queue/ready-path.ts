// The ready queue and the connections of one egress path: source x site x security requirement. State only; the dispatcher moves it.
import type { DeliverySettings } from '@sluice/contract';
import { LastingDimensions, type Dimensions, type LimitToken, type Waiter } from '@sluice/policy';
import { OldestFirst } from '../oldest-first.ts';
import type { DeliverySession, EgressPath, PathFailure, SecurityRequirement } from '../ports.ts';
import { nextSerial, ReleasingSet, type Numbered } from '../releasing.ts';
import type { Route } from '../route/route.ts';
import type { Task } from './agenda.ts';
import { LaneRing } from './lane-ring.ts';
import type { Lane } from './lane.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';

/** Entries ready on one path, over all lanes; scheduled queues wait for room in turn. */
const pathCapacity = 10_000;
/** While no connect succeeds: enough to go on with once one does. What waits longer waits in its queue, and need not be in memory. */
const failingCapacity = 500;

export type Connection = Numbered & {
  readonly session: DeliverySession;
  readonly token: LimitToken;
  /** What held when it was opened; once the path is told otherwise it carries no further transaction. */
  readonly settings: DeliverySettings;
  idleSinceMs: number;
  transactions: number;
};

/** The provider is part of the key: one set of hosts may be filed under two, by preference or over a change of configuration. */
export function pathKey(sourceId: string, site: string, provider: string | null, security: SecurityRequirement): string {
  return `${sourceId}\0${site}\0${provider ?? ''}\0${security.key}`;
}

const noQueues: ReadonlySet<ScheduledQueue> = new Set();

export class ReadyPath implements Task, Numbered {
  readonly serial = nextSerial();
  readonly egress: EgressPath;
  readonly route: Route;
  readonly dimensions: Dimensions;
  readonly lanes = new ReleasingSet<Lane>();
  readonly ring = new LaneRing();
  readonly idle: Connection[] = [];
  /** Ends those that rest for too long; made when the first rests. */
  idleEnd: Task | null = null;
  /** Scheduled queues that wait for room; made when the first does. */
  #waiting: { readonly queues: Set<ScheduledQueue>; readonly longest: OldestFirst<ScheduledQueue> } | null = null;
  /** False once its configuration changed or nothing is left of it: takes no more entries. */
  live = true;
  ready = 0;
  inFlight = 0;
  open = 0;
  connecting = 0;
  /** Connects that failed in a row, and when the next may be tried. */
  failures = 0;
  connectAfterMs = 0;
  lastFailure: PathFailure | null = null;
  waitsForConnection = false;
  /** The limit that stops it for some tenant would stop every other source as well. */
  parkedForAll = false;
  /** What stopped it last would pass, and has to be leased first: that is known in a moment. */
  asksStore = false;
  waitsForAll = false;
  /** How often something was taken back from it: what was made ready for a busy connection before the last time is judged anew. */
  recalls = 0;
  pumping = false;
  pumpAgain = false;
  /** Rate already reserved for the first transaction of a connection being opened. */
  credit: { lane: Lane; token: LimitToken } | null = null;
  dueMs = Infinity;
  readonly #pump: (path: ReadyPath, nowMs: number) => void;

  constructor(egress: EgressPath, route: Route, node: string, pump: (path: ReadyPath, nowMs: number) => void) {
    this.egress = egress;
    this.route = route;
    this.#pump = pump;
    const { source, provider, site } = egress;
    this.dimensions = new LastingDimensions({ node, source: source.id, provider: provider ?? '', site });
  }

  get full(): boolean {
    return this.ready >= (this.open === 0 && this.failures > 0 ? failingCapacity : pathCapacity);
  }

  /** A limit that is the same for all its lanes stops it: each tenant that has mail here waits for its own turn. */
  get parked(): boolean {
    return this.ring.stopped > 0 && this.ring.current() === null;
  }

  /** The tenant waits for its turn at a limit of the whole path from now on; the waiter is for the limit's line. */
  stopTenant(tenant: string): Waiter {
    this.ring.stop(tenant);
    return {
      wake: (nowMs) => {
        this.ring.resume(tenant);
        this.ring.preferred = tenant;
        this.#pump(this, nowMs);
        this.ring.preferred = null;
      },
    };
  }

  /** The same for one of its connections. */
  connectionWaiter(): Waiter {
    return {
      wake: (nowMs) => {
        this.waitsForConnection = false;
        this.#pump(this, nowMs);
      },
    };
  }

  get waitingQueues(): ReadonlySet<ScheduledQueue> {
    return this.#waiting?.queues ?? noQueues;
  }

  waitForRoom(queue: ScheduledQueue): void {
    if (!this.#waiting) {
      const queues = new Set<ScheduledQueue>();
      this.#waiting = { queues, longest: new OldestFirst(queues) };
    }
    this.#waiting.queues.add(queue);
  }

  stopWaiting(queue: ScheduledQueue): void {
    this.#waiting?.queues.delete(queue);
  }

  /** Takes out the queue that waits longest for room. */
  nextWaiting(): ScheduledQueue | undefined {
    const queue = this.waitingQueues.size > 0 ? this.#waiting?.longest.next() : undefined;
    if (queue) this.stopWaiting(queue);
    return queue;
  }

  run(nowMs: number): void {
    this.#pump(this, nowMs);
  }

  /** Nothing waits here, nothing is open, no limit knows it, and no failure has to be remembered. */
  isDone(nowMs: number): boolean {
    if (this.pumping || this.ring.stopped > 0 || this.waitsForConnection || this.waitingQueues.size > 0) return false;
    return this.ready === 0 && this.inFlight === 0 && this.open === 0 && this.connecting === 0 && nowMs >= this.connectAfterMs;
  }
}
