// Outcomes by minute for the overview, the newest whole minutes and the current one, without gaps.
import type { Sql } from './sql.ts';

export type OutcomeMinute = {
  minute: Date;
  accepted: number;
  delivered: number;
  deferred: number;
  bounced: number;
  expired: number;
  cancelled: number;
};

export function outcomeSeries(sql: Sql, minutes: number): Promise<OutcomeMinute[]> {
  const count = (type: string) => `coalesce(sum(r.count) filter (where r.type = '${type}'), 0)::float8 as ${type}`;
  return sql.query<OutcomeMinute>(
    `select m.minute, ${['accepted', 'delivered', 'deferred', 'bounced', 'expired', 'cancelled'].map(count).join(', ')}
       from generate_series(date_trunc('minute', now()) - ($1::int - 1) * interval '1 minute', date_trunc('minute', now()), interval '1 minute') as m(minute)
       left join rollup_minute r on r.minute = m.minute
      group by m.minute order by m.minute`,
    [minutes],
  );
}
