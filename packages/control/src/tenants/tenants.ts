// Tenants: on whose behalf mail is sent.
import { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { v7 as newId } from 'uuid';
import { changeConfig, put } from '../config/change.ts';
import { afterKey, havingText, type ListPart } from '../list-part.ts';
import { Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';

const uuid = z.uuid();
/** A database refuses to compare an id with a text that is none. */
const withId = (search: string | undefined) => (uuid.safeParse(search).success ? [{ id: search }] : []);

export async function listTenants({ db }: Scope, { after, limit, search }: ListPart): Promise<z.input<typeof api.tenantsList.output>> {
  const { OR: having } = havingText(search, 'name', 'slug');
  const where = { slug: afterKey(after), ...(having && { OR: [...having, ...withId(search)] }) };
  const rows = await db.tenant.findMany({ where, orderBy: { slug: 'asc' }, take: limit });
  return rows.map(({ id, name, slug, createdAt }) => ({ id, name, slug, createdAt: createdAt.toISOString() }));
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
