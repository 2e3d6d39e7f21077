// What becomes of the mail of some egress sources: outcomes over the last hour, by whole minutes and the current one, and the suspension in
// force that names the source and nothing else.
import { ended } from './list-commands.ts';
import type { Sql } from './sql.ts';

export type SourceStanding = {
  sourceId: string;
  lastHour: { delivered: number; deferred: number; bounced: number };
  suspension: { commandId: string; sourceId: string; reason: string; issuedBy: string; issuedAt: string; expiresAt: string } | null;
};

const counted = (type: string) => `'${type}', coalesce(sum(count) filter (where type = '${type}'), 0)`;
const stamp = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** One for each of `ids`, which are UUIDs in lower case. `now` decides which suspensions are over. */
export function sourceStanding(sql: Sql, { ids, now }: { ids: readonly string[]; now: Date }): Promise<SourceStanding[]> {
  return sql.query<SourceStanding>(
    `with suspended as (
       select distinct on (c.scope->>'source') c.scope->>'source' as source, c.*
         from engine_command c
        where c.kind = 'suspend' and c.scope->>'source' = any($1::text[]) and c.scope = jsonb_build_object('source', c.scope->>'source')
          and c.expires_at > $2::text::timestamptz and not ${ended}
        order by c.scope->>'source', c.seq desc)
     select i.id as "sourceId",
            (select jsonb_build_object(${['delivered', 'deferred', 'bounced'].map(counted).join(', ')})
               from rollup_minute where source_id = i.id::uuid and minute > now() - interval '60 minutes') as "lastHour",
            case when s.id is not null then jsonb_build_object('commandId', s.id, 'sourceId', i.id, 'reason', s.reason, 'issuedBy', s.issued_by,
              'issuedAt', ${stamp('s.issued_at')}, 'expiresAt', ${stamp('s.expires_at')}) end as suspension
       from unnest($1::text[]) i(id) left join suspended s on s.source = i.id`,
    [[...ids], now.toISOString()],
  );
}
