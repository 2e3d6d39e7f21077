// What takes the place of entries that went out: more of their queue into its lane, and queues that wait for room on the path.
import { laneLowWater, type Lane } from './lane.ts';
import type { ReadyPath } from './ready-path.ts';
import type { Scheduler } from './scheduler.ts';
import type { Sliced } from './slices.ts';
import type { Worker } from './worker.ts';

export class Refills {
  readonly #worker: Worker;
  readonly #scheduler: Scheduler;
  readonly #serve: (nowMs: number) => void;
  /** Being filled from the queues that wait for room there. */
  readonly #filling = new Set<ReadyPath>();

  constructor(worker: Worker, scheduler: Scheduler, serve: (nowMs: number) => void) {
    this.#worker = worker;
    this.#scheduler = scheduler;
    this.#serve = serve;
  }

  /** Entries were taken from the lane. */
  lane(path: ReadyPath, lane: Lane, nowMs: number): void {
    if (lane.queue.state === 'full' && lane.size <= laneLowWater) this.#scheduler.refill(lane.queue, nowMs);
    if (path.waitingQueues.size === 0 || path.full) return this.#serve(nowMs);
    if (this.#filling.has(path)) return;
    this.#filling.add(path);
    void this.#worker.slices.run(this.#fill(path));
  }

  /** Queues that wait for room on the path get it, each in turn; those that do not want it any more can be very many. */
  *#fill(path: ReadyPath): Sliced<void> {
    for (let turns = path.waitingQueues.size; turns > 0 && !path.full; turns--) {
      const queue = path.nextWaiting();
      if (!queue) break;
      const nowMs = this.#worker.clock.nowMs();
      this.#scheduler.refill(queue, nowMs);
      this.#serve(nowMs);
      yield;
    }
    this.#filling.delete(path);
  }
}
