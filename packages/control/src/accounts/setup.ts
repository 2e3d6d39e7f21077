// How the first Owner comes to be: a one-time link of which only the hash is kept, or name and password from the environment. Both only
// while no Owner exists, so neither is a second way in.
import { createHash, randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { accountKey } from '../auth/sign-in-limit.ts';
import { lockHead } from '../config/head.ts';
import { Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { insertAccount, ownerExists } from './accounts.ts';

const firstOwner = { role: 'owner', tenantId: null, personalData: true } as const;
const tokenBytes = 32;
export const linkLifeMs = 24 * 3600_000;

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

export async function setupStatus({ db }: Scope): Promise<z.input<typeof api.setupStatus.output>> {
  return { needed: !(await ownerExists(db)) };
}

/** A fresh link; those issued before stop working. */
export async function issueSetupLink(scope: Scope): Promise<z.input<typeof api.setupIssueLink.output>> {
  const { db, now, installation } = scope;
  if (await ownerExists(db)) throw new Refusal('PRECONDITION_FAILED', 'an Owner exists already; an Owner makes further accounts');
  const token = randomBytes(tokenBytes).toString('base64url');
  const expiresAt = new Date(now.getTime() + linkLifeMs);
  await db.setupLink.deleteMany({ where: { usedAt: null } });
  await db.setupLink.create({ data: { tokenHash: hashOf(token), createdAt: now, expiresAt } });
  await scope.audit({
    action: 'setup.issueLink',
    target: 'installation',
    reason: 'no Owner exists',
    after: { expiresAt: expiresAt.toISOString() },
  });
  const url = new URL('/setup', installation.publicUrl);
  url.searchParams.set('token', token);
  return { url: url.href, expiresAt: expiresAt.toISOString() };
}

export async function completeSetup(
  scope: Scope,
  input: z.output<typeof api.setupComplete.input>,
): Promise<z.input<typeof api.setupComplete.output>> {
  const { db, now } = scope;
  // Using the link up is the check: of two requests with one link, the second waits here and then finds it used.
  const used = await db.setupLink.updateMany({
    where: { tokenHash: hashOf(input.token), usedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now },
  });
  if (used.count !== 1 || (await ownerExists(db))) {
    throw new Refusal('PRECONDITION_FAILED', 'this set-up link is not valid any more; issue a new one on the machine that runs Sluice');
  }
  const { name, email, password } = input;
  const userId = await insertAccount(db, { name, email, password, ...firstOwner }, now);
  await scope.audit({
    action: 'setup.complete',
    target: `user:${userId}`,
    reason: 'first Owner, by set-up link',
    after: { email: accountKey(email) },
  });
  return { userId };
}

/** Unattended set-up. Null when an Owner exists already, whoever that is. */
export async function ensureOwner(scope: Scope, owner: { email: string; password: string }): Promise<string | null> {
  // One at a time: two processes starting at once must not make two.
  await lockHead(scope);
  if (await ownerExists(scope.db)) return null;
  const email = accountKey(owner.email);
  const id = await insertAccount(scope.db, { name: email.split('@', 1)[0] ?? email, ...owner, ...firstOwner }, scope.now);
  await scope.audit({ action: 'setup.ensureOwner', target: `user:${id}`, reason: 'first Owner, from the environment', after: { email } });
  return id;
}
