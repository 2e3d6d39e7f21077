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
