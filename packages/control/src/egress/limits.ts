// Limits: all that match apply at once. What a limit's `where` names must exist, so that a typing error is not a limit that never binds.
import { domainName, limitBody, limitDimensions, type LimitBody } from '@sluice/contract';
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { v7 as newId } from 'uuid';
import { maxListRows } from '../bounds.ts';
import { changeConfig, put } from '../config/change.ts';
import { rows } from '../config/rows.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { visibleEgress } from './visible.ts';

const isUuid = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

/** A tenant-bound operator sees the limits that can bind its mail; those that name others' tenants, streams or sources are not there. */
export async function listLimits(scope: Scope) {
  const stored = await scope.db.limitRule.findMany({ orderBy: { name: 'asc' }, take: maxListRows });
  const limits = stored.map((row) => ({ id: row.id, ...limitBody.parse(row) }));
  const { tenantId } = scope.actor;
  if (tenantId === null) return limits;
  const egress = await visibleEgress(scope);
  const streams = new Set((await scope.db.stream.findMany({ select: { id: true } })).map((stream) => stream.id));
  return limits.filter(({ where }) => {
    const { tenant, stream, source, pool, campaign } = where;
    if (tenant !== undefined && tenant !== tenantId) return false;
    if (stream !== undefined && !streams.has(stream)) return false;
    if (campaign !== undefined && tenant === undefined && stream === undefined) return false;
    return (source === undefined || egress.source(source)) && (pool === undefined || egress.pool(pool));
  });
}

export async function createLimit(scope: Scope, input: z.output<typeof api.limitsCreate.input>) {
  const { reason, ...body } = input;
  if (new Set(body.by).size !== body.by.length) throw new Refusal('BAD_REQUEST', 'by: a dimension is named twice');
  const id = newId();
  const made = await changeConfig(scope, { action: 'limits.create', target: `limit:${id}`, reason }, async () => {
    const taken = await scope.db.limitRule.findUnique({ where: { name: body.name } });
    if (taken) throw new Refusal('CONFLICT', `a limit named ${body.name} exists`);
    await assertNamesExist(scope, body.where);
    return [put('limit', id, null, body)];
  });
  return { id, ...made };
}

async function assertNamesExist({ db }: Scope, where: LimitBody['where']): Promise<void> {
  const lookups: { [dimension: string]: (value: string) => Promise<object | null> } = {
    source: (id) => db.egressSource.findUnique({ where: { id } }),
    pool: (id) => db.ipPool.findUnique({ where: { id } }),
    tenant: (id) => db.tenant.findUnique({ where: { id } }),
    stream: (id) => db.stream.findUnique({ where: { id } }),
  };
  for (const dimension of limitDimensions) {
    const value = where[dimension];
    if (value === undefined) continue;
    const lookup = lookups[dimension];
    if (lookup) found(isUuid(value) ? await lookup(value) : null, `where.${dimension}: ${dimension} ${value}`);
    if (dimension === 'domain' && !domainName.safeParse(value).success) {
      throw new Refusal('BAD_REQUEST', `where.domain: ${value} is not a domain name in lower case A-labels`);
    }
    if (dimension === 'provider') found(await db.provider.findUnique({ where: { key: value } }), `where.provider: provider ${value}`);
  }
}

export async function updateLimit(scope: Scope, input: z.output<typeof api.limitsUpdate.input>) {
  const { id, reason, ...fields } = input;
  return changeConfig(scope, { action: 'limits.update', target: `limit:${id}`, reason }, async () => {
    const body = found(await rows.limit.read(scope.db, id), `limit ${id}`);
    return [put('limit', id, null, { ...body, ...fields })];
  });
}
