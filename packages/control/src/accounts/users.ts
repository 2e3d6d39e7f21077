// Operator accounts, as an Owner of the installation manages them.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { accountKey } from '../auth/sign-in-limit.ts';
import { maxListRows } from '../bounds.ts';
import { found } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { role } from '@sluice/contract/api';
import { insertAccount, replacePassword } from './accounts.ts';

export async function listUsers({ db }: Scope): Promise<z.input<typeof api.usersList.output>> {
  const rows = await db.user.findMany({ orderBy: { email: 'asc' }, take: maxListRows });
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    email: row.email,
    role: role.parse(row.role),
    tenantId: row.tenantId,
    disabled: row.disabled,
    createdAt: row.createdAt.toISOString(),
  }));
}

export async function createUser(scope: Scope, input: z.output<typeof api.usersCreate.input>) {
  const { tenantId } = input;
  if (tenantId !== null) found(await scope.db.tenant.findUnique({ where: { id: tenantId } }), `tenant ${tenantId}`);
  const id = await insertAccount(scope.db, input);
  await scope.audit({
    action: 'users.create',
    target: `user:${id}`,
    reason: `account for ${accountKey(input.email)}`,
    tenantId,
    after: { email: accountKey(input.email), role: input.role, tenantId },
  });
  return { id };
}

export async function resetPassword(scope: Scope, input: z.output<typeof api.usersResetPassword.input>) {
  const email = accountKey(input.email);
  const user = found(await scope.db.user.findUnique({ where: { email } }), `account ${email}`);
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
