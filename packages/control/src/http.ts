// The control plane as the front door sees it: requests in, responses out, no framework and no listener. The front door says who the
// peer is; nothing here believes a header about that.
import { randomUUID } from 'node:crypto';
import { createClient, createReads } from '@sluice/db';
import { ensureEventPartitions, FrameListener, QuestionDesk } from '@sluice/plane/console';
import { sweepAccounts } from './accounts/sweep.ts';
import type { Actor } from './actor.ts';
import { watchAudit, type AuditWatch } from './audit/watch.ts';
import { makeApiKeys } from './api-keys/key-actor.ts';
import { makeAuth } from './auth/better-auth.ts';
import { authPrefix, handleAuth, type AuthEndpoints } from './auth/endpoints.ts';
import { makeLocalToken } from './auth/local-token.ts';
import { trustedOrigins } from './auth/origins.ts';
import { makeSessions } from './auth/sessions.ts';
import { makeSignInLimit } from './auth/sign-in-limit.ts';
import { health, readiness } from './http/health.ts';
import { makeRequestLimits, noRequestLimits, tooManyRequests, weightOf, type RequestRates } from './http/request-limits.ts';
import { errorResponse } from './errors/error-response.ts';
import { handleTrpc, trpcPrefix } from './http/trpc.ts';
import { sweepIdempotentCalls } from './idempotency/once.ts';
import type { Installation, Log } from './installation.ts';
import { rewrapping, type Rewrap } from './keys/rewrap.ts';
import { docsPath, documentPath, serveDocument } from './openapi/serve.ts';
import { makeStartUp, type StartUp } from './start-up.ts';

export interface ControlOptions {
  /** Postgres as role `sluice_console`. */
  readonly consoleDatabaseUrl: string;
  /** Key-encryption key, 32 bytes. */
  readonly kek: Uint8Array;
  /** Those before it, while secrets are still sealed for them. */
  readonly oldKeks?: readonly Uint8Array[];
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
  /** Requests a second that are taken; absent sets no limit. */
  readonly requestRates?: RequestRates;
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
  readonly auditWatch: AuditWatch;
  readonly rewrap: Rewrap;
  /** Ends open streams, then the database connections. */
  close(): Promise<void>;
}

const sweepEveryMs = 3600_000;
/** Days for which events find their partition ready; past them they go to the default one. */
const partitionDaysAhead = 7;

export async function createControl(options: ControlOptions): Promise<Control> {
  const { log } = options;
  const now = options.now ?? (() => new Date());
  const publicUrl = new URL(options.publicUrl).origin;
  const db = createClient(options.consoleDatabaseUrl);
  // Who signs in is not known before; this client sees every account and is used for nothing else.
  const accountsDb = createClient(options.consoleDatabaseUrl, { tenant: '*', maxConnections: 4 });
  const reads = createReads(options.consoleDatabaseUrl);
  const frames = new FrameListener(options.consoleDatabaseUrl, { log: (message) => log.warn({}, message) });
  const kek = Buffer.from(options.kek);
  const { egress, demo, version } = options;
  const guesses = makeSignInLimit(accountsDb, now);
  const questions = new QuestionDesk(options.consoleDatabaseUrl);
  const oldKeks = (options.oldKeks ?? []).map((key) => Buffer.from(key));
  const shared = { db, reads, kek, oldKeks, frames, questions, egress, demo, version, publicUrl, guesses, now, log };
  const installation: Installation = { ...shared, auditWatch: watchAudit(() => installation) };

  const rewrap = rewrapping(() => installation);

  const trusted = trustedOrigins(publicUrl);
  const auth = makeAuth({ db: accountsDb, sessionSecret: options.sessionSecret, publicUrl, trustedOrigins: trusted, now });
  const sessions = makeSessions({ db: accountsDb, reads, sessionSecret: options.sessionSecret, publicUrl, now });
  const endpoints: AuthEndpoints = { installation, db: accountsDb, auth, sessions, limit: guesses, trustedOrigins: trusted };
  const localToken = makeLocalToken(options.localToken);
  const apiKeys = makeApiKeys(accountsDb, now);
  const requests = makeRequestLimits(options.requestRates ?? noRequestLimits, now);
  const closing = new AbortController();

  const actorOf = async (request: Request, peer: Peer): Promise<Actor | null> => {
    // A bearer token is never a hint to try the cookie too: whoever sends one means it.
    const key = await apiKeys.actorOf(request.headers, peer.address);
    if (key !== null) return key.actor;
    if (request.headers.has('authorization')) return localToken.actorOf(request.headers, peer.loopback);
    return sessions.actorOf(request.headers);
  };
  const route = async (request: Request, peer: Peer, requestId: string): Promise<Response | null> => {
    const { pathname } = new URL(request.url);
    if (pathname === '/healthz') return health();
    if (pathname === '/readyz') return readiness(installation);
    const retryAfterSeconds = requests.admit(request.headers, peer, weightOf(pathname));
    if (retryAfterSeconds > 0) return tooManyRequests(retryAfterSeconds, requestId);
    if (pathname === documentPath || pathname === docsPath) return serveDocument(pathname);
    if (pathname.startsWith(authPrefix)) return handleAuth(endpoints, request, peer.address, requestId);
    if (!pathname.startsWith(trpcPrefix)) return null;
    const endpoint = { installation, who: () => actorOf(request, peer), closing: closing.signal, trustedOrigins: trusted };
    return handleTrpc(endpoint, request, peer.address, requestId);
  };
  const sweep = async () => {
    await guesses.sweep();
    await sweepIdempotentCalls(accountsDb, now());
    await sweepAccounts(accountsDb, now());
    await ensureEventPartitions({ query: (text, values) => db.$queryRawUnsafe(text, ...values) }, partitionDaysAhead);
  };
  const tidy = () => sweep().catch((error: unknown) => log.warn({ err: error }, 'tidying up failed'));
  const timer = setInterval(() => void tidy(), sweepEveryMs).unref();
  await Promise.all([frames.start(), tidy()]);

  return {
    startUp: makeStartUp(installation, rewrap),
    rewrap,
    auditWatch: installation.auditWatch,
    actorOf,
    async handle(request, peer) {
      const requestId = randomUUID();
      try {
        const response = await route(request, peer, requestId);
        response?.headers.set('x-request-id', requestId);
        return response;
      } catch (error) {
        // Postgres is away, most likely. What it said stays in the log.
        log.error({ err: error, requestId }, 'a request failed');
        return errorResponse('SERVICE_UNAVAILABLE', `not available now; the log has it under request ${requestId}`, { requestId });
      }
    },
    async close() {
      closing.abort();
      clearInterval(timer);
      installation.auditWatch.stop();
      rewrap.stop();
      await frames.close();
      await questions.close();
      await Promise.all([db.$disconnect(), accountsDb.$disconnect(), reads.close()]);
    },
  };
}
