// The configuration as it was: entities of one kind page by page, what changed between two revisions, and names. All read the feed, under
// the tenant of the caller's transaction: a tenant-bound actor meets its own entities only.
import { json, type Sql } from './sql.ts';

export type EntityAt = { kind: string; id: string; tenantId: string | null; body: unknown };
export type EntityChange = { kind: string; id: string; tenantId: string | null; before: unknown; after: unknown };
export type EntityName = { kind: string; id: string; name: string | null; slug: string | null; tenantId: string | null };

/** Entities of a kind as of a revision, in order of ids, deleted ones left out. `after`: only ids past it. */
export async function entitiesAt(
  sql: Sql,
  { kind, revision, after, limit }: { kind: string; revision: number; after: string | null; limit: number },
): Promise<{ entities: EntityAt[]; last: string | null }> {
  const rows = await sql.query<EntityAt>(
    `select distinct on (id) kind, id::text as id, tenant_id::text as "tenantId", body from config_entity
      where kind = $1::text and revision <= $2::int and ($3::uuid is null or id > $3::uuid) order by id, revision desc limit $4::int`,
    [kind, revision, after, limit],
  );
  const last = rows.length === limit ? (rows.at(-1)?.id ?? null) : null;
  return { entities: rows.filter(({ body }) => body !== null), last };
}

/** One entity as of a revision; null when there is none. */
export async function entityAt(sql: Sql, { kind, id, revision }: { kind: string; id: string; revision: number }): Promise<EntityAt | null> {
  const [row] = await sql.query<EntityAt>(
    `select kind, id::text as id, tenant_id::text as "tenantId", body from config_entity
      where kind = $1::text and id = $2::uuid and revision <= $3::int order by revision desc limit 1`,
    [kind, id, revision],
  );
  return row && row.body !== null ? row : null;
}

/** Entities whose bodies differ between two revisions, by kind and id; at most `limit`. */
export async function entityChanges(sql: Sql, { from, to, limit }: { from: number; to: number; limit: number }): Promise<EntityChange[]> {
  const [low, high] = from <= to ? [from, to] : [to, from];
  return sql.query<EntityChange>(
    `select t.kind, t.id::text as id, b.tenant_id::text as "tenantId", a.body as before, b.body as after
       from (select distinct kind, id from config_entity where revision > $3::int and revision <= $4::int) t
       left join lateral (select body from config_entity e where e.kind = t.kind and e.id = t.id and e.revision <= $1::int order by revision desc limit 1) a on true
       left join lateral (select body from config_entity e where e.kind = t.kind and e.id = t.id and e.revision <= $2::int order by revision desc limit 1) c on true
       cross join lateral (select tenant_id, c.body from config_entity e where e.kind = t.kind and e.id = t.id order by revision desc limit 1) b
      where a.body is distinct from b.body
      order by t.kind, t.id limit $5::int`,
    [from, to, low, high, limit],
  );
}

/** What entities were called last before or at a revision, deleted ones too. */
export async function entityNames(sql: Sql, wanted: readonly { kind: string; id: string }[], revision: number): Promise<EntityName[]> {
  return sql.query<EntityName>(
    `select w.kind, w.id::text as id, e.body ->> 'name' as name, e.body ->> 'slug' as slug, e.body ->> 'tenantId' as "tenantId"
       from jsonb_to_recordset($1::jsonb) as w(kind text, id uuid)
       cross join lateral (select body from config_entity e where e.kind = w.kind and e.id = w.id and e.revision <= $2::int and body is not null
                            order by e.revision desc limit 1) e`,
    [json(wanted), revision],
  );
}

/** The newest revision's number and content root. */
export async function configHead(sql: Sql): Promise<{ number: number; contentRoot: string }> {
  const [head] = await sql.query<{ number: number; contentRoot: string }>(
    `select number, content_root as "contentRoot" from config_head where id = 1`,
    [],
  );
  if (!head) throw new Error('the configuration has no head');
  return head;
}

/** The secrets of these ids that are here, and what each belongs to. */
export async function secretOwners(sql: Sql, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await sql.query<{ id: string; aad: string }>(
    `select id::text as id, aad from secret where not deleted and id in (select (value)::uuid from jsonb_array_elements_text($1::jsonb))`,
    [json(ids)],
  );
  return new Map(rows.map(({ id, aad }) => [id, aad]));
}
