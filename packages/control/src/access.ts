// Who may call a procedure: declared beside each procedure in router.ts, decided here and nowhere else. The declaration is also what
// the documentation's table and the access tests are generated from, so the three cannot disagree.
import type { Role } from '@sluice/contract/api';
import type { Actor } from './actor.ts';

/** Callable by the named roles. */
export interface RoleAccess {
  readonly roles: readonly [Role, ...Role[]];
  /**
   * `scoped`: a tenant-bound operator may call it and meets only its own tenant's rows.
   * `installation-wide`: it reads or changes what belongs to no single tenant; a tenant-bound operator is refused.
   */
  readonly tenant: 'scoped' | 'installation-wide';
  /** `entry`: the use case writes at least one audit entry in its transaction, or the transaction fails. */
  readonly audit: 'entry' | 'none';
}

/** Callable by anyone who reaches the port, signed in or not. */
export interface PublicAccess {
  readonly roles: 'public';
  readonly tenant: 'public';
  readonly audit: 'entry' | 'none';
}

export type Access = RoleAccess | PublicAccess;

export type Verdict = 'allowed' | 'UNAUTHORIZED' | 'FORBIDDEN';

/** The whole rule. Rows that a tenant-bound operator may not see are a matter of the database, see procedure.ts. */
export function decide(access: Access, actor: Actor | null): Verdict {
  if (access.roles === 'public') return 'allowed';
  if (!actor) return 'UNAUTHORIZED';
  if (!access.roles.includes(actor.role)) return 'FORBIDDEN';
  if (access.tenant === 'installation-wide' && actor.tenantId !== null) return 'FORBIDDEN';
  return 'allowed';
}
