// Walks over all scheduled queues: after a command, a change of configuration, or when sources come back, and every few seconds for
// entries whose time is over. A step is a queue; between two of them others have their turn, so every step asks for the time and looks
// at what is in force then. A queue that is made during a walk knows what is in force from its first entry.
import { tellOfDelays } from './delays.ts';
import { outOfTime } from './endings.ts';
import { standsOutside } from './queue-settings.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import type { Scheduler } from './scheduler.ts';
import { thoseNow, type Sliced } from './slices.ts';
import type { Worker } from './worker.ts';

/** Queues that match: what is due, held or full meets what is in force now. */
export function* readmission(worker: Worker, scheduler: Scheduler, matches: (queue: ScheduledQueue) => boolean): Sliced<void> {
  for (const queue of thoseNow(scheduler.queues(), scheduler.queueCount)) {
    if (matches(queue)) scheduler.readmit(queue, worker.clock.nowMs());
    yield;
  }
}

/** Whatever is held tries again; returns how many entries are no longer held. */
export function* releaseHeld(worker: Worker, scheduler: Scheduler): Sliced<number> {
  let released = 0;
  for (const queue of [...scheduler.held]) {
    if (queue.state !== 'held') continue;
    const { waiting } = queue;
    scheduler.readmit(queue, worker.clock.nowMs());
    if (queue.state !== 'held') released += waiting;
    yield;
  }
  return released;
}

/** Weights, pools, streams and settings may all have changed. */
export function* configurationRound(worker: Worker, scheduler: Scheduler): Sliced<void> {
  scheduler.resetTurns();
  yield* readmission(worker, scheduler, () => true);
}

/** Ends waiting entries whose time is over without an attempt, and takes back what stands ready though its window has closed. */
export function* expirySweep(worker: Worker, scheduler: Scheduler): Sliced<void> {
  for (const queue of thoseNow(scheduler.queues(), scheduler.queueCount)) {
    // What expired may have been all that a full lane or path held: nobody else would tell the queues behind it.
    if (queue.state === 'full') scheduler.refill(queue, worker.clock.nowMs());
    for (const lane of queue.lanes.values()) {
      if (!standsOutside(worker, queue, lane, worker.clock.nowMs())) continue;
      // All of it: the rest finds its way again.
      lane.path.ring.remove(lane);
      scheduler.putBack(queue, lane.takeAll());
      scheduler.refill(queue, worker.clock.nowMs());
      yield;
    }
    const nowMs = worker.clock.nowMs();
    if (queue.bounds.expiresFromMs <= nowMs)
      yield* queue.takeExpired(nowMs, (entries) => void scheduler.endUnsent(queue, entries, outOfTime, worker.clock.nowMs()));
    yield* tellOfDelays(worker, scheduler, queue);
    scheduler.serve(worker.clock.nowMs());
    yield;
  }
}
