// Sending domains: what a tenant may use in MAIL FROM and From. One tenant owns a domain; whose it is, the next one is not told.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { v7 as newId } from 'uuid';
import { changeConfig, put } from '../config/change.ts';
import { afterKey, havingText } from '../list-part.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';

export async function listDomains(
  { db }: Scope,
  { tenantId, after, limit, search }: z.output<typeof api.domainsList.input>,
): Promise<z.input<typeof api.domainsList.output>> {
  const where = { tenantId, domain: afterKey(after), ...havingText(search, 'domain') };
  const rows = await db.sendingDomain.findMany({ where, orderBy: { domain: 'asc' }, take: limit });
  return rows.map(({ id, tenantId: owner, domain }) => ({ id, tenantId: owner, domain }));
}

export async function createDomain(scope: Scope, input: z.output<typeof api.domainsCreate.input>) {
  const { reason, tenantId, domain } = input;
  const id = newId();
  const made = await changeConfig(scope, { action: 'domains.create', target: `domain:${domain}`, reason, tenantId }, async () => {
    found(await scope.db.tenant.findUnique({ where: { id: tenantId } }), `tenant ${tenantId}`);
    const taken = await scope.db.sendingDomain.findUnique({ where: { domain } });
    if (taken) throw new Refusal('CONFLICT', `the domain ${domain} is already in use`);
    return [put('domain', id, tenantId, { tenantId, domain })];
  });
  return { id, ...made };
}
