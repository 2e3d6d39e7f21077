// Revisions, newest first, with what each changed. An actor bound to a tenant sees only those that touched the tenant, and of them only
// its own entities: row-level security on config_entity decides both.
import type { Sql } from './sql.ts';

export type RevisionRow = {
  number: number;
  at: Date;
  author: string;
  reason: string;
  contentRoot: string;
  changes: { kind: string; id: string; action: 'put' | 'delete' }[];
};

/** The first ones, out of an index: a revision can change 100,000 things. */
const maxChanges = 200;

/** `before`: only revisions with a smaller number. */
export async function revisions(sql: Sql, { before, limit }: { before?: number; limit: number }): Promise<RevisionRow[]> {
  return sql.query<RevisionRow>(
    `select r.number, r.at, r.author, r.reason, r.content_root as "contentRoot", c.changes
       from config_revision r
       cross join lateral (
         select jsonb_agg(jsonb_build_object('kind', e.kind, 'id', e.id, 'action', case when v.body is null then 'delete' else 'put' end)
                          order by e.kind, e.id) as changes
           from (select kind, id from config_entity where revision = r.number order by kind, id limit ${maxChanges}) e
           join config_entity v on v.kind = e.kind and v.id = e.id and v.revision = r.number) c
      where c.changes is not null and ($2::int is null or r.number < $2::int)
      order by r.number desc limit $1::int`,
    [limit, before ?? null],
  );
}
