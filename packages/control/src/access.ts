// Who may call a procedure: declared beside each procedure in router.ts, decided here and nowhere else. The declaration is also what
// the documentation's table and the console's buttons are made from, so the three cannot disagree. What the answers should be is
// written down apart from it, in docs/roles.csv.
import { ranks, type Role } from '@sluice/contract/api';
import type { Actor } from './actor.ts';
import { inScopes } from './api-keys/scopes.ts';

/** What a call does: `read` changes nothing, `write` changes what is kept, `act` does something now and leaves the configuration alone. */
export type Verb = 'read' | 'write' | 'act';

/** Callable by those who hold a role. */
export interface RoleAccess {
  /** The lowest role that may. Those above it may too. */
  readonly role: Role;
  /**
   * `scoped`: a tenant-bound operator may call it and meets only its own tenant's rows.
   * `installation-wide`: it reads or changes what belongs to no single tenant; for a tenant-bound operator it is not there.
   */
  readonly tenant: 'scoped' | 'installation-wide';
  /** `entry`: the use case writes at least one audit entry in its transaction, or the transaction fails. */
  readonly audit: 'entry' | 'none';
  /** With the first segment of the procedure's path it makes the scope of an API key: `sources:write`. */
  readonly verb: Verb;
  /** Asks whoever is signed in to show again who they are, when that was not done in the last minutes. */
  readonly stepUp: boolean;
  /** About the caller's own account: for people who are signed in, not for keys, this machine or the installation itself. */
  readonly people?: true;
  /** Works also while the caller owes a second factor: it shows that, or leads to one. */
  readonly whileOwed?: true;
}

/** Callable by anyone who reaches the port, signed in or not. */
export interface PublicAccess {
  readonly role: 'public';
  readonly tenant: 'public';
  readonly audit: 'entry' | 'none';
  readonly verb: Verb;
  readonly stepUp: false;
}

export type Access = RoleAccess | PublicAccess;

export type Verdict = 'allowed' | 'UNAUTHORIZED' | 'FORBIDDEN' | 'NOT_FOUND';

/** Whether `role` is `lowest` or above it. */
export const atLeast = (role: Role, lowest: Role): boolean => ranks[role] >= ranks[lowest];

/** An API key whose scopes do not name what the procedure at `path` does. */
export const lacksScope = (access: Access, actor: Actor, path: string): boolean =>
  actor.scopes !== null && !inScopes(actor.scopes, path, access.verb);

/** The whole rule; `path` is the procedure's. Rows that a tenant-bound operator may not see are a matter of the database, see procedure.ts. */
export function decide(access: Access, actor: Actor | null, path: string): Verdict {
  if (access.role === 'public') return 'allowed';
  if (!actor) return 'UNAUTHORIZED';
  if (!atLeast(actor.role, access.role)) return 'FORBIDDEN';
  if (access.people && actor.kind !== 'user') return 'FORBIDDEN';
  // A key cannot show who holds it.
  if (access.stepUp && actor.kind === 'key') return 'FORBIDDEN';
  if (lacksScope(access, actor, path)) return 'FORBIDDEN';
  // The same answer as for an id that does not exist: what the whole installation has is not theirs to know of.
  if (access.tenant === 'installation-wide' && actor.tenantId !== null) return 'NOT_FOUND';
  return 'allowed';
}

/** Whether `actor` may make, change, reset or remove an account that has `role`. Nobody below Owner touches an Owner. */
export const mayManage = (actor: Pick<Actor, 'role'>, role: Role): boolean => atLeast(actor.role, 'admin') && atLeast(actor.role, role);
