// The access of every procedure as one readable table, made from the router itself: for docs/adr/0003 and for tests.
import type { AnyTRPCRouter } from '@trpc/server';
import { appRouter } from './router.ts';
import type { Access } from './access.ts';

export interface ProcedureAccess {
  readonly path: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly access: Access;
}

/** In the order of the router. A procedure without a declaration cannot be made, and is an error here all the same. */
export function procedures(): ProcedureAccess[] {
  const { _def: definition }: AnyTRPCRouter = appRouter;
  const all = definition.procedures as Record<string, { _def: { type: ProcedureAccess['type']; meta?: Access } }>;
  return Object.entries(all).map(([path, procedure]) => {
    const { type, meta } = procedure._def;
    if (!meta) throw new Error(`${path} declares no access`);
    return { path, type, access: meta };
  });
}

const yes = 'yes';
const no = '';

/** Markdown. */
export function accessTable(): string {
  const rows = procedures().map(({ path, type, access }) => {
    const everyone = access.roles === 'public';
    const owner = everyone || access.roles.includes('owner');
    const analyst = everyone || access.roles.includes('analyst');
    const scoped = access.tenant !== 'installation-wide';
    const cells = [everyone, analyst && scoped, owner && scoped, analyst, owner].map((allowed) => (allowed ? yes : no));
    return `| \`${path}\` | ${type} | ${cells.join(' | ')} | ${access.audit === 'entry' ? yes : no} |`;
  });
  const head = '| procedure | kind | signed out | Analyst of a tenant | Owner of a tenant | Analyst | Owner | audited |';
  return [head, '|---|---|---|---|---|---|---|---|', ...rows].join('\n');
}
