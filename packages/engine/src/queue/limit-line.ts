// Where one limit stops very many sites, a ready path with a lane for each would do nothing but stand in that limit's line. Past a bound of
// paths a queue stands there itself, as nothing but a queue, and gets lane and path when its turn comes. A site that has something ready
// already takes it into a lane at all times. Turns go by tenants and the weights of streams here as they do there.
import type { Dimensions, Standing } from '@sluice/policy';
import type { Route } from '../route/route.ts';
import type { PathTable } from './path-table.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import type { Worker } from './worker.ts';

/** What limits see of the queue's mail before it has a source. */
export function lineDimensions({ node }: Worker, queue: ScheduledQueue, pool: string, { site, provider }: Route): Dimensions {
  const { tenantId: tenant, streamId: stream, campaign, domain } = queue;
  return { node, site, provider: provider ?? '', pool, tenant, stream, campaign: campaign ?? '', domain };
}

/** Egress paths past which no further one is made for mail that may not leave now, whatever source it takes. */
export const maxStandingPaths = 4_096;

export class LimitLine {
  readonly #worker: Worker;
  readonly #table: PathTable;

  constructor(worker: Worker, table: PathTable) {
    this.#worker = worker;
    this.#table = table;
  }

  get crowded(): boolean {
    return this.#table.size >= maxStandingPaths;
  }

  #standing({ tenantId: tenant, streamId: stream }: ScheduledQueue): Standing {
    return { tenant, stream, weight: this.#worker.generation().stream(stream)?.weight ?? 1 };
  }

  /** Whether the queue stands in the line of a limit now; it runs when its turn comes. */
  takes(queue: ScheduledQueue, pool: string, route: Route, nowMs: number): boolean {
    const { limits } = this.#worker;
    const { called } = queue;
    queue.called = false;
    if (!this.crowded || limits.none || this.#table.standsReady(route.site)) return false;
    const refusal = limits.refusedToAll('mail', lineDimensions(this.#worker, queue, pool, route), nowMs);
    if (!refusal) return false;
    if (!queue.inLine) limits.park(refusal, queue, this.#standing(queue), nowMs, called);
    queue.inLine = true;
    return true;
  }
}
