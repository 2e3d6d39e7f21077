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

export type RecallParts = { table: PathTable; gate: RateGate; connections: Connections; scheduler: Scheduler };

export class Recall {
  readonly #parts: RecallParts;
  readonly #limitsMoved: (nowMs: number) => void;
  /** How often something was taken back: what was made ready for a busy connection before the last time is judged anew. */
  times = 0;

  constructor(parts: RecallParts, limitsMoved: (nowMs: number) => void) {
    this.#parts = parts;
    this.#limitsMoved = limitsMoved;
  }

  /** All that is ready on the path. */
  path(path: ReadyPath, nowMs: number): void {
    const { gate, scheduler } = this.#parts;
    this.times++;
    gate.releaseCredit(path, nowMs);
    const queues = new Set(path.waitingQueues);
    path.waitingQueues.clear();
    for (const lane of path.lanes) {
      path.ring.remove(lane);
      if (lane.size === 0) continue;
      scheduler.putBack(lane.queue, lane.takeAll());
      queues.add(lane.queue);
    }
    for (const queue of queues) scheduler.refill(queue, nowMs);
    this.#limitsMoved(nowMs);
  }

  /** What lies in the lanes that match. `end` takes those out that end here and returns the rest. */
  lanes(matches: (lane: Lane) => boolean, end: (lane: Lane, entries: RecipientEntry[]) => RecipientEntry[], nowMs: number): void {
    const { table, gate, scheduler } = this.#parts;
    this.times++;
    const queues = new Set<ScheduledQueue>();
    for (const path of table.paths()) {
      for (const lane of path.lanes) {
        if (lane.size === 0 || !matches(lane)) continue;
        if (path.credit?.lane === lane) gate.releaseCredit(path, nowMs);
        path.ring.remove(lane);
        const back = end(lane, lane.takeAll());
        if (back.length > 0) scheduler.putBack(lane.queue, back);
        queues.add(lane.queue);
      }
    }
    for (const queue of queues) scheduler.refill(queue, nowMs);
    this.#limitsMoved(nowMs);
  }

  /** Paths that rest after a failure may connect at once. */
  liftRests(matches: (path: ReadyPath) => boolean, nowMs: number): void {
    for (const path of this.#parts.table.paths()) {
      if (path.connectAfterMs <= nowMs || !matches(path)) continue;
      path.connectAfterMs = nowMs;
      path.run(nowMs);
    }
  }

  /** Connections of the paths that match: idle ones end now, busy ones after their transaction, those to come are opened anew. */
  connections(matches: (path: ReadyPath) => boolean, nowMs: number): number {
    let flushed = 0;
    for (const path of [...this.#parts.table.paths()]) {
      if (path.open + path.connecting === 0 || !matches(path)) continue;
      flushed += path.open + path.connecting;
      this.#parts.table.retire(path);
      this.#parts.connections.closeIdle(path, nowMs);
      this.path(path, nowMs);
    }
    return flushed;
  }
}
