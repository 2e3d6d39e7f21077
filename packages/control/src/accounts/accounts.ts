// What an operator account is made of: the account, and its password as an argon2id hash in better-auth's credential row.
import { randomUUID } from 'node:crypto';
import type { Role } from '@sluice/contract/api';
import type { Prisma } from '@sluice/db';
import { hashPassword } from '../auth/passwords.ts';
import { accountKey } from '../auth/sign-in-limit.ts';
import { Refusal } from '../refusal.ts';

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

/** Returns the id; a taken email is a CONFLICT. */
export async function insertAccount(db: Tx, account: NewAccount): Promise<string> {
  const email = accountKey(account.email);
  if (await db.user.findUnique({ where: { email } })) throw new Refusal('CONFLICT', `an account with the email ${email} exists`);
  const id = randomUUID();
  const password = await hashPassword(account.password);
  const { name, role, tenantId, personalData } = account;
  await db.user.create({ data: { id, name, email, emailVerified: true, role, tenantId, personalData } });
  await db.account.create({ data: { id: randomUUID(), userId: id, accountId: id, providerId: credentialProvider, password } });
  return id;
}

/** Sets the password, ends every session and forgets failed sign-ins. Returns the number of sessions ended. */
export async function replacePassword(db: Tx, user: { id: string; email: string }, plain: string): Promise<number> {
  const password = await hashPassword(plain);
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
