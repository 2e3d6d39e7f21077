// Steps of a seed. Each looks for the thing by its natural name and makes it through the use case when it is missing, so that running a
// seed again, or after it was cut off half-way, changes nothing that is there. Returns the id.
import { createDomain } from '../tenants/domains.ts';
import { createLimit } from '../egress/limits.ts';
import { createPool, setPoolMembers } from '../egress/pools.ts';
import { createSource } from '../egress/sources.ts';
import { createSelector } from '../tenants/selectors.ts';
import { createStream } from '../tenants/streams.ts';
import { createTenant } from '../tenants/tenants.ts';
import { limitBody, poolBody, sourceBody, streamBody } from '@sluice/contract';
import type { z } from 'zod';
import type { Scope } from '../scope.ts';

type Source = Omit<z.input<typeof sourceBody>, 'schemaVersion'>;
type Limit = Omit<z.input<typeof limitBody>, 'schemaVersion'>;

export async function ensureSource(scope: Scope, source: Source, reason: string): Promise<string> {
  const known = await scope.db.egressSource.findUnique({ where: { name: source.name } });
  return known?.id ?? (await createSource(scope, { ...sourceBody.omit({ schemaVersion: true }).parse(source), reason })).id;
}

/** An existing pool keeps the members an operator gave it; one without any gets these. */
export async function ensurePool(scope: Scope, pool: { name: string; sourceIds: readonly string[] }, reason: string): Promise<string> {
  const { members } = poolBody.parse({ name: pool.name, members: pool.sourceIds.map((sourceId) => ({ sourceId, weight: 100 })) });
  const known = await scope.db.ipPool.findUnique({ where: { name: pool.name }, include: { members: true } });
  if (!known) return (await createPool(scope, { name: pool.name, members, reason })).id;
  if (known.members.length === 0 && members.length > 0) await setPoolMembers(scope, { id: known.id, members, reason });
  return known.id;
}

export async function ensureTenant(scope: Scope, tenant: { name: string; slug: string }, reason: string): Promise<string> {
  const known = await scope.db.tenant.findUnique({ where: { slug: tenant.slug } });
  return known?.id ?? (await createTenant(scope, { ...tenant, reason })).id;
}

export async function ensureStream(
  scope: Scope,
  stream: { tenantId: string; name: string; weight: number; poolIds: string[] },
  reason: string,
): Promise<string> {
  const known = await scope.db.stream.findUnique({ where: { tenantId_name: { tenantId: stream.tenantId, name: stream.name } } });
  return known?.id ?? (await createStream(scope, { ...streamBody.omit({ schemaVersion: true }).parse(stream), reason })).id;
}

export async function ensureDomain(scope: Scope, domain: { tenantId: string; domain: string }, reason: string): Promise<string> {
  const known = await scope.db.sendingDomain.findUnique({ where: { domain: domain.domain } });
  return known?.id ?? (await createDomain(scope, { ...domain, reason })).id;
}

export async function ensureSelector(scope: Scope, domainId: string, selector: string, reason: string): Promise<string> {
  const known = await scope.db.dkimKey.findUnique({ where: { sendingDomainId_selector: { sendingDomainId: domainId, selector } } });
  return known?.id ?? (await createSelector(scope, { domainId, selector, activate: true, reason })).id;
}

export async function ensureLimit(scope: Scope, limit: Limit, reason: string): Promise<string> {
  const known = await scope.db.limitRule.findUnique({ where: { name: limit.name } });
  return known?.id ?? (await createLimit(scope, { ...limitBody.omit({ schemaVersion: true }).parse(limit), reason })).id;
}
