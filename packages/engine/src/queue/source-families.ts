// Which sources of a pool can reach a route at all: those of a family that its hosts have addresses of. Asked only for pools that hold
// both families; the others have no choice, and their path says what is missing.
import type { PoolBody } from '@sluice/contract';
import type { UsableSources } from '@sluice/policy';
import type { WithId } from '../config/generation.ts';
import type { Route } from '../route/route.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import { settingsOf, type Worker } from './worker.ts';

type Pool = WithId<PoolBody>;
/** `unknown`: the addresses have to be asked first. */
type Fitting = 'all' | 'unknown' | ReadonlySet<string>;

type Asked = { queue: ScheduledQueue; pool: Pool; route: Route; usable: UsableSources };

/** By pool of a generation: both are new objects once anything changed. */
const mixed = new WeakMap<Pool, boolean>();

function isMixed(worker: Worker, pool: Pool): boolean {
  const known = mixed.get(pool);
  if (known !== undefined) return known;
  const families = new Set(pool.members.map(({ sourceId }) => worker.generation().source(sourceId)?.family));
  families.delete(undefined);
  mixed.set(pool, families.size > 1);
  return families.size > 1;
}

/** When no usable source fits, all do: the path that is taken then says why it cannot connect. */
export function fittingSources(worker: Worker, { queue, pool, route, usable }: Asked): Fitting {
  if (!isMixed(worker, pool)) return 'all';
  const four = worker.router.familyKnown(route, 4);
  const six = worker.router.familyKnown(route, 6);
  if (four === null || six === null) return 'unknown';
  const fitting = new Set<string>();
  for (const { sourceId, enabled, weight } of pool.members) {
    const source = worker.generation().source(sourceId);
    if (!source || !enabled || weight === 0 || !usable.has(sourceId)) continue;
    const { addressFamily } = settingsOf(worker, queue, sourceId, route);
    const allowed = addressFamily === 'source' || addressFamily === `ipv${source.family}`;
    if (allowed && (source.family === 4 ? four : six)) fitting.add(sourceId);
  }
  return fitting.size > 0 ? fitting : 'all';
}
