// Tenants: on whose behalf mail is sent.
import { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { v7 as newId } from 'uuid';
import { changeConfig, put } from '../config/change.ts';
import { readPart, type ListStatement, type PartOrNamed } from '../list-part.ts';
import { Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';

const list: ListStatement = {
  rows: 'select id::text as id, name, slug, created_at as "createdAt" from tenant',
  key: 'slug',
  keyType: 'text',
  searched: ['name', 'slug', 'id::text'],
};

export async function listTenants({ sql }: Scope, { ids, ...part }: PartOrNamed): Promise<z.input<typeof api.tenantsList.output>> {
  const rows = await readPart<{ id: string; name: string; slug: string; createdAt: Date }>(sql, { ...list, only: { id: ids } }, part);
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
}

export async function createTenant(scope: Scope, input: z.output<typeof api.tenantsCreate.input>) {
  const { reason, ...body } = input;
  const id = newId();
  const made = await changeConfig(scope, { action: 'tenants.create', target: `tenant:${id}`, reason, tenantId: id }, async () => {
    const taken = await scope.db.tenant.findUnique({ where: { slug: body.slug } });
    if (taken) throw new Refusal('CONFLICT', `the slug ${body.slug} is taken`);
    return [put('tenant', id, id, body)];
  });
  return { id, ...made };
}
