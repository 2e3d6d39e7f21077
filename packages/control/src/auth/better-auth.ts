// better-auth, kept to three things: checking a password, making a session, ending it. Accounts are made and changed by our own use
// cases; roles, limits, idle time, second factor and audit are ours too. Only endpoints.ts calls it, for an allow-list of its paths.
import { createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { betterAuth } from 'better-auth/minimal';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import type { PrismaClient } from '@sluice/db';
import { z } from 'zod';
import { cookieName } from './session-cookie.ts';
import { hashPassword, verifyPassword } from './passwords.ts';

/** A session ends after this whatever happens; idle time is checked by sessions.ts. */
export const maxSessionSeconds = 7 * 86_400;

/** The front door's word on where the peer is; set by endpoints.ts on the request it builds, never taken from a client. */
export const peerHeader = 'x-sluice-peer';

export interface AuthOptions {
  /** Sees every tenant: who signs in is not known before. */
  readonly db: PrismaClient;
  readonly sessionSecret: string;
  readonly publicUrl: string;
  readonly trustedOrigins: readonly string[];
  readonly now: () => Date;
}

export type Auth = ReturnType<typeof makeAuth>;

/**
 * A session after a second factor, with a token of its own: what was begun with the password alone is not made more of. Reachable from
 * this process only; the path is on no allow-list.
 */
const passedSecondFactor = {
  id: 'sluice',
  endpoints: {
    openSession: createAuthEndpoint(
      '/sluice/open-session',
      { method: 'POST', body: z.object({ userId: z.string() }), requireHeaders: true },
      async (ctx) => {
        const { internalAdapter } = ctx.context;
        const user = await internalAdapter.findUserById(ctx.body.userId);
        const session = user && (await internalAdapter.createSession(user.id, false, { secondFactor: true }, true));
        if (!user || !session) throw ctx.error('UNAUTHORIZED');
        await setSessionCookie(ctx, { session, user });
        return ctx.json({ opened: true });
      },
    ),
  },
};

/** Names and attributes of cookies. */
function cookieNames(https: boolean) {
  const names = ['session_token', 'session_data', 'account_data', 'dont_remember'] as const;
  const named = (name: string) => ({ name: cookieName(name, https), attributes: { secure: https, path: '/' } });
  return Object.fromEntries(names.map((name) => [name, named(name)]));
}

export function makeAuth(options: AuthOptions) {
  const { db } = options;
  return betterAuth({
    appName: 'Sluice',
    baseURL: options.publicUrl,
    basePath: '/api/auth',
    secret: options.sessionSecret,
    trustedOrigins: [...options.trustedOrigins],
    database: prismaAdapter(db, { provider: 'postgresql' }),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      maxPasswordLength: 200,
      password: { hash: hashPassword, verify: verifyPassword },
    },
    user: {
      additionalFields: {
        role: { type: 'string', input: false },
        tenantId: { type: 'string', input: false, required: false },
        personalData: { type: 'boolean', input: false, required: false },
        disabled: { type: 'boolean', input: false },
        secondFactorAt: { type: 'date', input: false, required: false },
        secondFactorDueAt: { type: 'date', input: false, required: false },
      },
    },
    session: {
      expiresIn: maxSessionSeconds,
      disableSessionRefresh: true,
      cookieCache: { enabled: false },
      additionalFields: {
        secondFactor: { type: 'boolean', input: false, required: false },
        secondFactorPending: { type: 'boolean', input: false, required: false },
        confirmedAt: { type: 'date', input: false, required: false },
      },
    },
    plugins: [passedSecondFactor],
    databaseHooks: {
      session: {
        create: {
          // False makes no session: the caller cannot tell a disabled account from a wrong password.
          before: async (session) => {
            const user = await db.user.findUnique({ where: { id: session.userId }, select: { disabled: true, secondFactorAt: true } });
            if (user?.disabled !== false) return false;
            const at = options.now();
            const secondFactor = 'secondFactor' in session && session.secondFactor === true;
            const secondFactorPending = user.secondFactorAt !== null && !secondFactor;
            const confirmedAt = secondFactorPending ? null : at;
            const until = new Date(at.getTime() + maxSessionSeconds * 1000);
            return { data: { createdAt: at, updatedAt: at, expiresAt: until, secondFactor, secondFactorPending, confirmedAt } };
          },
        },
      },
    },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    advanced: {
      // The names say all of it: better-auth's own prefix is `__Secure-`.
      useSecureCookies: false,
      cookies: cookieNames(options.publicUrl.startsWith('https:')),
      defaultCookieAttributes: { sameSite: 'lax', httpOnly: true },
      ipAddress: { ipAddressHeaders: [peerHeader] },
    },
  });
}
