// What is reachable under /api/auth, each through a gate: sign-in (parsed, counted, generic in its answer), the code of a second factor,
// sign-out and get-session. Anything else is not found. better-auth never sees the client's own request, only one built here from what
// was checked, and no session token appears in a body that a page's script can read.
import { z } from 'zod';
import type { PrismaClient } from '@sluice/db';
import type { Actor } from '../actor.ts';
import { readBoundedText } from '../http/body.ts';
import { jsonResponse } from '../http/json-response.ts';
import type { Installation } from '../installation.ts';
import { keksOf } from '../keys/fleet-key.ts';
import { inScope } from '../scope.ts';
import { takeCode } from './codes.ts';
import { peerHeader, type Auth } from './better-auth.ts';
import { fromTrustedOrigin } from './origins.ts';
import type { Sessions } from './sessions.ts';
import type { SignInLimit } from './sign-in-limit.ts';

export const authPrefix = '/api/auth/';
/** Path below the prefix -> method. */
export const exposedPaths: Readonly<Record<string, string>> = {
  'sign-in/email': 'POST',
  'sign-in/second-factor': 'POST',
  'sign-out': 'POST',
  'get-session': 'GET',
};

const maxBodyBytes = 4_096;
const maxAgentLength = 300;
const signInBody = z.object({ email: z.email().max(254), password: z.string().min(1).max(200), rememberMe: z.boolean().default(true) });
const codeBody = z.object({ code: z.string().trim().min(6).max(40) });

const notFound = () => jsonResponse(404, { code: 'NOT_FOUND', message: 'not found' });
const foreignOrigin = () => jsonResponse(403, { code: 'FORBIDDEN', message: 'this origin may not do that; see SLUICE_PUBLIC_URL' });
const badRequest = (what: string) => jsonResponse(400, { code: 'BAD_REQUEST', message: `send ${what} as JSON` });
const internal = () => jsonResponse(500, { code: 'INTERNAL_SERVER_ERROR', message: 'internal error' });
// One answer for an unknown account, a wrong password and a disabled account.
const refused = () => jsonResponse(401, { code: 'UNAUTHORIZED', message: 'email or password is wrong' });
// One answer for a wrong code, a used one, and nothing to which it could belong.
const codeRefused = () => jsonResponse(401, { code: 'UNAUTHORIZED', message: 'the code is wrong, used or too late' });
function tooMany(retryAfterSeconds: number): Response {
  const response = jsonResponse(429, { code: 'TOO_MANY_REQUESTS', message: 'too many attempts; wait a while and try again' });
  response.headers.set('retry-after', String(retryAfterSeconds));
  return response;
}

export interface AuthEndpoints {
  readonly installation: Installation;
  /** Sees every account. */
  readonly db: PrismaClient;
  readonly auth: Auth;
  readonly sessions: Sessions;
  readonly limit: SignInLimit;
  readonly trustedOrigins: readonly string[];
}

/** `address` is the peer's, from the front door. */
export async function handleAuth(on: AuthEndpoints, request: Request, address: string, requestId: string): Promise<Response> {
  const path = new URL(request.url).pathname.slice(authPrefix.length);
  if (!Object.hasOwn(exposedPaths, path)) return notFound();
  if (request.method !== exposedPaths[path])
    return jsonResponse(405, { code: 'METHOD_NOT_SUPPORTED', message: `${exposedPaths[path]} only` });
  if (request.method === 'POST' && !fromTrustedOrigin(request.headers, on.trustedOrigins)) return foreignOrigin();
  if (path === 'sign-in/email') return signIn(on, request, address, requestId);
  if (path === 'sign-in/second-factor') return secondFactor(on, request, address, requestId);
  if (path === 'sign-out') return signOut(on, request, address, requestId);
  return currentSession(on, request);
}

function ownHeaders({ installation }: AuthEndpoints, request: Request, address: string): Headers {
  const headers = new Headers({ [peerHeader]: address, origin: new URL(installation.publicUrl).origin });
  const cookie = request.headers.get('cookie');
  if (cookie !== null) headers.set('cookie', cookie);
  const agent = request.headers.get('user-agent');
  if (agent !== null) headers.set('user-agent', agent.slice(0, maxAgentLength));
  return headers;
}

/** A request of our own to better-auth, with nothing of the client's but its cookie and what its browser calls itself. */
function toAuth(on: AuthEndpoints, path: string, request: Request, address: string, body?: object): Promise<Response> {
  const { publicUrl } = on.installation;
  const headers = ownHeaders(on, request, address);
  if (body) headers.set('content-type', 'application/json');
  return on.auth.handler(
    new Request(new URL(`${authPrefix}${path}`, publicUrl), { method: exposedPaths[path], headers, body: body && JSON.stringify(body) }),
  );
}

/** Null: not JSON, too long, or not what the schema says. */
async function bodyOf<T>(request: Request, schema: z.ZodType<T>): Promise<T | null> {
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? '')) return null;
  const text = await readBoundedText(request, maxBodyBytes);
  return schema.safeParse(text === null ? null : parseJson(text)).data ?? null;
}

async function signIn(on: AuthEndpoints, request: Request, address: string, requestId: string): Promise<Response> {
  const body = await bodyOf(request, signInBody);
  if (body === null) return badRequest('email and password');
  const { log } = on.installation;
  const guess = { scope: 'account', key: body.email, address } as const;
  const retryAfterSeconds = await on.limit.admit(guess);
  if (retryAfterSeconds > 0) {
    log.warn({ requestId, address }, 'sign-in refused: too many attempts');
    return tooMany(retryAfterSeconds);
  }
  const answer = await toAuth(on, 'sign-in/email', request, address, body);
  if (!answer.ok) {
    log.warn({ requestId, address, status: answer.status }, 'sign-in refused');
    await alertOfSpray(on, address, requestId);
    return answer.status >= 500 ? internal() : refused();
  }
  await on.limit.succeeded(guess);
  const cookies = answer.headers.getSetCookie();
  const session = asRequestCookies(cookies);
  const actor = await on.sessions.actorOf(session);
  if (actor) return welcome(on, actor, cookies, 'signed in', address, requestId);
  const pending = await on.sessions.pendingOf(session);
  return pending ? withCookies(jsonResponse(200, { secondFactor: true }), cookies) : refused();
}

/** Many accounts tried a few times each: no single limit sees it. */
async function alertOfSpray({ limit, installation }: AuthEndpoints, address: string, requestId: string): Promise<void> {
  const accounts = await limit.spray();
  if (accounts !== null)
    installation.log.error({ alert: 'password_spray', accounts, address, requestId }, 'passwords of many accounts are being guessed');
}

/** The second half of signing in. The session that the password began ends, and one with another token begins. */
async function secondFactor(on: AuthEndpoints, request: Request, address: string, requestId: string): Promise<Response> {
  const body = await bodyOf(request, codeBody);
  if (body === null) return badRequest('code');
  const { log, now } = on.installation;
  const pending = await on.sessions.pendingOf(request.headers);
  if (!pending) return codeRefused();
  const guess = { scope: 'code', key: pending.userId, address } as const;
  const retryAfterSeconds = await on.limit.admit(guess);
  if (retryAfterSeconds > 0) {
    // Whoever comes here has the password: worth more than a line about a typing mistake.
    const fields = { alert: 'second_factor_guessing', requestId, address, userId: pending.userId };
    log.error(fields, 'codes of an account are being guessed by someone who has its password');
    return tooMany(retryAfterSeconds);
  }
  const taken = await takeCode(on.db, keksOf(on.installation), pending.userId, body.code, now());
  if (taken === null) {
    log.warn({ requestId, address, userId: pending.userId }, 'second factor refused');
    return codeRefused();
  }
  await on.limit.succeeded(guess);
  await on.db.session.deleteMany({ where: { id: pending.sessionId } });
  const opened = await on.auth.api.openSession({
    body: { userId: pending.userId },
    headers: ownHeaders(on, request, address),
    asResponse: true,
  });
  const cookies = opened.headers.getSetCookie();
  const actor = await on.sessions.actorOf(asRequestCookies(cookies));
  if (!actor) return codeRefused();
  return welcome(on, actor, cookies, taken === 'app' ? 'signed in, with a code' : 'signed in, with a recovery code', address, requestId);
}

async function welcome(
  on: AuthEndpoints,
  actor: Actor,
  cookies: readonly string[],
  how: string,
  address: string,
  requestId: string,
): Promise<Response> {
  await noteInAudit(on, actor, 'session.signIn', how, address, requestId);
  return withCookies(jsonResponse(200, { user: describe(actor) }), cookies);
}

async function signOut(on: AuthEndpoints, request: Request, address: string, requestId: string): Promise<Response> {
  const actor = await on.sessions.actorOf(request.headers);
  const answer = await toAuth(on, 'sign-out', request, address, {});
  if (!answer.ok) return internal();
  if (actor) await noteInAudit(on, actor, 'session.signOut', 'signed out', address, requestId);
  return withCookies(jsonResponse(200, { success: true }), answer.headers.getSetCookie());
}

async function currentSession(on: AuthEndpoints, request: Request): Promise<Response> {
  const actor = await on.sessions.actorOf(request.headers);
  return jsonResponse(200, actor && { user: describe(actor) });
}

const describe = (actor: Actor) => ({
  id: actor.id,
  name: actor.displayName,
  email: actor.email,
  role: actor.role,
  tenantId: actor.tenantId,
});

/** Signing in and out is an act of the operator, written down like any other. */
async function noteInAudit(
  { installation }: AuthEndpoints,
  actor: Actor,
  action: string,
  reason: string,
  address: string,
  requestId: string,
): Promise<void> {
  await inScope(installation, { actor, requestId, address, audit: 'entry' }, (scope) =>
    scope.audit({ action, target: `user:${actor.id}`, reason, tenantId: actor.tenantId }),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** `Set-Cookie` lines as the browser would send them back. */
function asRequestCookies(setCookies: readonly string[]): Headers {
  return new Headers({ cookie: setCookies.map((line) => line.split(';', 1)[0] ?? '').join('; ') });
}

function withCookies(response: Response, cookies: readonly string[]): Response {
  for (const cookie of cookies) response.headers.append('set-cookie', cookie);
  return response;
}
