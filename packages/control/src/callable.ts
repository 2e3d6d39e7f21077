// The declarations of a router's procedures as a list, and which of them someone may call: what the console offers is made from it.
import type { ProcedureAsks } from '@sluice/contract/api';
import type { AnyTRPCRouter } from '@trpc/server';
import { decide, type Access } from './access.ts';
import type { Actor } from './actor.ts';

export interface ProcedureAccess {
  readonly path: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly access: Access;
}

/** In the order of the router. A procedure without a declaration cannot be made, and is an error here all the same. */
export function proceduresOf(router: AnyTRPCRouter): ProcedureAccess[] {
  const all = router._def.procedures as Record<string, { _def: { type: ProcedureAccess['type']; meta?: Access } }>;
  return Object.entries(all).map(([path, procedure]) => {
    const { type, meta } = procedure._def;
    if (!meta) throw new Error(`${path} declares no access`);
    return { path, type, access: meta };
  });
}

/** What each procedure asks of its caller. No secret: the description of the API says the same. */
export function asked(router: AnyTRPCRouter): ProcedureAsks[] {
  return proceduresOf(router).map(({ path, access: { role, tenant, verb, stepUp } }) => ({
    ...{ path, verb, stepUp, role: role === 'public' ? null : role },
    bound: tenant !== 'installation-wide',
  }));
}

export function callable(router: AnyTRPCRouter, actor: Actor): string[] {
  return proceduresOf(router)
    .filter(({ access, path }) => decide(access, actor, path) === 'allowed')
    .map(({ path }) => path);
}
