// Sources of one pool stand in for each other. A source that a limit or a failure stops is passed over while a mate can send, and what
// stands ready for it goes back to its scheduled queue, and so to the mate, as soon as there is one with room: at once when the source is
// stopped, and every little while as long as it is.
import type { Dimensions } from '@sluice/policy';
import { task } from './agenda.ts';
import type { Lane } from './lane.ts';
import type { ReadyPath } from './ready-path.ts';
import type { ReadySide } from './ready-side.ts';
import type { Recall } from './recall.ts';
import type { Route } from '../route/route.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import { thoseNow, type Sliced } from './slices.ts';
import { isMarked } from '../warm-up/warm-ups.ts';
import { sourceUsable, type Worker } from './worker.ts';

/** Between two looks at stopped paths, and more where very much was looked at: the looking stays a small part of the work. */
const lookEveryMs = 250;
/** Of a lane, and of every mate that it is compared with. */
const looksPerMs = 20;

/** Nothing more leaves over the path now: it rests, a rate of its own is used up, or it gets no connection and those it has are busy. */
export function isStopped(path: ReadyPath, nowMs: number): boolean {
  if (path.parked || (path.open === 0 && path.connectAfterMs > nowMs)) return true;
  return path.waitsForConnection && path.idle.length === 0;
}

/** It is stopped, and not by what stops every other source as well. */
export function givesWay(path: ReadyPath, nowMs: number): boolean {
  if (path.parked) return !path.parkedForAll;
  if (path.open === 0 && path.connectAfterMs > nowMs) return true;
  return path.waitsForConnection && !path.waitsForAll && path.idle.length === 0;
}

/** Whether the limits would let mail of the queue leave now by this way. `known`: what they see of it, where a lane has that. */
export function lets(
  worker: Worker,
  queue: ScheduledQueue,
  source: string,
  pool: string,
  { site, provider }: Route,
  nowMs: number,
  known?: Dimensions,
): boolean {
  if (worker.limits.none) return true;
  if (known) return worker.limits.passes('mail', known, nowMs);
  const { tenantId: tenant, streamId: stream, campaign, domain } = queue;
  const way = { node: worker.node, source, provider: provider ?? '', site };
  return worker.limits.passes('mail', { ...way, pool, tenant, stream, campaign: campaign ?? '', domain }, nowMs);
}

export class PoolMates {
  readonly #worker: Worker;
  readonly #ready: Pick<ReadySide, 'room'>;
  readonly #recall: Recall;
  readonly #stopped = new Set<ReadyPath>();
  readonly #look = task(() => void this.#lookOnce());
  #looking = false;

  constructor(worker: Worker, ready: Pick<ReadySide, 'room'>, recall: Recall) {
    this.#worker = worker;
    this.#ready = ready;
    this.#recall = recall;
  }

  /** The path, or a lane of it, cannot send what stands ready. */
  stopped(path: ReadyPath, nowMs: number): void {
    if (this.#stopped.has(path)) return;
    this.#stopped.add(path);
    if (!this.#looking) this.#worker.agenda.schedule(this.#look, nowMs + (path.asksStore ? lookEveryMs : 1));
  }

  async #lookOnce(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const looks = await this.#worker.slices.run(this.#giveWay());
    this.#looking = false;
    if (this.#stopped.size > 0) this.#worker.agenda.schedule(this.#look, this.#worker.clock.nowMs() + lookEveryMs + looks / looksPerMs);
  }

  /** Returns how many lanes and mates it looked at. */
  *#giveWay(): Sliced<number> {
    let looks = 0;
    for (const path of thoseNow(this.#stopped, this.#stopped.size)) {
      let waiting = false;
      for (const lane of thoseNow(path.lanes, path.lanes.size)) {
        looks++;
        const nowMs = this.#worker.clock.nowMs();
        if (lane.size > 0 && (lane.parked ? !lane.parkedForAll : givesWay(path, nowMs))) {
          looks += this.#worker.generation().pool(lane.poolId)?.members.length ?? 0;
          waiting = true;
          if (this.#mateHasRoom(lane, nowMs)) this.#recall.lane(lane, nowMs);
        }
        yield;
      }
      if (!waiting) this.#stopped.delete(path);
      yield;
    }
    return looks;
  }

  #mateHasRoom(lane: Lane, nowMs: number): boolean {
    const { queue, path, poolId } = lane;
    const pool = this.#worker.generation().pool(poolId);
    const first = lane.peek();
    if (!pool || !first) return false;
    return pool.members.some(
      ({ sourceId, enabled, weight }) =>
        enabled &&
        weight > 0 &&
        sourceId !== path.egress.source.id &&
        sourceUsable(this.#worker, sourceId, nowMs) &&
        this.#worker.warmUps.lets(sourceId, path.egress.provider, isMarked(first)) &&
        this.#ready.room(queue, first, sourceId, poolId, path.route, nowMs) === 'ready',
    );
  }
}
