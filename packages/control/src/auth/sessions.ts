// Who a session cookie belongs to. Asked on every request: the row decides, not the cookie, so that ending a session, disabling an
// account or changing a role holds from the next request on.
import { role } from '@sluice/contract/api';
import type { Prisma, PrismaClient, Reads } from '@sluice/db';
import { atLeast } from '../access.ts';
import type { Actor, ActorSession } from '../actor.ts';
import { maxSessionSeconds } from './better-auth.ts';
import { cookieName, signedToken } from './session-cookie.ts';

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

export interface SessionOptions {
  /** Sees every tenant: whose session it is is not known before. */
  readonly db: PrismaClient;
  readonly reads: Reads;
  readonly sessionSecret: string;
  readonly publicUrl: string;
  readonly now: () => Date;
}

type Found = NonNullable<Awaited<ReturnType<typeof bySessionToken>>>;

/** The session and its account in one statement: this is asked with every request. */
const sessionStatement = `select s.id, s.created_at as "createdAt", s.updated_at as "updatedAt", s.expires_at as "expiresAt",
    s.second_factor as "secondFactor", s.second_factor_pending as "secondFactorPending", s.confirmed_at as "confirmedAt",
    u.id as "userId", u.name, u.email, u.role, u.tenant_id::text as "tenantId", u.personal_data as "personalData", u.disabled,
    u.second_factor_at as "secondFactorAt", u.second_factor_due_at as "secondFactorDueAt"
  from session s join "user" u on u.id = s.user_id where s.token = $1::text`;

async function bySessionToken({ sql }: Reads, token: string) {
  const [row] = await sql.query<SessionRow>(sessionStatement, [token]);
  return row ?? null;
}

type OfSession = 'id' | 'createdAt' | 'updatedAt' | 'expiresAt' | 'secondFactor' | 'secondFactorPending' | 'confirmedAt';
type OfUser = 'name' | 'email' | 'role' | 'tenantId' | 'personalData' | 'disabled' | 'secondFactorAt' | 'secondFactorDueAt';
type SessionRow = Pick<Prisma.SessionModel, OfSession> & Pick<Prisma.UserModel, OfUser> & { userId: string };

export function makeSessions({ db, reads, sessionSecret, publicUrl, now }: SessionOptions): Sessions {
  const cookie = cookieName('session_token', publicUrl.startsWith('https:'));
  const find = async (headers: Headers): Promise<Found | null> => {
    const token = signedToken(headers.get('cookie') ?? '', cookie, sessionSecret);
    return token === null ? null : bySessionToken(reads, token);
  };
  const isOver = (session: Found, at: number): boolean => {
    const age = at - session.createdAt.getTime();
    if (session.disabled || session.expiresAt.getTime() <= at) return true;
    if (session.secondFactorPending && age > pendingMs) return true;
    return at - session.updatedAt.getTime() > idleMs || age > maxSessionSeconds * 1000;
  };
  const end = (id: string) => db.session.deleteMany({ where: { id } });
  return {
    async actorOf(headers) {
      const session = await find(headers);
      if (!session) return null;
      const at = now().getTime();
      const knownRole = role.safeParse(session.role);
      if (isOver(session, at) || !knownRole.success) {
        await end(session.id);
        return null;
      }
      if (session.secondFactorPending) return null;
      const idle = at - session.updatedAt.getTime();
      if (idle > touchEveryMs) await db.session.updateMany({ where: { id: session.id }, data: { updatedAt: new Date(at) } });
      const { userId: id, name, email, tenantId } = session;
      const its = knownRole.data;
      const personalData = session.personalData || atLeast(its, 'admin');
      const who = { id, name: email, email, role: its, tenantId, personalData, displayName: name };
      return { kind: 'user', ...who, scopes: null, session: shown(session) };
    },
    async pendingOf(headers) {
      const session = await find(headers);
      if (!session?.secondFactorPending) return null;
      if (!isOver(session, now().getTime())) return { sessionId: session.id, userId: session.userId, email: session.email };
      await end(session.id);
      return null;
    },
  };
}

/** What a session shows of whoever holds it. */
const shown = ({ id, secondFactor, confirmedAt, secondFactorAt, secondFactorDueAt }: Found): ActorSession => ({
  id,
  secondFactor,
  confirmedAt,
  secondFactorAt,
  secondFactorDueAt,
});
