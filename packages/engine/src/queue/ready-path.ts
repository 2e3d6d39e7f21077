// The ready queue and the connections of one egress path: source x site x security requirement. State only; the dispatcher moves it.
import type { DeliverySettings } from '@sluice/contract';
import type { Dimensions, LimitToken, Waiter } from '@sluice/policy';
import { OldestFirst } from '../oldest-first.ts';
import type { DeliverySession, EgressPath, PathFailure, SecurityRequirement } from '../ports.ts';
import type { Route } from '../route/route.ts';
import type { Task } from './agenda.ts';
import { LaneRing, type Lane } from './lane.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';

/** Entries ready on one path, over all lanes; scheduled queues wait for room in turn. */
export const pathCapacity = 10_000;

export type Connection = {
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

export class ReadyPath implements Task {
  readonly egress: EgressPath;
  readonly route: Route;
  readonly dimensions: Dimensions;
  readonly lanes = new Set<Lane>();
  readonly ring = new LaneRing();
  readonly idle: Connection[] = [];
  readonly waitingQueues = new Set<ScheduledQueue>();
  #longestWaiting: OldestFirst<ScheduledQueue> | null = null;
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
  /** A limit that is the same for all its lanes stops it. */
  parked = false;
  waitsForConnection = false;
  /** The limit that stops it would stop every other source as well. */
  parkedForAll = false;
  waitsForAll = false;
  /** How often something was taken back from it: what was made ready for a busy connection before the last time is judged anew. */
  recalls = 0;
  pumping = false;
  pumpAgain = false;
  /** Rate already reserved for the first transaction of a connection being opened. */
  credit: { lane: Lane; token: LimitToken } | null = null;
  dueMs = Infinity;
  readonly rateWaiter: Waiter;
  readonly connectionWaiter: Waiter;
  readonly #pump: (path: ReadyPath, nowMs: number) => void;

  constructor(egress: EgressPath, route: Route, node: string, pump: (path: ReadyPath, nowMs: number) => void) {
    this.egress = egress;
    this.route = route;
    this.#pump = pump;
    this.dimensions = { node, source: egress.source.id, provider: egress.provider ?? '', site: egress.site };
    this.rateWaiter = {
      wake: (nowMs) => {
        this.parked = false;
        pump(this, nowMs);
      },
    };
    this.connectionWaiter = {
      wake: (nowMs) => {
        this.waitsForConnection = false;
        pump(this, nowMs);
      },
    };
  }

  /** Takes out the queue that waits longest for room. */
  nextWaiting(): ScheduledQueue | undefined {
    if (this.waitingQueues.size === 0) return undefined;
    this.#longestWaiting ??= new OldestFirst(this.waitingQueues);
    const queue = this.#longestWaiting.next();
    if (queue) this.waitingQueues.delete(queue);
    return queue;
  }

  run(nowMs: number): void {
    this.#pump(this, nowMs);
  }

  /** Nothing waits here, nothing is open, no limit knows it, and no failure has to be remembered. */
  isDone(nowMs: number): boolean {
    if (this.pumping || this.parked || this.waitsForConnection || this.waitingQueues.size > 0) return false;
    return this.ready === 0 && this.inFlight === 0 && this.open === 0 && this.connecting === 0 && nowMs >= this.connectAfterMs;
  }
}
