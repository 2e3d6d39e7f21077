// Parts of long lists, in order of a key that names one thing: what a part asks of the database, and reading on past rows that the actor
// may not see.
import type { z } from 'zod';
import type { partOfList, partOrNamed } from '@sluice/contract/api';
import type { Sql } from '@sluice/plane/console';

export type ListPart = z.output<typeof partOfList>;
export type PartOrNamed = z.output<typeof partOrNamed>;

/** Of the key's field: those after the one that the part before ended with. */
export const afterKey = (after: string | undefined): { gt: string } | undefined => (after === undefined ? undefined : { gt: after });

/** Rows in which one of the fields has the text; all where nothing is searched. */
export function havingText<Field extends string>(search: string | undefined, ...fields: readonly Field[]) {
  if (search === undefined) return {};
  return { OR: fields.map((field) => ({ [field]: containing(search) })) };
}

/** The text as it stands: the database would take `%` and `_` for any. */
const containing = (search: string) => ({ contains: literally(search), mode: 'insensitive' as const });
const literally = (search: string): string => search.replace(/[\\%_]/g, '\\$&');

/** A list as one statement: `rows` is a select with its from, the rest are columns of that; `only` are columns that hold that id, or one of those. */
export interface ListStatement {
  readonly rows: string;
  readonly key: string;
  readonly keyType: 'text' | 'uuid';
  readonly searched: readonly string[];
  readonly only?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** A further condition, without values. */
  readonly where?: string;
}

/** For lists that are asked for all the time: one statement, which the connection keeps prepared, and nothing between it and the rows. */
export function readPart<Row>(sql: Sql, list: ListStatement, { after, limit, search }: ListPart): Promise<Row[]> {
  const values: unknown[] = [];
  const value = (given: string): string => `$${values.push(given)}::text`;
  const conditions = Object.entries(list.only ?? {}).flatMap(([column, wanted]) => {
    if (wanted === undefined) return [];
    return typeof wanted === 'string'
      ? [`${column} = ${value(wanted)}::uuid`]
      : [`${column} = any($${values.push([...wanted])}::text[]::uuid[])`];
  });
  if (after !== undefined) conditions.push(`${list.key} > ${value(after)}::${list.keyType}`);
  if (search !== undefined) {
    const pattern = value(`%${literally(search)}%`);
    conditions.push(`(${list.searched.map((column) => `${column} ilike ${pattern}`).join(' or ')})`);
  }
  if (list.where !== undefined) conditions.push(list.where);
  const where = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
  // The bound stands in the text: as a value it would be unknown to whoever plans.
  return sql.query<Row>(`${list.rows}${where} order by ${list.key} limit ${Math.trunc(limit)}`, values);
}

/** As many rows as the part asks for that `visible` lets through: reads on until there are so many or none is left. */
export async function visiblePart<Row>(
  { after, limit }: Pick<ListPart, 'after' | 'limit'>,
  read: (after: string | undefined, take: number) => Promise<Row[]>,
  keyOf: (row: Row) => string,
  visible: (row: Row) => boolean,
): Promise<Row[]> {
  const part: Row[] = [];
  for (let from = after; ;) {
    const rows = await read(from, limit);
    for (const row of rows) if (part.length < limit && visible(row)) part.push(row);
    const last = rows.at(-1);
    if (rows.length < limit || part.length === limit || last === undefined) return part;
    from = keyOf(last);
  }
}
