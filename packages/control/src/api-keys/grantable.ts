// What someone may put into an API key: what they may do themselves, no more. Checked here when a key is made; on each request the key is
// held against its maker's rights again, which may be fewer by then.
import type { verbs } from '@sluice/contract/api';
import { decide } from '../access.ts';
import type { Actor } from '../actor.ts';
import type { ProcedureAccess } from '../callable.ts';
import { Refusal } from '../refusal.ts';
import { resourceOf, scopeOf } from './scopes.ts';

type Verb = (typeof verbs)[number];
type Grantable = { resource: string; verbs: Verb[] }[];

/** Asking again who someone is does not change what they may. */
const mayCall = ({ access, path }: ProcedureAccess, actor: Actor): boolean =>
  access.role !== 'public' && decide({ ...access, stepUp: false }, actor, path) === 'allowed';

/** What a key could do with it: what is about the caller's own account, or asks again who one is, is not for keys. */
const ofUse = ({ access, path }: ProcedureAccess, actor: Actor): boolean =>
  access.role !== 'public' &&
  decide(access, { ...actor, kind: 'key', scopes: [scopeOf(path, access.verb)], session: null }, path) === 'allowed';

/** What is worth offering, in the order of the router. */
export function grantable(procedures: readonly ProcedureAccess[], actor: Actor): Grantable {
  const byResource = new Map<string, Verb[]>();
  for (const procedure of procedures) {
    if (!ofUse(procedure, actor)) continue;
    const resource = resourceOf(procedure.path);
    const found = byResource.get(resource) ?? [];
    if (!found.includes(procedure.access.verb)) byResource.set(resource, [...found, procedure.access.verb]);
  }
  return [...byResource].map(([resource, verbs]) => ({ resource, verbs }));
}

/** `*:verb` is whatever the maker may, now and later. */
export function assertGrantable(scopes: readonly string[], procedures: readonly ProcedureAccess[], actor: Actor): void {
  const own = new Set(procedures.filter((one) => mayCall(one, actor)).map(({ path, access }) => scopeOf(path, access.verb)));
  const all = new Set(procedures.map(({ path, access }) => scopeOf(path, access.verb)));
  for (const scope of scopes) {
    if (scope.startsWith('*:')) continue;
    if (!all.has(scope)) throw new Refusal('BAD_REQUEST', `scopes: there is nothing that ${scope} would allow`);
    if (!own.has(scope)) throw new Refusal('FORBIDDEN', `scopes: your own rights do not include ${scope}`);
  }
}
