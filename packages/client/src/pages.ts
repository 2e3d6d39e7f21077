// All items of a list that comes in pages, one page at a time.

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/**
 * `for await (const row of pagesOf((cursor) => client.audit.list.query({ cursor })))`. The next page is asked for when the last one has
 * been read to its end. A server that gives the same cursor twice ends it with an error rather than never.
 */
export async function* pagesOf<T>(page: (cursor: string | undefined) => Promise<Page<T>>): AsyncGenerator<T, void> {
  let cursor: string | undefined;
  for (;;) {
    const { items, nextCursor } = await page(cursor);
    yield* items;
    if (nextCursor === null) return;
    if (nextCursor === cursor) throw new Error('the list does not go on: the same cursor came twice');
    cursor = nextCursor;
  }
}

/** Rows of one part of a list in order. The server gives no more at once. */
const partSize = 5_000;

/** All of a list that comes in parts: `everyPart((part) => client.sources.list.query(part), ({ name }) => name)`. `keyOf`: what it is ordered by. */
export async function everyPart<T>(
  fetchPart: (part: { after?: string; limit: number }) => Promise<readonly T[]>,
  keyOf: (row: T) => string,
): Promise<T[]> {
  const rows: T[] = [];
  for (let after: string | undefined; ;) {
    const part = await fetchPart({ limit: partSize, ...(after !== undefined && { after }) });
    rows.push(...part);
    const last = part.at(-1);
    if (last === undefined || part.length < partSize) return rows;
    if (keyOf(last) === after) throw new Error('the list does not go on: the same part came twice');
    after = keyOf(last);
  }
}
