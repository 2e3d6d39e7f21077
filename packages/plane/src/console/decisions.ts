// What engines decided by themselves, newest first.
import type { Decision } from '@sluice/contract';
import type { Sql } from './sql.ts';

export type DecisionRow = Omit<Decision, 'at'> & { at: Date; seq: number };
export type DecisionFilter = {
  kind: string | null;
  alert: boolean | null;
  planId: string | null;
  since: Date | null;
  before: number | undefined;
  limit: number;
};

export function decisions(sql: Sql, { kind, alert, planId, since, before, limit }: DecisionFilter): Promise<DecisionRow[]> {
  return sql.query<DecisionRow>(
    `select id::text as id, seq::float8 as seq, at, node, kind, action, subject, sentence, alert, rule_id::text as "ruleId",
            plan_id::text as "planId"
       from decision
      where ($1::text is null or kind = $1::text) and ($2::bool is null or alert = $2::bool)
        and ($3::text is null or at >= $3::text::timestamptz) and ($4::float8 is null or seq < $4::float8)
        and ($6::text is null or plan_id = $6::text::uuid)
      order by seq desc limit $5::int`,
    [kind, alert, since?.toISOString() ?? null, before ?? null, limit, planId],
  );
}
