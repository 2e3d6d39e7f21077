// Static routes: mail for a domain, for what is below a domain, or for everything, goes to named hosts instead of the MX.
import { routeBody } from '@sluice/contract';
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { deleteSecret } from '@sluice/plane/console';
import { v7 as newId } from 'uuid';
import { changeConfig, put, remove } from '../config/change.ts';
import { rows } from '../config/rows.ts';
import { replaceSecret } from '../keys/sealed.ts';
import { afterKey, havingText, type ListPart } from '../list-part.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';

/** The password is told by its being there. */
export function routeOf({ id, ...row }: { id: string; [field: string]: unknown }): z.input<typeof api.routeView> {
  const { authSecretId, ...body } = routeBody.parse(row);
  return { id, ...body, hasAuthPassword: authSecretId !== null };
}

type RouteInput = Omit<z.output<typeof api.routesCreate.input>, 'reason'>;

export async function listRoutes({ db }: Scope, { after, limit, search }: ListPart): Promise<z.input<typeof api.routesList.output>> {
  const where = { domain: afterKey(after), ...havingText(search, 'domain', 'host') };
  const stored = await db.route.findMany({ where, orderBy: { domain: 'asc' }, take: limit });
  return stored.map(routeOf);
}

export async function createRoute(scope: Scope, input: z.output<typeof api.routesCreate.input>) {
  const { reason, ...route } = input;
  const id = newId();
  const made = await changeConfig(scope, { action: 'routes.create', target: `route:${route.domain}`, reason }, async () => {
    await assertFree(scope, route.domain, id);
    return [put('route', id, null, await bodyOf(scope, id, route, null))];
  });
  return { id, ...made };
}

export async function updateRoute(scope: Scope, input: z.output<typeof api.routesUpdate.input>) {
  const { id, reason, ...route } = input;
  return changeConfig(scope, { action: 'routes.update', target: `route:${route.domain}`, reason }, async () => {
    const old = found(await rows.route.read(scope.db, id), `route ${id}`);
    await assertFree(scope, route.domain, id);
    return [put('route', id, null, await bodyOf(scope, id, route, old.authSecretId))];
  });
}

export async function deleteRoute(scope: Scope, { id, reason }: z.output<typeof api.routesDelete.input>) {
  return changeConfig(scope, { action: 'routes.delete', target: `route:${id}`, reason }, async () => {
    const { authSecretId } = found(await rows.route.read(scope.db, id), `route ${id}`);
    if (authSecretId !== null) await deleteSecret(scope.sql, authSecretId);
    return [remove('route', id, null)];
  });
}

async function assertFree({ db }: Scope, domain: string, id: string): Promise<void> {
  const taken = await db.route.findUnique({ where: { domain } });
  if (taken && taken.id !== id) throw new Refusal('CONFLICT', `the domain ${domain} already has a route`);
}

async function bodyOf(scope: Scope, id: string, { authPassword, ...route }: RouteInput, oldSecretId: string | null) {
  const authSecretId = await replaceSecret(scope, `route:${id}:auth`, oldSecretId, authPassword);
  if ((route.authUsername === null) !== (authSecretId === null))
    throw new Refusal('BAD_REQUEST', 'authUsername: a login is a user name and a password');
  return { ...route, authSecretId };
}
