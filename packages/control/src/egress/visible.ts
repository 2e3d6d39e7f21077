// What of the installation's sources and pools an operator sees: all of it, or, bound to a tenant, the pools that the tenant's streams
// may use and the sources in them. They hold no tenant's data; which others exist is still not that tenant's business.
import type { Scope } from '../scope.ts';

export interface VisibleEgress {
  pool(id: string): boolean;
  source(id: string): boolean;
}

const everything: VisibleEgress = { pool: () => true, source: () => true };

export async function visibleEgress({ db, actor }: Pick<Scope, 'db' | 'actor'>): Promise<VisibleEgress> {
  if (actor.tenantId === null) return everything;
  // Row-level security leaves only the tenant's own rows of stream_pool.
  const used = await db.streamPool.findMany({ distinct: ['poolId'], select: { poolId: true } });
  const pools = new Set(used.map((row) => row.poolId));
  const members = await db.ipPoolMember.findMany({ where: { poolId: { in: [...pools] } }, select: { sourceId: true } });
  const sources = new Set(members.map((row) => row.sourceId));
  return { pool: (id) => pools.has(id), source: (id) => sources.has(id) };
}
