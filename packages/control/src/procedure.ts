// The only way to make a procedure: `guarded(access)` first, so that one without declared access does not compile. Authorization comes
// before input parsing; then the transaction is opened, the input parsed, one use case called, the output parsed, and only then
// committed. Errors leave here coded and generic; the exact ones go to the log with the request id.
import { initTRPC, TRPCError } from '@trpc/server';
import { middlewareMarker } from '@trpc/server/unstable-core-do-not-import';
import { decide, lacksScope, type Access } from './access.ts';
import { systemActor, type Actor } from './actor.ts';
import { scopeOf } from './api-keys/scopes.ts';
import { standingOf } from './auth/standing.ts';
import type { Installation } from './installation.ts';
import { unstorable } from './errors/storable.ts';
import { coded, publicData, publicMessage } from './errors/coded.ts';
import { callName, claim, keep, Replayed, type Idempotency } from './idempotency/once.ts';
import { Refusal, TooManyAttempts } from './refusal.ts';
import { inScope } from './scope.ts';

export interface ControlContext {
  readonly installation: Installation;
  readonly requestId: string;
  /** Peer address as the front door saw it; null for calls from inside the process. */
  readonly address: string | null;
  readonly actor: Actor | null;
  /** Asks again who this is; null once the session has ended. For streams, which outlive a session. */
  readonly recheck: () => Promise<Actor | null>;
  /** The change is to be made once; null when nobody asked for that. */
  readonly idempotency: Idempotency | null;
  /** What is said about the answer beside it. */
  readonly answered: { replayed: boolean; retryAfterSeconds: number | null };
  /** Ends streams when the server closes. */
  readonly closing: AbortSignal;
}

const keepAliveMs = 5_000;
const reconnectAfterMs = 15_000;

const t = initTRPC
  .context<ControlContext>()
  .meta<Access>()
  .create({
    isServer: true,
    isDev: false,
    sse: { ping: { enabled: true, intervalMs: keepAliveMs }, client: { reconnectAfterInactivityMs: reconnectAfterMs } },
    errorFormatter: ({ shape, error, ctx }) => ({
      code: shape.code,
      message: publicMessage(error, ctx?.requestId),
      data: publicData(error, shape.data.httpStatus, shape.data.path, ctx?.requestId),
    }),
  });

export const router = t.router;

/** The actor that the use case runs as, or the refusal. A public procedure acts for the installation, under the system's name. */
function authorized(access: Access, { actor, installation }: ControlContext, path: string): Actor {
  const verdict = decide(access, actor, path);
  if (verdict === 'FORBIDDEN') throw asTrpc(new Refusal(verdict, whyForbidden(access, actor, path), 'role'));
  if (verdict === 'NOT_FOUND') throw new TRPCError({ code: verdict, message: 'not found' });
  if (verdict === 'allowed' && access.role === 'public') return systemActor;
  if (verdict === 'allowed' && actor !== null) return inGoodStanding(access, actor, installation.now());
  throw new TRPCError({ code: 'UNAUTHORIZED', message: 'sign in first' });
}

/** Or the refusal that says what whoever is signed in has to do first. */
function inGoodStanding(access: Access, actor: Actor, now: Date): Actor {
  const standing = standingOf(access, actor, now);
  if (standing === 'good') return actor;
  if (standing === 'enrol') throw asTrpc(new Refusal('FORBIDDEN', 'your role needs a second factor; set one up first', 'enrol'));
  throw asTrpc(new Refusal('PRECONDITION_FAILED', 'confirm first that it is you', 'confirm'));
}

const asTrpc = (refusal: Refusal): TRPCError => coded(new TRPCError({ code: refusal.code, cause: refusal }));

function whyForbidden(access: Access, actor: Actor | null, path: string): string {
  if (actor === null || lacksScope(access, actor, path)) return `this key has no scope ${scopeOf(path, access.verb)}`;
  return 'your role does not allow this';
}

/** What of the request makes this call one that is made once; null for a question, and where nobody asked for it. */
function onceOf(ctx: ControlContext, access: Access, actor: Actor, path: string, type: string) {
  if (ctx.idempotency === null || type !== 'mutation' || access.role === 'public') return null;
  return { call: callName(actor, path, ctx.idempotency), idempotency: ctx.idempotency };
}

/** A query or mutation: the resolver gets `ctx.scope`. */
export function guarded(access: Access) {
  return t.procedure.meta(access).use(async ({ ctx, next, path, type, getRawInput }) => {
    const actor = authorized(access, ctx, path);
    const unkeepable = unstorable(await getRawInput());
    if (unkeepable !== null) throw asTrpc(new Refusal('BAD_REQUEST', `${unkeepable}: this text cannot be kept`, 'invalid_input'));
    const { requestId, address } = ctx;
    const options = { actor, requestId, address, audit: access.audit, reads: type === 'query' && access.audit === 'none' };
    const once = onceOf(ctx, access, actor, path, type);
    try {
      return await inScope(ctx.installation, options, async (scope) => {
        if (once) await claim(scope, once.call, once.idempotency);
        const result = await next({ ctx: { scope } });
        if (!result.ok) throw coded(result.error);
        if (once) await keep(scope, once.call, result.data);
        return result;
      });
    } catch (error) {
      if (error instanceof Replayed) {
        ctx.answered.replayed = true;
        return { ok: true, data: error.data, marker: middlewareMarker };
      }
      const refused = error instanceof TRPCError ? error : coded(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: error }));
      if (refused.cause instanceof TooManyAttempts) ctx.answered.retryAfterSeconds = refused.cause.retryAfterSeconds;
      throw refused;
    }
  });
}

/** A subscription holds no transaction; it opens short ones through `inScope`. */
export function guardedStream(access: Access) {
  return t.procedure.meta(access).use(({ ctx, next, path }) => {
    return next({ ctx: { actor: authorized(access, ctx, path) } });
  });
}
