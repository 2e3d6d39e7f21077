// The procedures of the router with all that describes them: declaration, input and output. The document, the tests over all schemas and
// the fuzz of the API read them here.
import type { AnyTRPCRouter } from '@trpc/server';
import type { z } from 'zod';
import { proceduresOf, type ProcedureAccess } from '../callable.ts';

export interface Operation extends ProcedureAccess {
  /** Null: declared without. */
  readonly input: z.ZodType | null;
  /** Null: declared without, as a subscription is. */
  readonly output: z.ZodType | null;
}

export function operationsOf(router: AnyTRPCRouter): Operation[] {
  const all = router._def.procedures as Record<string, { _def: { inputs: z.ZodType[]; output?: z.ZodType } }>;
  return proceduresOf(router).map((procedure) => {
    const definition = all[procedure.path]?._def;
    return { ...procedure, input: definition?.inputs.at(-1) ?? null, output: definition?.output ?? null };
  });
}

/** The scope that an API key needs, such as `sources:write`; null where anyone may call. */
export function scopeOf({ path, access }: ProcedureAccess): string | null {
  return access.role === 'public' ? null : `${path.split('.', 1)[0]}:${access.verb}`;
}
