// Static routes: mail for a domain goes to a named host instead of its MX.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { v7 as newId } from 'uuid';
import { maxListRows } from '../bounds.ts';
import { changeConfig, put, remove } from '../config/change.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';

export async function listRoutes({ db }: Scope): Promise<z.input<typeof api.routesList.output>> {
  const rows = await db.route.findMany({ orderBy: { domain: 'asc' }, take: maxListRows });
  return rows.map(({ id, domain, host, port }) => ({ id, domain, host, port }));
}

export async function createRoute(scope: Scope, input: z.output<typeof api.routesCreate.input>) {
  const { reason, ...body } = input;
  const id = newId();
  const made = await changeConfig(scope, { action: 'routes.create', target: `route:${body.domain}`, reason }, async () => {
    const taken = await scope.db.route.findUnique({ where: { domain: body.domain } });
    if (taken) throw new Refusal('CONFLICT', `the domain ${body.domain} already has a route`);
    return [put('route', id, null, body)];
  });
  return { id, ...made };
}

export async function deleteRoute(scope: Scope, { id, reason }: z.output<typeof api.routesDelete.input>) {
  return changeConfig(scope, { action: 'routes.delete', target: `route:${id}`, reason }, async () => {
    found(await scope.db.route.findUnique({ where: { id } }), `route ${id}`);
    return [remove('route', id, null)];
  });
}
