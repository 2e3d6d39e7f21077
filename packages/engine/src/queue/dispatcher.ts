// The ready side: lanes of egress paths, served by deficit round robin under the limits, over connections that are opened when there is
// work and reused while there is. Work is picked synchronously whenever something changed: an entry came, a connection became free, a
// limit woke a lane or a path. A path that cannot connect rests as a whole and costs no entry an attempt.
import type { RecipientEntry } from '../entry.ts';
import type { PathFailure } from '../ports.ts';
import { ReleasingSet } from '../releasing.ts';
import type { Route } from '../route/route.ts';
import { Aftermath } from './aftermath.ts';
import { Carrier } from './carrier.ts';
import { Connections } from './connections.ts';
import { restPath } from './path-failure.ts';
import { LimitLine } from './limit-line.ts';
import { LimitWakes } from './limit-wakes.ts';
import { laneSettings } from './lane-settings.ts';
import { Lane, laneCapacity } from './lane.ts';
import { outOfTime } from './endings.ts';
import { laneKeyOf, leadsTo, securityOf } from './lane-security.ts';
import { PathTable } from './path-table.ts';
import { givesWay, isStopped, lets, PoolMates } from './pool-mates.ts';
import { RateGate } from './rate-gate.ts';
import { Recall } from './recall.ts';
import { RecordingPause } from './recording-pause.ts';
import { Refills } from './refills.ts';
import { RunTimeLimits } from './run-time-limits.ts';
import type { Connection, ReadyPath } from './ready-path.ts';
import type { ReadySide, Room } from './ready-side.ts';
import { resettling } from './resettle.ts';
import type { Scheduler } from './scheduler.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import { thoseNow, type Sliced } from './slices.ts';
import type { Handed } from './transaction.ts';
import { sourceUsable, type Worker } from './worker.ts';

/** How often one path is served in a row for wakes that come from within, before others have their turn. */
const maxRounds = 8;

export class Dispatcher implements ReadySide {
  readonly #table: PathTable;
  readonly #gate: RateGate;
  readonly #line: LimitLine;
  readonly #carrier: Carrier;
  readonly connections: Connections;
  readonly recall: Recall;
  readonly #poolMates: PoolMates;
  readonly #worker: Worker;
  readonly #scheduler: Scheduler;
  readonly #touched = new ReleasingSet<ReadyPath>();
  readonly #pause: RecordingPause;
  readonly runTimeLimits: RunTimeLimits;
  readonly #refills: Refills;
  readonly #wakes: LimitWakes;
  readonly #wakeLane = (lane: Lane, nowMs: number): void => {
    if (lane.size === 0) return;
    lane.path.ring.add(lane);
    this.#pump(lane.path, nowMs);
  };
  #draining = false;

  constructor(worker: Worker, scheduler: Scheduler) {
    this.#worker = worker;
    this.#scheduler = scheduler;
    this.#table = new PathTable(worker, (path, nowMs) => this.#pump(path, nowMs));
    this.#pause = new RecordingPause(worker, (path, nowMs) => this.#pump(path, nowMs));
    this.#line = new LimitLine(worker, this.#table);
    this.#refills = new Refills(worker, scheduler, (nowMs) => this.serve(nowMs));
    this.#wakes = new LimitWakes(worker);
    const limitsMoved = (nowMs: number): void => this.limitsMoved(nowMs);
    this.runTimeLimits = new RunTimeLimits(worker, limitsMoved);
    this.#gate = new RateGate(worker.limits, {
      ...{ limitsMoved, stopped: (path, nowMs) => this.#poolMates.stopped(path, nowMs) },
      most: ({ egress }) => worker.warmUps.most(egress.source.id, egress.provider),
    });
    const aftermath = new Aftermath(worker, scheduler, {
      pathFailed: (path, failure, nowMs) => this.#pathFailed(path, failure, nowMs),
      done: (path, nowMs) => this.#dropIfDone(path, nowMs),
    });
    this.#carrier = new Carrier(worker, {
      take: (path, nowMs) => this.#takeAhead(path, nowMs),
      mayGoOn: (path, nowMs) => this.#mayDeliver(path, nowMs) && sourceUsable(worker, path.egress.source.id, nowMs),
      over: (path, handed, result) => void aftermath.over(path, handed, result),
      learnt: (path, taken, nowMs) => this.#gate.bounds.learn(path.egress.site, taken, nowMs),
      free: (path, connection) => this.#free(path, connection),
    });
    this.connections = new Connections(worker, {
      opened: (path, nowMs) => {
        worker.health.reached(path.egress, nowMs);
        this.#pump(path, nowMs);
      },
      failed: (path, failure, nowMs) => this.#pathFailed(path, failure, nowMs),
      limitsMoved,
      closed: (path, nowMs) => this.#dropIfDone(path, nowMs),
      crowded: () => this.#line.crowded,
      credit: (path, nowMs) => this.#gate.ensureCredit(path, nowMs),
    });
    const parts = { table: this.#table, gate: this.#gate, connections: this.connections, scheduler };
    this.recall = new Recall(worker, parts, limitsMoved);
    this.#poolMates = new PoolMates(worker, this, this.recall);
  }

  room(queue: ScheduledQueue, entry: RecipientEntry, sourceId: string, poolId: string, route: Route, nowMs: number): Room {
    const security = securityOf(this.#worker, queue, entry, sourceId, route);
    const lane = queue.lanes.get(laneKeyOf(sourceId, poolId, entry));
    const path = lane?.path.live ? lane.path : this.#table.find(sourceId, route, security);
    if (path?.live) {
      if (lane?.path === path && lane.size >= laneCapacity) return 'none';
      if (path.full) {
        path.waitForRoom(queue);
        return 'none';
      }
      if (lane?.parked || isStopped(path, nowMs)) return 'resting';
    }
    return lets(this.#worker, queue, sourceId, poolId, route, nowMs, lane?.path === path ? lane?.dimensions : undefined)
      ? 'ready'
      : 'resting';
  }

  takesInLine(queue: ScheduledQueue, poolId: string, route: Route, nowMs: number): boolean {
    if (!this.#line.takes(queue, poolId, route, nowMs)) return false;
    // Nobody is woken from within: the caller has yet to say that the queue stands there.
    this.#wakes.arrange(nowMs);
    return true;
  }

  place(queue: ScheduledQueue, entry: RecipientEntry, sourceId: string, poolId: string, route: Route): void {
    const security = securityOf(this.#worker, queue, entry, sourceId, route);
    const laneKey = laneKeyOf(sourceId, poolId, entry);
    let lane = queue.lanes.get(laneKey);
    if (!lane || !leadsTo(lane, route, security)) {
      const path = this.#table.pathFor(sourceId, route, security);
      lane = new Lane({ queue, path, poolId, node: this.#worker.node, ...laneSettings(this.#worker, queue, path) }, this.#wakeLane);
      queue.enter(laneKey, lane);
      path.lanes.add(lane);
    }
    this.#worker.warmUps.reserve(entry, sourceId, route.provider);
    lane.push(entry);
    if (!lane.parked) lane.path.ring.add(lane);
    this.#touched.add(lane.path);
  }

  serve(nowMs: number): void {
    for (const path of this.#touched) {
      this.#touched.delete(path);
      this.#pump(path, nowMs);
    }
  }

  forget(queue: ScheduledQueue): void {
    this.#worker.warmUps.forget(queue);
    for (const lane of queue.lanes.values()) {
      lane.path.ring.remove(lane);
      lane.path.lanes.delete(lane);
      lane.path.stopWaiting(queue);
      if (lane.path.credit?.lane === lane) this.#gate.releaseCredit(lane.path, this.#worker.clock.nowMs());
    }
  }

  /** A source may no longer be used: what waits for it goes back, idle connections end, attempts in flight finish. */
  *sourceStopped(sourceId: string): Sliced<void> {
    const paths = this.#table.ofSource(sourceId);
    for (const path of thoseNow(paths, paths.size)) {
      const nowMs = this.#worker.clock.nowMs();
      this.connections.closeIdle(path, nowMs);
      this.recall.path(path, nowMs);
      yield;
    }
  }

  get paths(): PathTable {
    return this.#table;
  }

  /** Limits and weights take effect at once, paths are told one after the other. */
  configurationChanged(): void {
    this.#worker.limits.swap(this.#worker.generation().limits);
    void this.runTimeLimits.settle();
    void this.#worker.slices.run(resettling(this.#worker, this.#table, this.connections, this.recall));
  }

  /** Something was given back or arranged with the limits: wake who can go on and set the timer for the next. */
  limitsMoved(nowMs: number): void {
    this.#wakes.moved(nowMs);
  }

  /** Goes on after the spool said that it can record again. */
  resume(nowMs: number): void {
    this.#pause.over(nowMs);
  }

  /** No new connection and no new transaction; resolves when all sessions have ended, at the latest after `graceMs` by force. */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    await this.connections.drain(graceMs);
  }

  #mayDeliver(path: ReadyPath, nowMs: number): boolean {
    return !this.#draining && path.live && !this.#pause.stops(path, nowMs);
  }

  /** Hands out work while there is some that the limits let pass and a connection to carry it. */
  #pump(path: ReadyPath, nowMs: number): void {
    if (path.pumping) {
      // Called from within: a limit woke the path while it was being served. What was given must not be missed.
      path.pumpAgain = true;
      return;
    }
    path.pumping = true;
    let rounds = 0;
    do {
      path.pumpAgain = false;
      this.#handOut(path, nowMs);
      rounds++;
    } while (path.pumpAgain && rounds < maxRounds);
    if (path.pumpAgain) this.#worker.agenda.schedule(path, nowMs + 1);
    path.pumping = false;
    if (path.ready > 0 && givesWay(path, nowMs)) this.#poolMates.stopped(path, nowMs);
    this.#dropIfDone(path, nowMs);
  }

  #handOut(path: ReadyPath, nowMs: number): void {
    while (path.ready > 0 && !path.parked && this.#mayDeliver(path, nowMs)) {
      if (!sourceUsable(this.#worker, path.egress.source.id, nowMs)) return;
      const connection = this.connections.takeIdle(path, nowMs);
      if (!connection) {
        this.connections.open(path, nowMs);
        return;
      }
      const lane = this.#gate.ensureCredit(path, nowMs);
      const handed = lane ? this.#takeBatch(path, lane, nowMs) : null;
      if (!handed) {
        this.connections.rest(path, connection, nowMs);
        if (!lane) return;
        continue;
      }
      path.inFlight += handed.entries.length;
      void this.#carrier.carry(path, connection, handed);
    }
  }

  /** A batch for a busy connection; those that are idle come first. */
  #takeAhead(path: ReadyPath, nowMs: number): Handed | null {
    if (path.ready === 0 || path.parked || path.idle.length > 0 || !this.#mayDeliver(path, nowMs)) return null;
    const lane = this.#gate.ensureCredit(path, nowMs);
    const handed = lane ? this.#takeBatch(path, lane, nowMs) : null;
    if (handed) path.inFlight += handed.entries.length;
    return handed;
  }

  #takeBatch(path: ReadyPath, lane: Lane, nowMs: number): Handed | null {
    const { handed, expired } = this.#gate.takeBatch(path, lane, nowMs);
    void this.#scheduler.endUnsent(lane.queue, expired, outOfTime, nowMs);
    this.#refills.lane(path, lane, nowMs);
    return handed;
  }

  /** A connection has nothing more to carry. */
  #free(path: ReadyPath, connection: Connection): void {
    const nowMs = this.#worker.clock.nowMs();
    this.connections.free(path, connection, this.#draining || !path.live, nowMs);
    if (path.open === 0 && path.connectAfterMs > nowMs) this.recall.path(path, nowMs);
    this.serve(nowMs);
    this.#pump(path, nowMs);
  }

  #pathFailed(path: ReadyPath, failure: PathFailure, nowMs: number): void {
    if (this.#draining || nowMs < path.connectAfterMs) return;
    restPath(this.#worker, path, failure, nowMs);
    this.#worker.agenda.schedule(path, path.connectAfterMs);
    // With no connection left the entries may find another source of their pool; without one they wait here.
    if (path.open === 0) this.recall.path(path, nowMs);
    this.serve(nowMs);
  }

  #dropIfDone(path: ReadyPath, nowMs: number): void {
    if (!path.isDone(nowMs)) return;
    this.#gate.releaseCredit(path, nowMs);
    this.#table.drop(path);
  }
}
