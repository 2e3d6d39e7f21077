// Streams: a class of a tenant's mail, and the pools it may leave through. Which pools is the installation's decision, not the tenant's.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { v7 as newId } from 'uuid';
import { changeConfig, put } from '../config/change.ts';
import { streamBodyOf } from '../config/tenant-rows.ts';
import { afterKey, havingText } from '../list-part.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';

export async function listStreams(
  { db }: Scope,
  { tenantId, ids, after, limit, search }: z.output<typeof api.streamsList.input>,
): Promise<z.input<typeof api.streamsList.output>> {
  const pools = { orderBy: { position: 'asc' } } as const;
  const rows = await db.stream.findMany({
    where: { tenantId, id: { ...afterKey(after), ...(ids && { in: ids }) }, ...havingText(search, 'name') },
    include: { pools },
    orderBy: { id: 'asc' },
    take: limit,
  });
  return rows.map((row) => ({ id: row.id, ...streamBodyOf(row) }));
}

export async function createStream(scope: Scope, input: z.output<typeof api.streamsCreate.input>) {
  const { reason, ...body } = input;
  const { tenantId } = body;
  const id = newId();
  const made = await changeConfig(scope, { action: 'streams.create', target: `stream:${id}`, reason, tenantId }, async () => {
    found(await scope.db.tenant.findUnique({ where: { id: tenantId } }), `tenant ${tenantId}`);
    const namesake = await scope.db.stream.findFirst({ where: { tenantId, name: body.name } });
    if (namesake) throw new Refusal('CONFLICT', `the tenant already has a stream named ${body.name}`);
    await assertPoolsExist(scope, body.poolIds);
    return [put('stream', id, tenantId, body)];
  });
  return { id, ...made };
}

async function assertPoolsExist({ db }: Scope, poolIds: readonly string[]): Promise<void> {
  const distinct = new Set(poolIds);
  if (distinct.size !== poolIds.length) throw new Refusal('BAD_REQUEST', 'poolIds: a pool is named twice');
  const known = new Set((await db.ipPool.findMany({ where: { id: { in: [...distinct] } }, select: { id: true } })).map((pool) => pool.id));
  for (const poolId of distinct) {
    if (!known.has(poolId)) throw new Refusal('NOT_FOUND', `pool ${poolId} not found`);
  }
}
