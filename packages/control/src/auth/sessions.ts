// Who a session cookie belongs to. Asked on every request: the row decides, not the cookie, so that ending a session, disabling an
// account or changing a role holds from the next request on.
import { role } from '@sluice/contract/api';
import type { PrismaClient } from '@sluice/db';
import { atLeast } from '../access.ts';
import type { Actor } from '../actor.ts';
import { maxSessionSeconds, type Auth } from './better-auth.ts';

/** A session not used for this long is over. */
export const idleMs = 12 * 3600_000;
/** Use is written down at most this often. */
const touchEveryMs = 60_000;

export interface Sessions {
  /** Null when there is no session, or it has ended, or its account is disabled; a session found ended is removed. */
  actorOf(headers: Headers): Promise<Actor | null>;
}

export function makeSessions(auth: Auth, db: PrismaClient, now: () => Date): Sessions {
  return {
    async actorOf(headers) {
      const cookie = headers.get('cookie');
      if (cookie === null) return null;
      const current = await auth.api.getSession({ headers: new Headers({ cookie }), query: { disableRefresh: true } });
      if (!current) return null;
      const { session, user } = current;
      const at = now().getTime();
      const idle = at - session.updatedAt.getTime();
      const knownRole = role.safeParse(user.role);
      const over = idle > idleMs || at - session.createdAt.getTime() > maxSessionSeconds * 1000;
      if (over || user.disabled || !knownRole.success) {
        await db.session.deleteMany({ where: { id: session.id } });
        return null;
      }
      if (idle > touchEveryMs) await db.session.updateMany({ where: { id: session.id }, data: { updatedAt: new Date(at) } });
      const { id, name, email } = user;
      const personalData = user.personalData === true || atLeast(knownRole.data, 'admin');
      const { data: its } = knownRole;
      return {
        kind: 'user',
        id,
        name: email,
        email,
        role: its,
        tenantId: user.tenantId ?? null,
        personalData,
        displayName: name,
        scopes: null,
      };
    },
  };
}
