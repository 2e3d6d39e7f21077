// Sending domains: what a tenant may use in MAIL FROM and From. One tenant owns a domain; whose it is, the next one is not told.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { v7 as newId } from 'uuid';
import { changeConfig, put } from '../config/change.ts';
import { readPart, type ListStatement } from '../list-part.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';

const list: ListStatement = {
  rows: 'select id::text as id, tenant_id::text as "tenantId", domain from sending_domain',
  key: 'domain',
  keyType: 'text',
  searched: ['domain'],
};

export async function listDomains(
  { sql }: Scope,
  { tenantId, ...part }: z.output<typeof api.domainsList.input>,
): Promise<z.input<typeof api.domainsList.output>> {
  return readPart(sql, { ...list, only: { tenant_id: tenantId } }, part);
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
