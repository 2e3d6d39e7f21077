// Outcomes of each egress source over the last hour, by whole minutes and the current one.
import type { Sql } from './sql.ts';

export type SourceTotals = { sourceId: string; delivered: number; deferred: number; bounced: number };

export function sourceTotals(sql: Sql): Promise<SourceTotals[]> {
  const count = (type: string) => `coalesce(sum(count) filter (where type = '${type}'), 0)::float8 as ${type}`;
  return sql.query<SourceTotals>(
    `select source_id::text as "sourceId", ${['delivered', 'deferred', 'bounced'].map(count).join(', ')}
       from rollup_minute where minute > now() - interval '60 minutes' and source_id is not null group by source_id order by source_id`,
    [],
  );
}
