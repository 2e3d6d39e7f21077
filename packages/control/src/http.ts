// The control plane as the front door sees it: requests in, responses out, no framework and no listener. The front door says who the
// peer is; nothing here believes a header about that.
import { randomUUID } from 'node:crypto';
import { createClient } from '@sluice/db';
import { FrameListener } from '@sluice/plane/console';
import type { Actor } from './actor.ts';
import { makeAuth } from './auth/better-auth.ts';
import { authPrefix, handleAuth, type AuthEndpoints } from './auth/endpoints.ts';
import { makeLocalToken } from './auth/local-token.ts';
import { trustedOrigins } from './auth/origins.ts';
import { makeSessions } from './auth/sessions.ts';
import { makeSignInLimit } from './auth/sign-in-limit.ts';
import { health, readiness } from './http/health.ts';
import { handleTrpc, trpcPrefix } from './http/trpc.ts';
import type { Installation, Log } from './installation.ts';
import { makeStartUp, type StartUp } from './start-up.ts';

export interface ControlOptions {
  /** Postgres as role `sluice_console`. */
  readonly consoleDatabaseUrl: string;
  /** Key-encryption key, 32 bytes. */
  readonly kek: Uint8Array;
  /** Signs session cookies; at least 32 characters. */
  readonly sessionSecret: string;
  /** Bearer token of the command line on this machine; null accepts none. */
  readonly localToken: string | null;
  /** Origin under which browsers reach the console. */
  readonly publicUrl: string;
  readonly egress: 'sandbox' | 'internet';
  readonly demo: boolean;
  readonly version: string;
  readonly log: Log;
  /** The wall clock; tests give another. */
  readonly now?: () => Date;
}

/** Where a request came from, as the socket and the trusted-proxy list have it. */
export interface Peer {
  readonly address: string;
  /** The socket's own peer is this machine, and no proxy stands between. */
  readonly loopback: boolean;
}

export interface Control {
  /** Null: not a path of the control plane. */
  handle(request: Request, peer: Peer): Promise<Response | null>;
  /** Who asks for a page; null when signed out. */
  actorOf(request: Request, peer: Peer): Promise<Actor | null>;
  readonly startUp: StartUp;
  /** Ends open streams, then the database connections. */
  close(): Promise<void>;
}

const sweepEveryMs = 3600_000;

export async function createControl(options: ControlOptions): Promise<Control> {
  const { log } = options;
  const now = options.now ?? (() => new Date());
  const publicUrl = new URL(options.publicUrl).origin;
  const db = createClient(options.consoleDatabaseUrl);
  // Who signs in is not known before; this client sees every account and is used for nothing else.
  const accountsDb = createClient(options.consoleDatabaseUrl, { tenant: '*', maxConnections: 4 });
  const frames = new FrameListener(options.consoleDatabaseUrl, { log: (message) => log.warn({}, message) });
  const kek = Buffer.from(options.kek);
  const { egress, demo, version } = options;
  const installation: Installation = { db, kek, frames, egress, demo, version, publicUrl, now, log };

  const trusted = trustedOrigins(publicUrl);
  const auth = makeAuth({ db: accountsDb, sessionSecret: options.sessionSecret, publicUrl, trustedOrigins: trusted, now });
  const sessions = makeSessions(auth, accountsDb, now);
  const limit = makeSignInLimit(accountsDb, now);
  const endpoints: AuthEndpoints = { installation, auth, sessions, limit, trustedOrigins: trusted };
  const localToken = makeLocalToken(options.localToken);
  const closing = new AbortController();

  const actorOf = async (request: Request, peer: Peer): Promise<Actor | null> => {
    // A bearer token is never a hint to try the cookie too: whoever sends one means it.
    if (request.headers.has('authorization')) return localToken.actorOf(request.headers, peer.loopback);
    return sessions.actorOf(request.headers);
  };
  const sweep = async () => {
    await limit.sweep();
    await accountsDb.session.deleteMany({ where: { expiresAt: { lt: now() } } });
  };
  const timer = setInterval(() => void sweep().catch((error: unknown) => log.warn({ err: error }, 'sweep failed')), sweepEveryMs).unref();
  await frames.start();

  return {
    startUp: makeStartUp(installation),
    actorOf,
    async handle(request, peer) {
      const { pathname } = new URL(request.url);
      if (pathname === '/healthz') return health();
      if (pathname === '/readyz') return readiness(installation);
      const requestId = randomUUID();
      if (pathname.startsWith(authPrefix)) return named(await handleAuth(endpoints, request, peer.address, requestId), requestId);
      if (!pathname.startsWith(trpcPrefix)) return null;
      const who = () => actorOf(request, peer);
      const answer = await handleTrpc(
        { installation, who, closing: closing.signal, trustedOrigins: trusted },
        request,
        peer.address,
        requestId,
      );
      return named(answer, requestId);
    },
    async close() {
      closing.abort();
      clearInterval(timer);
      await frames.close();
      await Promise.all([db.$disconnect(), accountsDb.$disconnect()]);
    },
  };
}

function named(response: Response, requestId: string): Response {
  response.headers.set('x-request-id', requestId);
  return response;
}
