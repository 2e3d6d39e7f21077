// One sentence about what someone may not do, and who may.
import { ranks, roleName, type ProcedureAsks, type Role } from '@sluice/contract/api';

type Asker = { readonly actor: { readonly role: Role; readonly tenantId: string | null }; readonly may: readonly string[] };

/** Null when all of it may be done. */
export function whyNot(me: Asker, asked: readonly ProcedureAsks[], paths: readonly string[]): string | null {
  const refused = paths.filter((path) => !me.may.includes(path));
  const about = asked.filter(({ path }) => refused.includes(path));
  if (about.length === 0) return null;
  const what = refused.length === paths.length ? 'Changes here are' : 'Some of what can be done here is';
  const needs = about.flatMap(({ role }) => (role === null ? [] : [role])).toSorted((a, b) => ranks[a] - ranks[b]);
  const [lowest] = needs;
  if (lowest !== undefined && ranks[me.actor.role] < ranks[lowest]) return `${what} for ${atLeast(lowest)}.`;
  return `${what} for operators of the whole installation: you are bound to one tenant.`;
}

/** `Engineers and above`; nobody is above an Owner. */
export const atLeast = (role: Role): string => (role === 'owner' ? 'Owners' : `${roleName(role)}s and above`);
