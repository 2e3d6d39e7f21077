// What Admins and Owners do with the accounts of others: role and tenant, closing and opening, taking a lost second factor away. Whatever
// takes rights away ends the sessions that had them. There is always an Owner who can run the installation.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { role } from '@sluice/contract/api';
import { accountKey } from '../auth/sign-in-limit.ts';
import { needsSecondFactor, secondFactorDueAt } from '../auth/standing.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { graceDays, ownerExists } from './accounts.ts';
import { dropSecondFactor } from './second-factor.ts';
import { assertManages } from './users.ts';

/** The account, if the actor may change it. Nobody's own: that would be a way around what one's own page asks for. */
async function managed(scope: Scope, where: { id: string } | { email: string }) {
  const user = found(await scope.db.user.findUnique({ where }), 'id' in where ? `account ${where.id}` : `account ${where.email}`);
  const its = role.parse(user.role);
  assertManages(scope, its);
  if (scope.actor.id === user.id) throw new Refusal('PRECONDITION_FAILED', 'this is your own account; ask another Admin or Owner');
  return { user, its };
}

/** Owners are changed one after the other: two who take each other's role away at once must not leave none. */
const lockOwners = ({ db }: Scope) => db.$queryRaw`select id from "user" where role = 'owner' order by id for update`;

async function assertOwnerLeft({ db }: Scope): Promise<void> {
  if (!(await ownerExists(db)))
    throw new Refusal('PRECONDITION_FAILED', 'this is the last enabled Owner of the installation; make another one first');
}

const endSessions = async ({ db }: Scope, userId: string): Promise<number> => (await db.session.deleteMany({ where: { userId } })).count;

export async function setRole(scope: Scope, input: z.output<typeof api.usersSetRole.input>) {
  const { db, now } = scope;
  const { id, tenantId, reason } = input;
  await lockOwners(scope);
  const { user, its } = await managed(scope, { id });
  assertManages(scope, input.role);
  if (tenantId !== null) found(await db.tenant.findUnique({ where: { id: tenantId } }), `tenant ${tenantId}`);
  // A new role of the same weight is no new grace period.
  const due = needsSecondFactor(its) ? user.secondFactorDueAt : secondFactorDueAt(input.role, now, await graceDays(db));
  const secondFactorDue = needsSecondFactor(input.role) ? due : null;
  await db.user.update({ where: { id }, data: { role: input.role, tenantId, roleGrantedAt: now, secondFactorDueAt: secondFactorDue } });
  await assertOwnerLeft(scope);
  const sessionsEnded = await endSessions(scope, id);
  const before = { role: user.role, tenantId: user.tenantId };
  const after = { role: input.role, tenantId, sessionsEnded };
  await scope.audit({ action: 'users.setRole', target: `user:${id}`, reason, tenantId, before, after });
  return { id, sessionsEnded };
}

export async function setDisabled(scope: Scope, { id, disabled, reason }: z.output<typeof api.usersSetDisabled.input>) {
  await lockOwners(scope);
  const { user } = await managed(scope, { id });
  await scope.db.user.update({ where: { id }, data: { disabled } });
  await assertOwnerLeft(scope);
  const sessionsEnded = disabled ? await endSessions(scope, id) : 0;
  const [before, after] = [{ disabled: user.disabled }, { disabled, sessionsEnded }];
  await scope.audit({ action: 'users.setDisabled', target: `user:${id}`, reason, tenantId: user.tenantId, before, after });
  return { id, sessionsEnded };
}

/** For who has lost the app and the recovery codes. The password alone signs in then; where a second factor is due, nothing but setting one up works. */
export async function resetSecondFactor(scope: Scope, input: z.output<typeof api.usersResetSecondFactor.input>) {
  const { user } = await managed(scope, { email: accountKey(input.email) });
  if (user.secondFactorAt === null) throw new Refusal('PRECONDITION_FAILED', 'this account has no second factor');
  await dropSecondFactor(scope.db, user.id);
  await scope.db.signInAttempt.deleteMany({ where: { scope: 'code', key: user.id } });
  const sessionsEnded = await endSessions(scope, user.id);
  const { reason } = input;
  const target = `user:${user.id}`;
  await scope.audit({ action: 'users.resetSecondFactor', target, reason, tenantId: user.tenantId, after: { sessionsEnded } });
  return { id: user.id, sessionsEnded };
}

export async function accountPolicy({ db }: Scope): Promise<z.input<typeof api.usersPolicy.output>> {
  return { secondFactorGraceDays: await graceDays(db) };
}

/** Moves the day of everyone who has no second factor yet, counted from when they got their role. */
export async function setAccountPolicy(scope: Scope, { secondFactorGraceDays, reason }: z.output<typeof api.usersSetPolicy.input>) {
  const { db } = scope;
  const before = { secondFactorGraceDays: await graceDays(db) };
  await db.accountPolicy.update({ where: { id: 1 }, data: { secondFactorGraceDays } });
  await db.$executeRaw`
    update "user" set second_factor_due_at = role_granted_at + make_interval(days => ${secondFactorGraceDays}::int)
    where second_factor_due_at is not null`;
  await scope.audit({ action: 'users.setPolicy', target: 'installation', reason, before, after: { secondFactorGraceDays } });
  return { secondFactorGraceDays };
}
