// The only way to make a procedure: `guarded(access)` first, so that one without declared access does not compile. Authorization comes
// before input parsing; then the transaction is opened, the input parsed, one use case called, the output parsed, and only then
// committed. Errors leave here coded and generic; the exact ones go to the log with the request id.
import { initTRPC, TRPCError } from '@trpc/server';
import { Prisma } from '@sluice/db';
import { ZodError } from 'zod';
import { decide, type Access } from './access.ts';
import { systemActor, type Actor } from './actor.ts';
import type { Installation } from './installation.ts';
import { Refusal } from './refusal.ts';
import { inScope } from './scope.ts';

export interface ControlContext {
  readonly installation: Installation;
  readonly requestId: string;
  /** Peer address as the front door saw it; null for calls from inside the process. */
  readonly address: string | null;
  readonly actor: Actor | null;
  /** Asks again who this is; null once the session has ended. For streams, which outlive a session. */
  readonly recheck: () => Promise<Actor | null>;
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
      data: { code: shape.data.code, httpStatus: shape.data.httpStatus, path: shape.data.path, requestId: ctx?.requestId ?? null },
    }),
  });

export const router = t.router;

/** What is said to the caller. An unforeseen error may hold anything, so its own text stays in the log. */
function publicMessage(error: TRPCError, requestId: string | undefined): string {
  if (error.code === 'INTERNAL_SERVER_ERROR') return `internal error; the log has it under request ${requestId ?? 'unknown'}`;
  if (error.cause instanceof ZodError) {
    return error.cause.issues
      .map((issue) => (issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message))
      .join('; ');
  }
  return error.message;
}

/** Two requests raced for one name, or one removed what the other refers to: the constraint of the database decides. */
const conflicts: Readonly<Record<string, string>> = {
  P2002: 'another entity already has this name or address',
  P2003: 'something it refers to no longer exists',
  P2034: 'another change was made at the same time; try again',
};

function coded(error: TRPCError): TRPCError {
  const { cause } = error;
  if (cause instanceof Refusal) return new TRPCError({ code: cause.code, message: cause.message });
  if (cause instanceof Prisma.PrismaClientKnownRequestError) {
    const message = conflicts[cause.code];
    if (message !== undefined) return new TRPCError({ code: 'CONFLICT', message });
  }
  return error;
}

/** The actor that the use case runs as, or the refusal. A public procedure acts for the installation, under the system's name. */
function authorized(access: Access, actor: Actor | null): Actor {
  const verdict = decide(access, actor);
  if (verdict === 'FORBIDDEN') throw new TRPCError({ code: verdict, message: 'your role does not allow this' });
  if (verdict === 'NOT_FOUND') throw new TRPCError({ code: verdict, message: 'not found' });
  if (verdict === 'allowed' && access.role === 'public') return systemActor;
  if (verdict === 'allowed' && actor !== null) return actor;
  throw new TRPCError({ code: 'UNAUTHORIZED', message: 'sign in first' });
}

/** A query or mutation: the resolver gets `ctx.scope`. */
export function guarded(access: Access) {
  return t.procedure.meta(access).use(async ({ ctx, next }) => {
    const actor = authorized(access, ctx.actor);
    const options = { actor, requestId: ctx.requestId, address: ctx.address, audit: access.audit };
    try {
      return await inScope(ctx.installation, options, async (scope) => {
        const result = await next({ ctx: { scope } });
        if (!result.ok) throw coded(result.error);
        return result;
      });
    } catch (error) {
      throw error instanceof TRPCError ? error : coded(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: error }));
    }
  });
}

/** A subscription holds no transaction; it opens short ones through `inScope`. */
export function guardedStream(access: Access) {
  return t.procedure.meta(access).use(({ ctx, next }) => {
    return next({ ctx: { actor: authorized(access, ctx.actor) } });
  });
}
