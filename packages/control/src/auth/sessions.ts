// Who a session cookie belongs to. Asked on every request: the row decides, not the cookie, so that ending a session, disabling an
// account or changing a role holds from the next request on.
import { role } from '@sluice/contract/api';
import type { PrismaClient } from '@sluice/db';
import { atLeast } from '../access.ts';
import type { Actor, ActorSession } from '../actor.ts';
import { maxSessionSeconds, type Auth } from './better-auth.ts';

/** A session not used for this long is over. */
export const idleMs = 12 * 3600_000;
/** Between the password and the code. */
export const pendingMs = 5 * 60_000;
/** Use is written down at most this often. */
const touchEveryMs = 60_000;

/** Someone whose password was right, and whose code is still asked for. */
interface Pending {
  readonly sessionId: string;
  readonly userId: string;
  readonly email: string;
}

export interface Sessions {
  /** Null when there is no session, or it has ended, or its account is disabled; a session found ended is removed. */
  actorOf(headers: Headers): Promise<Actor | null>;
  pendingOf(headers: Headers): Promise<Pending | null>;
}

type Found = NonNullable<Awaited<ReturnType<Auth['api']['getSession']>>>;

export function makeSessions(auth: Auth, db: PrismaClient, now: () => Date): Sessions {
  const find = async (headers: Headers): Promise<Found | null> => {
    const cookie = headers.get('cookie');
    if (cookie === null) return null;
    return auth.api.getSession({ headers: new Headers({ cookie }), query: { disableRefresh: true } });
  };
  const isOver = ({ session, user }: Found, at: number): boolean => {
    const age = at - session.createdAt.getTime();
    if (session.secondFactorPending === true && age > pendingMs) return true;
    return user.disabled || at - session.updatedAt.getTime() > idleMs || age > maxSessionSeconds * 1000;
  };
  const end = (id: string) => db.session.deleteMany({ where: { id } });
  return {
    async actorOf(headers) {
      const current = await find(headers);
      if (!current) return null;
      const at = now().getTime();
      const { session, user } = current;
      const knownRole = role.safeParse(user.role);
      if (isOver(current, at) || !knownRole.success) {
        await end(session.id);
        return null;
      }
      if (session.secondFactorPending === true) return null;
      const idle = at - session.updatedAt.getTime();
      if (idle > touchEveryMs) await db.session.updateMany({ where: { id: session.id }, data: { updatedAt: new Date(at) } });
      const { id, name, email } = user;
      const its = knownRole.data;
      const personalData = user.personalData === true || atLeast(its, 'admin');
      const who = { id, name: email, email, role: its, tenantId: user.tenantId ?? null, personalData, displayName: name };
      return { kind: 'user', ...who, scopes: null, session: shown(current) };
    },
    async pendingOf(headers) {
      const current = await find(headers);
      if (current?.session.secondFactorPending !== true) return null;
      const { session, user } = current;
      if (!isOver(current, now().getTime())) return { sessionId: session.id, userId: user.id, email: user.email };
      await end(session.id);
      return null;
    },
  };
}

/** What a session shows of whoever holds it. */
const shown = ({ session, user }: Found): ActorSession => ({
  id: session.id,
  secondFactor: session.secondFactor === true,
  confirmedAt: session.confirmedAt ?? null,
  secondFactorAt: user.secondFactorAt ?? null,
  secondFactorDueAt: user.secondFactorDueAt ?? null,
});
