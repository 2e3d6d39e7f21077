// The least that a verb needs of a database connection: a statement with values, rows back. Prisma's `$queryRawUnsafe` inside a transaction
// fits, and so does pg. The two read values differently, so statements cast: ids to text, counts to float8, nothing is void.

export interface Sql {
  query<T>(text: string, values: unknown[]): Promise<T[]>;
}

/** JSON for a parameter cast with `::jsonb`; both drivers take a string. */
export const json = (value: unknown): string => JSON.stringify(value);
