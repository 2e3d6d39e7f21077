// Parts of long lists, in order of a key that names one thing: what a part asks of the database, and reading on past rows that the actor
// may not see.
import type { z } from 'zod';
import type { partOfList } from '@sluice/contract/api';

export type ListPart = z.output<typeof partOfList>;

/** Of the key's field: those after the one that the part before ended with. */
export const afterKey = (after: string | undefined): { gt: string } | undefined => (after === undefined ? undefined : { gt: after });

/** Rows in which one of the fields has the text; all where nothing is searched. */
export function havingText<Field extends string>(search: string | undefined, ...fields: readonly Field[]) {
  if (search === undefined) return {};
  return { OR: fields.map((field) => ({ [field]: containing(search) })) };
}

/** The text as it stands: the database would take `%` and `_` for any. */
export const containing = (search: string) => ({ contains: search.replace(/[\\%_]/g, '\\$&'), mode: 'insensitive' as const });

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
