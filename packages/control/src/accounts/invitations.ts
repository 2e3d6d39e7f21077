// How someone comes to an account of their own without anybody else knowing its password: a one-time link of which only the hash is
// kept. Whoever invites hands it over, since the installation may have no mail of its own to send it with.
import { createHash, randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { role } from '@sluice/contract/api';
import { v7 as newId } from 'uuid';
import { accountKey } from '../auth/sign-in-limit.ts';
import { maxListRows } from '../bounds.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { insertAccount } from './accounts.ts';
import { assertManages } from './users.ts';

const tokenBytes = 32;
export const invitationLifeMs = 7 * 86_400_000;
/** Ended ones are shown for so long; the audit has them for longer. */
const shownForMs = 30 * 86_400_000;
const maxOpen = 1_000;

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** In the fragment: a browser sends it to nobody, so it is in no log on the way. */
const linkOf = (publicUrl: string, token: string): string => new URL(`/invitation#${token}`, publicUrl).href;

export async function invite(scope: Scope, input: z.output<typeof api.invitationsCreate.input>) {
  const { db, now, actor, installation } = scope;
  const { tenantId, personalData, reason } = input;
  const email = accountKey(input.email);
  assertManages(scope, input.role);
  if (tenantId !== null) found(await db.tenant.findUnique({ where: { id: tenantId } }), `tenant ${tenantId}`);
  if (await db.user.findUnique({ where: { email } })) throw new Refusal('CONFLICT', `an account with the email ${email} exists`);
  if ((await db.invitation.count({ where: { endedAt: null, expiresAt: { gt: now } } })) >= maxOpen)
    throw new Refusal('PRECONDITION_FAILED', `there are ${maxOpen} open invitations; revoke some first`);
  // A new one ends those before: there is one link to a name at a time.
  const replaced = await db.invitation.updateMany({ where: { email, endedAt: null }, data: { endedAt: now } });
  const token = randomBytes(tokenBytes).toString('base64url');
  const [id, expiresAt] = [newId(), new Date(now.getTime() + invitationLifeMs)];
  const whom = { email, role: input.role, tenantId, personalData };
  await db.invitation.create({ data: { id, ...whom, tokenHash: hashOf(token), invitedBy: actor.name, createdAt: now, expiresAt } });
  const after = { ...whom, expiresAt: expiresAt.toISOString(), replaced: replaced.count };
  await scope.audit({ action: 'invitations.create', target: `invitation:${id}`, reason, tenantId, after });
  return { id, url: linkOf(installation.publicUrl, token), expiresAt: expiresAt.toISOString() };
}

export async function listInvitations({ db, now }: Scope): Promise<z.input<typeof api.invitationsList.output>> {
  const since = new Date(now.getTime() - shownForMs);
  const rows = await db.invitation.findMany({ where: { createdAt: { gt: since } }, orderBy: { createdAt: 'desc' }, take: maxListRows });
  const stateOf = (row: (typeof rows)[number]) => {
    if (row.accepted) return 'accepted';
    if (row.endedAt !== null) return 'revoked';
    return row.expiresAt <= now ? 'expired' : 'open';
  };
  return rows.map((row) => ({
    id: row.id,
    email: row.email,
    role: role.parse(row.role),
    tenantId: row.tenantId,
    personalData: row.personalData,
    invitedBy: row.invitedBy,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    state: stateOf(row),
  }));
}

export async function revokeInvitation(scope: Scope, { id, reason }: z.output<typeof api.invitationsRevoke.input>) {
  const { db, now } = scope;
  const row = found(await db.invitation.findUnique({ where: { id } }), `invitation ${id}`);
  assertManages(scope, role.parse(row.role));
  const ended = await db.invitation.updateMany({ where: { id, endedAt: null }, data: { endedAt: now } });
  if (ended.count === 0) throw new Refusal('PRECONDITION_FAILED', 'this invitation is over already');
  await scope.audit({ action: 'invitations.revoke', target: `invitation:${id}`, reason, tenantId: row.tenantId });
  return { id };
}

/** Open to anyone who has the link: makes the account that was meant, with a name and a password of its holder's. */
export async function acceptInvitation(
  scope: Scope,
  { token, name, password }: z.output<typeof api.invitationsAccept.input>,
): Promise<z.input<typeof api.invitationsAccept.output>> {
  const { db, now } = scope;
  const tokenHash = hashOf(token);
  // Using the link up is the check: of two requests with one link, the second waits here and then finds it used.
  const used = await db.invitation.updateMany({
    where: { tokenHash, endedAt: null, expiresAt: { gt: now } },
    data: { endedAt: now, accepted: true },
  });
  if (used.count !== 1) throw new Refusal('PRECONDITION_FAILED', 'this invitation is not valid any more; ask for a new one');
  const { id, email, tenantId, personalData, ...row } = await db.invitation.findUniqueOrThrow({ where: { tokenHash } });
  const its = role.parse(row.role);
  const userId = await insertAccount(db, { name, email, password, role: its, tenantId, personalData }, now);
  await scope.audit({
    action: 'invitations.accept',
    target: `user:${userId}`,
    reason: `invited by ${row.invitedBy}`,
    tenantId,
    after: { invitation: id, email, role: its, tenantId, personalData },
  });
  return { email };
}
