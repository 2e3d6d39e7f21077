// Operator accounts, as Admins and Owners of the installation manage them. An Admin never makes, changes or resets an Owner.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { accountKey } from '../auth/sign-in-limit.ts';
import { maxListRows } from '../bounds.ts';
import { mayManage } from '../access.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { role, type Role } from '@sluice/contract/api';
import { insertAccount, replacePassword } from './accounts.ts';

export async function listUsers({ db, now }: Scope): Promise<z.input<typeof api.usersList.output>> {
  const open = { where: { secondFactorPending: false, expiresAt: { gt: now } } };
  const include = { _count: { select: { sessions: open } } };
  const rows = await db.user.findMany({ orderBy: { email: 'asc' }, take: maxListRows, include });
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    email: row.email,
    role: role.parse(row.role),
    tenantId: row.tenantId,
    personalData: row.personalData,
    disabled: row.disabled,
    secondFactorAt: row.secondFactorAt?.toISOString() ?? null,
    secondFactorDueAt: row.secondFactorDueAt?.toISOString() ?? null,
    sessions: row._count.sessions,
    createdAt: row.createdAt.toISOString(),
  }));
}

/** Refuses those whose role does not reach an account of this role. */
export function assertManages({ actor }: Scope, its: Role): void {
  if (!mayManage(actor, its)) throw new Refusal('FORBIDDEN', 'only an Owner makes or changes an Owner');
}

export async function createUser(scope: Scope, input: z.output<typeof api.usersCreate.input>) {
  const { tenantId, personalData } = input;
  assertManages(scope, input.role);
  if (tenantId !== null) found(await scope.db.tenant.findUnique({ where: { id: tenantId } }), `tenant ${tenantId}`);
  const id = await insertAccount(scope.db, input, scope.now);
  await scope.audit({
    action: 'users.create',
    target: `user:${id}`,
    reason: `account for ${accountKey(input.email)}`,
    tenantId,
    after: { email: accountKey(input.email), role: input.role, tenantId, personalData },
  });
  return { id };
}

export async function resetPassword(scope: Scope, input: z.output<typeof api.usersResetPassword.input>) {
  const email = accountKey(input.email);
  const user = found(await scope.db.user.findUnique({ where: { email } }), `account ${email}`);
  assertManages(scope, role.parse(user.role));
  const sessionsEnded = await replacePassword(scope.db, user, input.password);
  await scope.audit({
    action: 'users.resetPassword',
    target: `user:${user.id}`,
    reason: input.reason,
    tenantId: user.tenantId,
    after: { sessionsEnded },
  });
  return { id: user.id, sessionsEnded };
}

export async function setGrants(scope: Scope, { id, personalData, reason }: z.output<typeof api.usersSetGrants.input>) {
  const user = found(await scope.db.user.findUnique({ where: { id } }), `account ${id}`);
  assertManages(scope, role.parse(user.role));
  await scope.db.user.update({ where: { id }, data: { personalData } });
  const [before, after] = [{ personalData: user.personalData }, { personalData }];
  await scope.audit({ action: 'users.setGrants', target: `user:${id}`, reason, tenantId: user.tenantId, before, after });
  return { id };
}
