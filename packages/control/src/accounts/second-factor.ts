// A second factor of one's own account: the key is made and shown, holds from the first right code on, and goes only after whoever holds
// the session has shown who they are.
import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import type { Prisma } from '@sluice/db';
import { makeRecoveryCodes, recoveryCodeHash } from '../auth/recovery-codes.ts';
import { sealTotpKey, takeTotp } from '../auth/codes.ts';
import { keyBytes, keyUri, toBase32 } from '../auth/totp.ts';
import { kekOf, keksOf } from '../keys/fleet-key.ts';
import { Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { admitGuess } from './confirm.ts';
import { ownSession } from './own-session.ts';

type Tx = Prisma.TransactionClient;

/** Takes the second factor of an account away; sessions that began with it go on. */
export async function dropSecondFactor(db: Tx, userId: string): Promise<void> {
  await db.secondFactor.deleteMany({ where: { userId } });
  await db.recoveryCode.deleteMany({ where: { userId } });
  await db.user.update({ where: { id: userId }, data: { secondFactorAt: null } });
}

async function newRecoveryCodes(db: Tx, userId: string): Promise<string[]> {
  const codes = makeRecoveryCodes();
  await db.recoveryCode.deleteMany({ where: { userId } });
  await db.recoveryCode.createMany({ data: codes.map((code) => ({ userId, codeHash: recoveryCodeHash(code) })) });
  return codes;
}

export async function secondFactorStatus({ db, actor }: Scope): Promise<z.input<typeof api.secondFactorStatus.output>> {
  const { userId, session } = ownSession(actor);
  const codesLeft = await db.recoveryCode.count({ where: { userId, usedAt: null } });
  return { enrolledAt: session.secondFactorAt?.toISOString() ?? null, dueAt: session.secondFactorDueAt?.toISOString() ?? null, codesLeft };
}

/** A key to be put into an app. Asked again, it makes another; the one before is worth nothing then. */
export async function beginSecondFactor(scope: Scope): Promise<z.input<typeof api.secondFactorBegin.output>> {
  const { db, now, installation, actor } = scope;
  const { userId, session } = ownSession(actor);
  if (session.secondFactorAt !== null) throw new Refusal('PRECONDITION_FAILED', 'there is a second factor already; remove it first');
  const { publicUrl } = installation;
  const key = randomBytes(keyBytes);
  const fresh = { sealed: sealTotpKey(kekOf(installation), userId, key), createdAt: now, confirmedAt: null, lastStep: null };
  await db.secondFactor.upsert({ where: { userId }, create: { userId, ...fresh }, update: fresh });
  await scope.audit({
    action: 'secondFactor.begin',
    target: `user:${userId}`,
    reason: 'second factor for oneself',
    tenantId: actor.tenantId,
  });
  const answer = { key: toBase32(key), uri: keyUri(actor.email ?? userId, new URL(publicUrl).host, key) };
  key.fill(0);
  return answer;
}

/** The first code: the app has the key. From now on one is asked for at sign-in; this session counts as begun with it. */
export async function enableSecondFactor(
  scope: Scope,
  { code }: z.output<typeof api.secondFactorEnable.input>,
): Promise<z.input<typeof api.secondFactorEnable.output>> {
  const { db, now, installation, actor } = scope;
  const { userId, session } = ownSession(actor);
  const guess = await admitGuess(scope, 'code', userId);
  if (!(await takeTotp(db, keksOf(installation), userId, code, now, true))) {
    throw new Refusal('PRECONDITION_FAILED', 'this is not the code that the app shows for the key; wait for the next one and try again');
  }
  await guess.right();
  await db.user.update({ where: { id: userId }, data: { secondFactorAt: now } });
  await db.session.updateMany({ where: { id: session.id }, data: { secondFactor: true, confirmedAt: now, updatedAt: now } });
  // Those that began with the password alone are not what the account asks for any more.
  const ended = await db.session.deleteMany({ where: { userId, id: { not: session.id } } });
  const recoveryCodes = await newRecoveryCodes(db, userId);
  await scope.audit({
    action: 'secondFactor.enable',
    target: `user:${userId}`,
    reason: 'second factor for oneself',
    tenantId: actor.tenantId,
    after: { sessionsEnded: ended.count },
  });
  return { recoveryCodes };
}

export async function removeSecondFactor(
  scope: Scope,
  { reason }: z.output<typeof api.secondFactorRemove.input>,
): Promise<z.input<typeof api.secondFactorRemove.output>> {
  const { userId, session } = ownSession(scope.actor);
  if (session.secondFactorAt === null) throw new Refusal('PRECONDITION_FAILED', 'there is no second factor');
  await dropSecondFactor(scope.db, userId);
  await scope.audit({ action: 'secondFactor.remove', target: `user:${userId}`, reason, tenantId: scope.actor.tenantId });
  return { removed: true };
}

/** Ten new ones; those before are worth nothing then. */
export async function renewRecoveryCodes(scope: Scope): Promise<z.input<typeof api.secondFactorRenewCodes.output>> {
  const { userId, session } = ownSession(scope.actor);
  if (session.secondFactorAt === null) throw new Refusal('PRECONDITION_FAILED', 'recovery codes belong to a second factor; there is none');
  const recoveryCodes = await newRecoveryCodes(scope.db, userId);
  await scope.audit({
    action: 'secondFactor.renewCodes',
    target: `user:${userId}`,
    reason: 'new recovery codes for oneself',
    tenantId: scope.actor.tenantId,
  });
  return { recoveryCodes };
}
