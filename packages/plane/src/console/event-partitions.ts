// Upkeep of the event table: a partition for every day to come, and the old ones gone.
import type { Sql } from './sql.ts';

/** How many were made. */
export async function ensureEventPartitions(sql: Sql, daysAhead: number): Promise<number> {
  const [row] = await sql.query<{ made: number }>(`select sluice_event_partitions_ensure($1::int) as made`, [daysAhead]);
  return row?.made ?? 0;
}

/** How many were dropped: those of days that ended more than `keepDays` days ago. */
export async function dropEventPartitions(sql: Sql, keepDays: number): Promise<number> {
  const [row] = await sql.query<{ dropped: number }>(`select sluice_event_partitions_drop($1::int) as dropped`, [keepDays]);
  return row?.dropped ?? 0;
}
