// better-auth, kept to three things: checking a password, making a session, ending it. Accounts are made and changed by our own use
// cases; roles, limits, idle time and audit are ours too. Only endpoints.ts calls it, for an allow-list of its paths.
import { betterAuth } from 'better-auth/minimal';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import type { PrismaClient } from '@sluice/db';
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

export function makeAuth(options: AuthOptions) {
  const { db } = options;
  // Over TLS a cookie of this name can come from this host alone, over TLS, for all of its paths: no other host of the domain, and nobody
  // on the way of a plain request, can plant one. RFC 6265bis section 4.1.3.2.
  const secure = options.publicUrl.startsWith('https:');
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
        disabled: { type: 'boolean', input: false },
      },
    },
    session: { expiresIn: maxSessionSeconds, disableSessionRefresh: true, cookieCache: { enabled: false } },
    databaseHooks: {
      session: {
        create: {
          // False makes no session: the caller cannot tell a disabled account from a wrong password.
          before: async (session) => {
            const user = await db.user.findUnique({ where: { id: session.userId }, select: { disabled: true } });
            if (user?.disabled !== false) return false;
            const at = options.now();
            return { data: { createdAt: at, updatedAt: at, expiresAt: new Date(at.getTime() + maxSessionSeconds * 1000) } };
          },
        },
      },
    },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    advanced: {
      cookiePrefix: secure ? '__Host-sluice' : 'sluice',
      useSecureCookies: false, // its prefix would be the weaker __Secure-
      defaultCookieAttributes: { sameSite: 'lax', httpOnly: true, secure, path: '/' },
      ipAddress: { ipAddressHeaders: [peerHeader] },
    },
  });
}
