// Where an account is signed in, and ending that: one's own sessions here, those of others for Admins. A session's token is in nobody's
// list; what identifies it is its id.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { role } from '@sluice/contract/api';
import { maxListRows } from '../bounds.ts';
import { found, notFound } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { acceptedPassword } from './accounts.ts';
import { demandPassword } from './confirm.ts';
import { ownSession } from './own-session.ts';
import { assertManages } from './users.ts';

type View = z.input<typeof api.sessionView>;

async function sessionsOf({ db, now }: Scope, userId: string, current: string | null): Promise<View[]> {
  const where = { userId, secondFactorPending: false, expiresAt: { gt: now } };
  const rows = await db.session.findMany({ where, orderBy: { updatedAt: 'desc' }, take: maxListRows });
  return rows.map(({ id, createdAt, updatedAt, ipAddress, userAgent, secondFactor }) => ({
    id,
    createdAt: createdAt.toISOString(),
    lastUsedAt: updatedAt.toISOString(),
    address: ipAddress === '' ? null : ipAddress,
    agent: userAgent === '' ? null : userAgent,
    secondFactor,
    current: id === current,
  }));
}

export async function listOwnSessions(scope: Scope): Promise<View[]> {
  const { userId, session } = ownSession(scope.actor);
  return sessionsOf(scope, userId, session.id);
}

export async function listSessions(scope: Scope, { userId }: z.output<typeof api.usersSessions.input>): Promise<View[]> {
  found(await scope.db.user.findUnique({ where: { id: userId } }), `account ${userId}`);
  return sessionsOf(scope, userId, scope.actor.session?.id ?? null);
}

/** One of one's own; which may be the one that asks. */
export async function revokeOwnSession(scope: Scope, { sessionId }: z.output<typeof api.sessionRevoke.input>) {
  const { userId } = ownSession(scope.actor);
  const ended = await scope.db.session.deleteMany({ where: { id: sessionId, userId } });
  if (ended.count === 0) throw notFound(`session ${sessionId}`);
  await noteOwn(scope, 'session.revoke', 'ended one of their own sessions', { sessionId });
  return { ended: ended.count };
}

export async function revokeOtherSessions(scope: Scope) {
  const { userId, session } = ownSession(scope.actor);
  const ended = await scope.db.session.deleteMany({ where: { userId, id: { not: session.id } } });
  await noteOwn(scope, 'session.revokeOthers', 'ended their other sessions', { ended: ended.count });
  return { ended: ended.count };
}

export async function revokeSession(scope: Scope, { userId, sessionId, reason }: z.output<typeof api.usersRevokeSession.input>) {
  const user = found(await scope.db.user.findUnique({ where: { id: userId } }), `account ${userId}`);
  assertManages(scope, role.parse(user.role));
  const ended = await scope.db.session.deleteMany({ where: { userId, ...(sessionId !== null && { id: sessionId }) } });
  if (sessionId !== null && ended.count === 0) throw notFound(`session ${sessionId}`);
  const after = { sessionId, ended: ended.count };
  await scope.audit({ action: 'users.revokeSession', target: `user:${userId}`, reason, tenantId: user.tenantId, after });
  return { ended: ended.count };
}

/** Asks for the present one, and ends every other session of the account. */
export async function changeOwnPassword(scope: Scope, { current, next }: z.output<typeof api.sessionChangePassword.input>) {
  const { db, actor } = scope;
  const { userId, email, session } = ownSession(actor);
  await demandPassword(scope, { userId, email }, current);
  const password = await acceptedPassword(next, { email, name: actor.displayName });
  await db.account.updateMany({ where: { userId, providerId: 'credential' }, data: { password } });
  const ended = await db.session.deleteMany({ where: { userId, id: { not: session.id } } });
  await noteOwn(scope, 'session.changePassword', 'changed their own password', { sessionsEnded: ended.count });
  return { sessionsEnded: ended.count };
}

async function noteOwn(scope: Scope, action: string, reason: string, after: Record<string, string | number>): Promise<void> {
  const { actor } = scope;
  await scope.audit({ action, target: `user:${actor.id}`, reason, tenantId: actor.tenantId, after });
}
