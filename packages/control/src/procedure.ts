// The only way to make a procedure: `guarded(access)` first, so that one without declared access does not compile.
import { initTRPC, TRPCError } from '@trpc/server';
import { decide, type Access } from './access.ts';
import type { Actor } from './actor.ts';

export interface ControlContext {
  readonly requestId: string;
  readonly address: string | null;
  readonly actor: Actor | null;
}

const t = initTRPC.context<ControlContext>().meta<Access>().create({ isServer: true });

export const router = t.router;

export function guarded(access: Access) {
  return t.procedure.meta(access).use(({ ctx, next }) => {
    const verdict = decide(access, ctx.actor);
    if (verdict !== 'allowed') throw new TRPCError({ code: verdict });
    return next();
  });
}
