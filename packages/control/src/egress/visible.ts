// What of the installation's sources and pools an operator sees: all of it, or, bound to a tenant, the pools that the tenant's streams
// may use and the sources in them. They hold no tenant's data; which others exist is still not that tenant's business.
import type { LimitDimension } from '@sluice/contract';
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

type Where = { readonly [dimension in LimitDimension]?: string | undefined };

/**
 * Whether a rule of limits or settings can touch the operator's mail: bound to a tenant, those that name others' tenants, streams, sources
 * or pools are not there.
 */
export async function visibleWhere(scope: Pick<Scope, 'db' | 'actor'>): Promise<(where: Where) => boolean> {
  const { tenantId } = scope.actor;
  if (tenantId === null) return () => true;
  const egress = await visibleEgress(scope);
  const streams = new Set((await scope.db.stream.findMany({ select: { id: true } })).map((stream) => stream.id));
  return ({ tenant, stream, source, pool, campaign }) => {
    if (tenant !== undefined && tenant !== tenantId) return false;
    if (stream !== undefined && !streams.has(stream)) return false;
    if (campaign !== undefined && tenant === undefined && stream === undefined) return false;
    return (source === undefined || egress.source(source)) && (pool === undefined || egress.pool(pool));
  };
}
