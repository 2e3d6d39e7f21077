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

/** Id -> name of everything that these matches name by id; a query for each kind of thing. */
export async function namesIn({ db }: Pick<Scope, 'db'>, wheres: readonly Where[]): Promise<Map<string, string>> {
  const asked = (dimension: LimitDimension) => {
    const ids = wheres.flatMap((where) => where[dimension] ?? []).filter(isUuid);
    return { where: { id: { in: [...new Set(ids)] } }, select: { id: true, name: true } as const };
  };
  const rows = [
    await db.egressSource.findMany(asked('source')),
    await db.ipPool.findMany(asked('pool')),
    await db.tenant.findMany(asked('tenant')),
    await db.stream.findMany(asked('stream')),
  ].flat();
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
export const namesOf = async (scope: Pick<Scope, 'db'>, where: Where): Promise<{ [dimension: string]: string }> =>
  namesFor(where, await namesIn(scope, [where]));
