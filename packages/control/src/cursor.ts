// Cursors of keyset pages whose key is one number. Opaque to clients; one that is not ours starts at the beginning.
const form = /^\d{1,15}$/;

export function readCursor(cursor: string | undefined): number | undefined {
  return cursor !== undefined && form.test(cursor) ? Number(cursor) : undefined;
}

/** Cuts a list read with `limit + 1` to the page, and says where the next begins. */
export function page<T>(rows: readonly T[], limit: number, key: (row: T) => number | bigint): { items: T[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? String(key(last)) : null };
}
