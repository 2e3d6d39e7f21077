// IP pools: weighted sets of sources, and the streams that use them. A tenant-bound operator sees its own streams only.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import type { PoolBody } from '@sluice/contract';
import { v7 as newId } from 'uuid';
import { changeConfig, put } from '../config/change.ts';
import { inOrder, poolBodyOf } from '../config/egress-rows.ts';
import { rows } from '../config/rows.ts';
import { afterKey, havingText, visiblePart, type PartOrNamed } from '../list-part.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { visibleEgress } from './visible.ts';

export async function listPools(scope: Scope, { ids, ...part }: PartOrNamed): Promise<z.input<typeof api.poolsList.output>> {
  const visible = await visibleEgress(scope);
  const read = (after: string | undefined, take: number) =>
    scope.db.ipPool.findMany({
      where: { name: afterKey(after), ...(ids && { id: { in: ids } }), ...havingText(part.search, 'name') },
      // Row-level security filters stream_pool, and with it the names of other tenants' streams.
      include: { members: inOrder, streams: { include: { stream: { include: { tenant: true } } }, orderBy: { streamId: 'asc' } } },
      orderBy: { name: 'asc' },
      take,
    });
  const stored = await visiblePart(
    part,
    read,
    ({ name }) => name,
    ({ id }) => visible.pool(id),
  );
  return stored.map((row) => ({
    id: row.id,
    ...poolBodyOf(row),
    streams: row.streams.map(({ stream }) => ({
      id: stream.id,
      name: stream.name,
      tenantId: stream.tenantId,
      tenantName: stream.tenant.name,
    })),
  }));
}

export async function createPool(scope: Scope, input: z.output<typeof api.poolsCreate.input>) {
  const { reason, ...body } = input;
  const id = newId();
  const made = await changeConfig(scope, { action: 'pools.create', target: `pool:${id}`, reason }, async () => {
    const taken = await scope.db.ipPool.findUnique({ where: { name: body.name } });
    if (taken) throw new Refusal('CONFLICT', `a pool named ${body.name} exists`);
    return [put('pool', id, null, { ...body, members: await checkedMembers(scope, body.members) })];
  });
  return { id, ...made };
}

export async function setPoolMembers(scope: Scope, { id, members, reason }: z.output<typeof api.poolsSetMembers.input>) {
  return changeConfig(scope, { action: 'pools.setMembers', target: `pool:${id}`, reason }, async () => {
    const body = found(await rows.pool.read(scope.db, id), `pool ${id}`);
    return [put('pool', id, null, { ...body, members: await checkedMembers(scope, members) })];
  });
}

/** Every source exists and is named once; in the order in which rows are read back. */
async function checkedMembers({ db }: Scope, members: PoolBody['members']): Promise<PoolBody['members']> {
  const ids = members.map((member) => member.sourceId);
  if (new Set(ids).size !== ids.length) throw new Refusal('BAD_REQUEST', 'members: a source is named twice');
  const known = new Set((await db.egressSource.findMany({ where: { id: { in: ids } }, select: { id: true } })).map((source) => source.id));
  for (const sourceId of ids) {
    if (!known.has(sourceId)) throw new Refusal('NOT_FOUND', `source ${sourceId} not found`);
  }
  return members.toSorted((a, b) => (a.sourceId < b.sourceId ? -1 : 1));
}
