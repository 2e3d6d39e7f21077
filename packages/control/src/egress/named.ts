// What the `where` of a limit or of a settings rule names must exist, so that a typing error is not a rule that never matches; and what
// operators call the things that it names by id.
import { domainName, type LimitDimension } from '@sluice/contract';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';

type Where = { readonly [dimension in LimitDimension]?: string | undefined };
type Named = { name: string } | null;

const isUuid = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

function lookupsOf({ db }: Pick<Scope, 'db'>): { [dimension: string]: (value: string) => Promise<Named> } {
  return {
    source: (id) => db.egressSource.findUnique({ where: { id } }),
    pool: (id) => db.ipPool.findUnique({ where: { id } }),
    tenant: (id) => db.tenant.findUnique({ where: { id } }),
    stream: (id) => db.stream.findUnique({ where: { id } }),
  };
}

/** Refuses the first thing that is not there, or not for this actor to see. */
export async function assertNamesExist(scope: Pick<Scope, 'db'>, where: Where): Promise<void> {
  const lookups = lookupsOf(scope);
  for (const [dimension, value] of Object.entries(where)) {
    if (value === undefined) continue;
    const lookup = lookups[dimension];
    if (lookup) found(isUuid(value) ? await lookup(value) : null, `where.${dimension}: ${dimension} ${value}`);
    if (dimension === 'domain' && !domainName.safeParse(value).success) {
      throw new Refusal('BAD_REQUEST', `where.domain: ${value} is not a domain name in lower case A-labels`);
    }
    if (dimension === 'provider') found(await scope.db.provider.findUnique({ where: { key: value } }), `where.provider: provider ${value}`);
  }
}

const namesStatement = Object.entries({ source: 'egress_source', pool: 'ip_pool', tenant: 'tenant', stream: 'stream' }).map(
  ([dimension, table], at) => ({
    dimension: dimension as LimitDimension,
    select: `select id::text as id, name from ${table} where id = any($${at + 1}::text[]::uuid[])`,
  }),
);

/** Id -> name of everything that these matches name by id. */
export async function namesIn({ sql }: Pick<Scope, 'sql'>, wheres: readonly Where[]): Promise<Map<string, string>> {
  const asked = namesStatement.map(({ dimension }) => [...new Set(wheres.flatMap((where) => where[dimension] ?? []).filter(isUuid))]);
  if (asked.every((ids) => ids.length === 0)) return new Map();
  const rows = await sql.query<{ id: string; name: string }>(namesStatement.map(({ select }) => select).join(' union all '), asked);
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Dimension -> name, for those that are named by id, out of what `namesIn` found. */
export function namesFor(where: Where, names: ReadonlyMap<string, string>): { [dimension: string]: string } {
  return Object.fromEntries(
    Object.entries(where).flatMap(([dimension, value]) => {
      const name = names.get(value);
      return name === undefined ? [] : [[dimension, name]];
    }),
  );
}

/** The same of one match. */
export const namesOf = async (scope: Pick<Scope, 'sql'>, where: Where): Promise<{ [dimension: string]: string }> =>
  namesFor(where, await namesIn(scope, [where]));
