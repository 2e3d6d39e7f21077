// The audit record, read: searched, page by page; exported, oldest first; and as the links of its chain. A tenant-bound actor meets only
// its own tenant's entries: row-level security decides.
import type { AuditHead, AuditLink } from '@sluice/contract';
import type { Sql } from './sql.ts';

export type AuditRow = {
  seq: number;
  id: string;
  at: string;
  actorKind: string;
  actor: string;
  action: string;
  target: string;
  tenantId: string | null;
  reason: string;
  before: unknown;
  after: unknown;
  requestId: string;
  address: string | null;
  revision: number | null;
  hash: string;
};

/** Everything given must fit; `action` and `target` are beginnings, `text` is anywhere. */
export type AuditWanted = {
  actor?: string | undefined;
  actorKind?: string | undefined;
  action?: string | undefined;
  target?: string | undefined;
  tenantId?: string | undefined;
  requestId?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  text?: string | undefined;
};

/** Entries that one search by text looks at; the page after it goes on from there. */
const textWindow = 20_000;

const stamp = `to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const msOf = (time: string | undefined): number | null => (time === undefined ? null : Date.parse(time));

/** Rows in one direction from a cursor, and the number from which the next page goes on; null at the end. */
export async function auditPage(
  sql: Sql,
  wanted: AuditWanted,
  { cursor, limit, oldestFirst = false }: { cursor: number | undefined; limit: number; oldestFirst?: boolean },
): Promise<{ rows: AuditRow[]; next: number | null }> {
  const { actor, actorKind, action, target, tenantId, requestId, from, to, text } = wanted;
  const [order, past, furthest] = oldestFirst ? ['asc', '>', 'max'] : ['desc', '<', 'min'];
  const window = text === undefined ? limit + 1 : textWindow;
  const [found] = await sql.query<{ looked: number; furthest: number | null; rows: AuditRow[] }>(
    `with looked as materialized (
       select * from audit_entry
        where ($1::bigint is null or seq ${past} $1::bigint)
          and ($2::text is null or actor = $2::text) and ($3::text is null or actor_kind = $3::text)
          and ($4::text is null or starts_with(action, $4::text)) and ($5::text is null or starts_with(target, $5::text))
          and ($6::text is null or tenant_id = $6::text::uuid) and ($7::text is null or request_id = $7::text)
          and ($8::float8 is null or at >= to_timestamp($8::float8 / 1000)) and ($9::float8 is null or at < to_timestamp($9::float8 / 1000))
        order by seq ${order} limit $11::int),
     hit as (
       select seq, id, ${stamp} as at, actor_kind as "actorKind", actor, action, target, tenant_id as "tenantId", reason, before, after,
              request_id as "requestId", address, revision, hash
         from looked
        where $10::text is null
           or strpos(lower(concat_ws(' ', actor, action, target, reason, before::text, after::text)), lower($10::text)) > 0
        order by seq ${order} limit $12::int)
     select (select count(*)::int from looked) as looked, (select ${furthest}(seq)::float8 from looked) as furthest,
            coalesce((select jsonb_agg(to_jsonb(hit) order by seq ${order}) from hit), '[]'::jsonb) as rows`,
    [
      ...[cursor ?? null, actor ?? null, actorKind ?? null, action ?? null, target ?? null, tenantId ?? null, requestId ?? null],
      ...[msOf(from), msOf(to), text ?? null, window, limit + 1],
    ],
  );
  const { looked, rows } = found ?? { looked: 0, rows: [] };
  if (rows.length > limit) return { rows: rows.slice(0, limit), next: rows[limit - 1]?.seq ?? null };
  return { rows, next: text !== undefined && looked === window ? (found?.furthest ?? null) : null };
}

/** The chain after `after`, and the head of the same moment. Meant for an actor who sees every tenant. */
export async function auditLinks(sql: Sql, after: number, limit: number): Promise<{ head: AuditHead; links: AuditLink[] }> {
  const [found] = await sql.query<{ seq: number; hash: string; links: AuditLink[] }>(
    `with link as (
       select seq, prev_hash as "prevHash", hash, id::text as id, ${stamp} as at, actor_kind as "actorKind", actor, action, target,
              tenant_id::text as "tenantId", reason, before::text as before, after::text as after, request_id as "requestId", address, revision
         from audit_entry where seq > $1::bigint order by seq limit $2::int)
     select h.seq::float8 as seq, h.hash, coalesce((select jsonb_agg(to_jsonb(link) order by seq) from link), '[]'::jsonb) as links
       from audit_head h where h.id = 1`,
    [after, limit],
  );
  if (!found) throw new Error('the audit record has no head');
  return { head: { seq: found.seq, hash: found.hash }, links: found.links };
}

export type AuditAnchorRow = { node: string; at: Date; seq: number; agrees: boolean };

export function auditAnchors(sql: Sql): Promise<AuditAnchorRow[]> {
  return sql.query<AuditAnchorRow>(`select node, at, seq::float8 as seq, agrees from audit_anchor order by node limit 1000`, []);
}
