// Showing again who one is: with a code where there is a second factor, with the password where there is none. Guesses are counted as at
// sign-in, by a connection of their own: a refused call undoes its transaction, and the count has to stay.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { takeCode } from '../auth/codes.ts';
import { verifyPassword } from '../auth/passwords.ts';
import { confirmedForMs } from '../auth/standing.ts';
import { keksOf } from '../keys/fleet-key.ts';
import { Refusal, TooManyAttempts } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { ownSession } from './own-session.ts';

/** Calls from inside the process have no peer. */
const noAddress = 'inside';

/** Counts one guess, or refuses it. `right` takes it back. */
export async function admitGuess({ installation, address, requestId }: Scope, scope: 'account' | 'code', key: string) {
  const who = { scope, key, address: address ?? noAddress };
  const seconds = await installation.guesses.admit(who);
  if (seconds > 0) {
    installation.log.warn({ requestId, address }, 'a confirmation was refused: too many attempts');
    throw new TooManyAttempts(seconds);
  }
  return { right: () => installation.guesses.succeeded(who) };
}

/** Refuses a wrong password; one answer whatever is wrong. */
export async function demandPassword(scope: Scope, { userId, email }: { userId: string; email: string }, password: string): Promise<void> {
  const guess = await admitGuess(scope, 'account', email);
  const account = await scope.db.account.findFirst({ where: { userId, providerId: 'credential' } });
  if (!account?.password || !(await verifyPassword({ hash: account.password, password }))) {
    scope.installation.log.warn(
      { requestId: scope.requestId, address: scope.address, userId },
      'a confirmation was refused: wrong password',
    );
    throw new Refusal('FORBIDDEN', 'that is not right', 'wrong_secret');
  }
  await guess.right();
}

export async function confirmSession(
  scope: Scope,
  input: z.output<typeof api.sessionConfirm.input>,
): Promise<z.input<typeof api.sessionConfirm.output>> {
  const { db, now, actor, installation } = scope;
  const { userId, email, session } = ownSession(actor);
  let by = 'password';
  if (session.secondFactorAt === null) await demandPassword(scope, { userId, email }, input.secret);
  else {
    const guess = await admitGuess(scope, 'code', userId);
    const taken = await takeCode(db, keksOf(installation), userId, input.secret, now);
    if (taken === null) {
      installation.log.warn({ requestId: scope.requestId, address: scope.address, userId }, 'a confirmation was refused: wrong code');
      throw new Refusal('FORBIDDEN', 'that is not right', 'wrong_secret');
    }
    await guess.right();
    by = taken === 'app' ? 'code of the app' : 'recovery code';
  }
  await db.session.updateMany({ where: { id: session.id }, data: { confirmedAt: now, updatedAt: now } });
  await scope.audit({ action: 'session.confirm', target: `user:${userId}`, reason: `confirmed with the ${by}`, tenantId: actor.tenantId });
  return { confirmedUntil: new Date(now.getTime() + confirmedForMs).toISOString() };
}
