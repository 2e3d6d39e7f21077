// What an operator account is made of: the account, its password as an argon2id hash in better-auth's credential row, and the day by
// which it is to have a second factor.
import { randomUUID } from 'node:crypto';
import type { Role } from '@sluice/contract/api';
import type { Prisma } from '@sluice/db';
import { hashPassword } from '../auth/passwords.ts';
import { accountKey } from '../auth/sign-in-limit.ts';
import { secondFactorDueAt } from '../auth/standing.ts';
import { Refusal } from '../refusal.ts';
import { passwordProblem } from './password-rules.ts';

type Tx = Prisma.TransactionClient;

const credentialProvider = 'credential';

export interface NewAccount {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly role: Role;
  readonly tenantId: string | null;
  readonly personalData: boolean;
}

/** The hash to keep; a password that is too easy to guess is refused. */
export async function acceptedPassword(password: string, whose: { email: string; name: string }): Promise<string> {
  const problem = passwordProblem(password, whose);
  if (problem !== null) throw new Refusal('BAD_REQUEST', problem, 'weak_password');
  return hashPassword(password);
}

/** Days from getting a role to when it needs its second factor. */
export async function graceDays(db: Tx): Promise<number> {
  return (await db.accountPolicy.findUniqueOrThrow({ where: { id: 1 } })).secondFactorGraceDays;
}

/** Returns the id; a taken email is a CONFLICT. */
export async function insertAccount(db: Tx, account: NewAccount, now: Date): Promise<string> {
  const email = accountKey(account.email);
  if (await db.user.findUnique({ where: { email } })) throw new Refusal('CONFLICT', `an account with the email ${email} exists`);
  const id = randomUUID();
  const password = await acceptedPassword(account.password, { email, name: account.name });
  const { name, role, tenantId, personalData } = account;
  const due = secondFactorDueAt(role, now, await graceDays(db));
  const since = { createdAt: now, roleGrantedAt: now, secondFactorDueAt: due };
  await db.user.create({ data: { id, name, email, emailVerified: true, role, tenantId, personalData, ...since } });
  await db.account.create({ data: { id: randomUUID(), userId: id, accountId: id, providerId: credentialProvider, password } });
  return id;
}

/** Sets the password, ends every session and forgets failed sign-ins. Returns the number of sessions ended. */
export async function replacePassword(db: Tx, user: { id: string; email: string; name: string }, plain: string): Promise<number> {
  const password = await acceptedPassword(plain, user);
  const changed = await db.account.updateMany({ where: { userId: user.id, providerId: credentialProvider }, data: { password } });
  if (changed.count === 0) {
    await db.account.create({ data: { id: randomUUID(), userId: user.id, accountId: user.id, providerId: credentialProvider, password } });
  }
  await db.signInAttempt.deleteMany({ where: { scope: 'account', key: user.email } });
  return (await db.session.deleteMany({ where: { userId: user.id } })).count;
}

/** Whether someone can run this installation: an enabled Owner who is not bound to a tenant. */
export async function ownerExists(db: Tx): Promise<boolean> {
  return (await db.user.count({ where: { role: 'owner', tenantId: null, disabled: false } })) > 0;
}
