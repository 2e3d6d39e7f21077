// The three paths of better-auth that are reachable, each through a gate: sign-in (parsed, counted, generic in its answer), sign-out and
// get-session. Anything else under /api/auth is not found. better-auth never sees the client's own request, only one built here from
// what was checked, and no session token appears in a body that a page's script can read.
import { z } from 'zod';
import type { Actor } from '../actor.ts';
import { readBoundedText } from '../http/body.ts';
import { jsonResponse } from '../http/json-response.ts';
import type { Installation } from '../installation.ts';
import { inScope } from '../scope.ts';
import { peerHeader, type Auth } from './better-auth.ts';
import { fromTrustedOrigin } from './origins.ts';
import type { Sessions } from './sessions.ts';
import type { SignInLimit } from './sign-in-limit.ts';

export const authPrefix = '/api/auth/';
/** Path below the prefix -> method. */
export const exposedPaths: Readonly<Record<string, string>> = { 'sign-in/email': 'POST', 'sign-out': 'POST', 'get-session': 'GET' };

const maxBodyBytes = 4_096;
const signInBody = z.object({ email: z.email().max(254), password: z.string().min(1).max(200), rememberMe: z.boolean().default(true) });

const notFound = () => jsonResponse(404, { code: 'NOT_FOUND', message: 'not found' });
const foreignOrigin = () => jsonResponse(403, { code: 'FORBIDDEN', message: 'this origin may not do that; see SLUICE_PUBLIC_URL' });
const badRequest = () => jsonResponse(400, { code: 'BAD_REQUEST', message: 'send email and password as JSON' });
// One answer for an unknown account, a wrong password and a disabled account.
const refused = () => jsonResponse(401, { code: 'UNAUTHORIZED', message: 'email or password is wrong' });
function tooMany(retryAfterSeconds: number): Response {
  const response = jsonResponse(429, { code: 'TOO_MANY_REQUESTS', message: 'too many attempts; wait a while and try again' });
  response.headers.set('retry-after', String(retryAfterSeconds));
  return response;
}

export interface AuthEndpoints {
  readonly installation: Installation;
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
  if (path === 'sign-out') return signOut(on, request, address, requestId);
  return currentSession(on, request);
}

/** A request of our own to better-auth, with nothing of the client's but its cookie. */
function toAuth(on: AuthEndpoints, path: string, request: Request, address: string, body?: object): Promise<Response> {
  const { publicUrl } = on.installation;
  const headers = new Headers({ [peerHeader]: address, origin: new URL(publicUrl).origin });
  const cookie = request.headers.get('cookie');
  if (cookie !== null) headers.set('cookie', cookie);
  const agent = request.headers.get('user-agent');
  if (agent !== null) headers.set('user-agent', agent.slice(0, 300));
  if (body) headers.set('content-type', 'application/json');
  return on.auth.handler(
    new Request(new URL(`${authPrefix}${path}`, publicUrl), { method: exposedPaths[path], headers, body: body && JSON.stringify(body) }),
  );
}

async function signIn(on: AuthEndpoints, request: Request, address: string, requestId: string): Promise<Response> {
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? '')) return badRequest();
  const text = await readBoundedText(request, maxBodyBytes);
  const parsed = signInBody.safeParse(text === null ? null : parseJson(text));
  if (!parsed.success) return badRequest();
  const { email } = parsed.data;
  const { log } = on.installation;
  const retryAfterSeconds = await on.limit.admit(email, address);
  if (retryAfterSeconds > 0) {
    log.warn({ requestId, address }, 'sign-in refused: too many attempts');
    return tooMany(retryAfterSeconds);
  }
  const answer = await toAuth(on, 'sign-in/email', request, address, parsed.data);
  if (!answer.ok) {
    log.warn({ requestId, address, status: answer.status }, 'sign-in refused');
    return answer.status >= 500 ? jsonResponse(500, { code: 'INTERNAL_SERVER_ERROR', message: 'internal error' }) : refused();
  }
  await on.limit.succeeded(email, address);
  const cookies = answer.headers.getSetCookie();
  const actor = await on.sessions.actorOf(asRequestCookies(cookies));
  if (!actor) return refused();
  await noteInAudit(on, actor, 'session.signIn', address, requestId);
  return withCookies(jsonResponse(200, { user: describe(actor) }), cookies);
}

async function signOut(on: AuthEndpoints, request: Request, address: string, requestId: string): Promise<Response> {
  const actor = await on.sessions.actorOf(request.headers);
  const answer = await toAuth(on, 'sign-out', request, address, {});
  if (!answer.ok) return jsonResponse(500, { code: 'INTERNAL_SERVER_ERROR', message: 'internal error' });
  if (actor) await noteInAudit(on, actor, 'session.signOut', address, requestId);
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
async function noteInAudit(on: AuthEndpoints, actor: Actor, action: string, address: string, requestId: string): Promise<void> {
  await inScope(on.installation, { actor, requestId, address, audit: 'entry' }, (scope) =>
    scope.audit({
      action,
      target: `user:${actor.id}`,
      reason: action === 'session.signIn' ? 'signed in' : 'signed out',
      tenantId: actor.tenantId,
    }),
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
