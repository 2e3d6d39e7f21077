// Taking back what the ready side holds: entries return from lanes to their scheduled queues, in their order, and go on by another way,
// wait, or end. A path failed, a source stopped, its connections are to be made anew, or a command touches part of what is ready.
import type { RecipientEntry } from '../entry.ts';
import type { Connections } from './connections.ts';
import type { Lane } from './lane.ts';
import type { PathTable } from './path-table.ts';
import type { RateGate } from './rate-gate.ts';
import type { ReadyPath } from './ready-path.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import type { Scheduler } from './scheduler.ts';
import { thoseNow, type Sliced } from './slices.ts';
import type { Worker } from './worker.ts';

/** Queues that go on together, before others have their turn: each may move a turn's worth of entries. */
const queuesAtOnce = 4;
/** Lanes looked at in one step. */
const lanesAtOnce = 64;

export type RecallParts = { table: PathTable; gate: RateGate; connections: Connections; scheduler: Scheduler };

export class Recall {
  readonly #worker: Worker;
  readonly #parts: RecallParts;
  readonly #limitsMoved: (nowMs: number) => void;

  constructor(worker: Worker, parts: RecallParts, limitsMoved: (nowMs: number) => void) {
    this.#worker = worker;
    this.#parts = parts;
    this.#limitsMoved = limitsMoved;
  }

  /** All that is ready on the path. What is not taken back yet waits: such a path has no connection, or is not to be used. */
  path(path: ReadyPath, nowMs: number): void {
    this.#parts.gate.releaseCredit(path, nowMs);
    void this.#worker.slices.run(this.#wholePath(path));
  }

  /** What lies in the lanes that match. `end` takes those out that end here and returns the rest. */
  *lanes(matches: (lane: Lane) => boolean, end: (lane: Lane, entries: RecipientEntry[]) => RecipientEntry[]): Sliced<void> {
    const { table, gate, scheduler } = this.#parts;
    let looked = 0;
    let taken = 0;
    for (const path of thoseNow(table.paths(), table.size)) {
      const nowMs = this.#worker.clock.nowMs();
      const queues = new Set<ScheduledQueue>();
      path.recalls++;
      for (const lane of thoseNow(path.lanes, path.lanes.size)) {
        if (++looked % lanesAtOnce === 0) {
          this.#goOn(queues);
          yield;
        }
        if (lane.size === 0 || !matches(lane)) continue;
        if (path.credit?.lane === lane) gate.releaseCredit(path, nowMs);
        path.ring.remove(lane);
        const back = end(lane, lane.takeAll());
        if (back.length > 0) scheduler.putBack(lane.queue, back);
        queues.add(lane.queue);
        if (++taken % queuesAtOnce !== 0) continue;
        this.#goOn(queues);
        yield;
      }
      this.#goOn(queues);
      yield;
    }
  }

  /** All that is ready in one lane. */
  lane(lane: Lane, nowMs: number): void {
    if (lane.path.credit?.lane === lane) this.#parts.gate.releaseCredit(lane.path, nowMs);
    lane.path.ring.remove(lane);
    lane.path.recalls++;
    this.#parts.scheduler.putBack(lane.queue, lane.takeAll());
    this.#goOn(new Set([lane.queue]));
  }

  /** Paths that rest after a failure may connect at once. */
  *liftRests(matches: (path: ReadyPath) => Sliced<boolean>): Sliced<void> {
    for (const path of thoseNow(this.#parts.table.paths(), this.#parts.table.size)) {
      if (path.connectAfterMs > this.#worker.clock.nowMs() && (yield* matches(path))) {
        const nowMs = this.#worker.clock.nowMs();
        path.connectAfterMs = nowMs;
        path.run(nowMs);
      }
      yield;
    }
  }

  /** Connections of the paths that match: idle ones end now, busy ones after their transaction, those to come are opened anew. */
  *connections(matches: (path: ReadyPath) => boolean): Sliced<number> {
    let flushed = 0;
    for (const path of thoseNow(this.#parts.table.paths(), this.#parts.table.size)) {
      if (path.open + path.connecting > 0 && matches(path)) {
        flushed += path.open + path.connecting;
        this.#parts.table.retire(path);
        this.#parts.connections.closeIdle(path, this.#worker.clock.nowMs());
        yield* this.#wholePath(path);
      }
      yield;
    }
    return flushed;
  }

  *#wholePath(path: ReadyPath): Sliced<void> {
    const queues = new Set<ScheduledQueue>();
    path.recalls++;
    const waited = thoseNow(path.waitingQueues, path.waitingQueues.size);
    for (const lane of thoseNow(path.lanes, path.lanes.size)) {
      path.ring.remove(lane);
      if (lane.size === 0) continue;
      this.#parts.scheduler.putBack(lane.queue, lane.takeAll());
      queues.add(lane.queue);
      if (queues.size < queuesAtOnce) continue;
      this.#goOn(queues);
      yield;
    }
    for (const queue of waited) {
      path.stopWaiting(queue);
      queues.add(queue);
      if (queues.size < queuesAtOnce) continue;
      this.#goOn(queues);
      yield;
    }
    this.#goOn(queues);
  }

  /** Queues that got something back go on by what holds now. */
  #goOn(queues: Set<ScheduledQueue>): void {
    if (queues.size === 0) return;
    const nowMs = this.#worker.clock.nowMs();
    for (const queue of queues) this.#parts.scheduler.refill(queue, nowMs);
    queues.clear();
    this.#limitsMoved(nowMs);
    this.#parts.scheduler.serve(nowMs);
  }
}
