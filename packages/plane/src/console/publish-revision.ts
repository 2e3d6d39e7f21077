// One change of configuration: the head is locked first (two writers without that lock lose changes), the content root is carried forward
// from the bodies that are replaced, entity versions and revision are appended, nodes are hinted. Runs inside the caller's transaction,
// so that current-state tables and the audit entry stand or fall with it.
import { ChangingContentRoot } from '@sluice/contract/content-root';
import { channels } from '../channels.ts';
import { json, type Sql } from './sql.ts';

export type ConfigChange = {
  kind: string;
  id: string;
  /** Whose it is; null for what belongs to the installation. Never changes over the life of an entity. */
  tenantId: string | null;
  /** Null deletes the entity. */
  body: unknown;
};
export type RevisionDraft = { author: string; reason: string; requestId: string; changes: readonly ConfigChange[] };

/** The draft contradicts what is stored: a bug or an attack, never a user's slip. Rolls the transaction back. */
export class RevisionRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RevisionRefused';
  }
}

type Previous = { kind: string; id: string; tenantId: string | null; body: unknown };

const nameOf = (entity: { kind: string; id: string }) => `${entity.kind}:${entity.id}`;

/**
 * Newest bodies of the entities to be changed, whoever owns them: the sum must subtract what is there even when the actor may not see it.
 * The tenant of the transaction is put back before anything is written.
 */
async function previousBodies(sql: Sql, changes: readonly ConfigChange[]): Promise<Map<string, Previous>> {
  const [was] = await sql.query<{ tenant: string | null }>(`select current_setting('sluice.tenant', true) as tenant`, []);
  await sql.query(`select set_config('sluice.tenant', '*', true)`, []);
  const rows = await sql.query<Previous>(
    `select w.kind, w.id::text as id, e.tenant_id::text as "tenantId", e.body
       from jsonb_to_recordset($1::jsonb) as w(kind text, id uuid)
       cross join lateral (select tenant_id, body from config_entity e where e.kind = w.kind and e.id = w.id order by e.revision desc limit 1) e`,
    [json(changes.map(({ kind, id }) => ({ kind, id })))],
  );
  await sql.query(`select set_config('sluice.tenant', $1::text, true)`, [was?.tenant ?? '']);
  return new Map(rows.map((row) => [nameOf(row), row]));
}

function advance(root: string, changes: readonly ConfigChange[], previous: Map<string, Previous>): string {
  const seen = new Set<string>();
  const changing = new ChangingContentRoot(root);
  for (const change of changes) {
    const name = nameOf(change);
    if (seen.has(name)) throw new RevisionRefused(`${name} is changed twice in one revision`);
    seen.add(name);
    const before = previous.get(name);
    if (before && before.tenantId !== change.tenantId) throw new RevisionRefused(`${name} does not belong to this tenant`);
    if (change.body === null && (before?.body ?? null) === null) throw new RevisionRefused(`${name} is deleted but does not exist`);
    changing.change(change.kind, change.id, before?.body, change.body);
  }
  return changing.root;
}

/** `previous`: bodies before the change, in the order of the changes; null for what was not there. */
type Published = { number: number; contentRoot: string; previous: unknown[] };

/** Appends one revision. Ids are lower-case UUIDs. */
export async function publishRevision(sql: Sql, draft: RevisionDraft): Promise<Published> {
  if (draft.changes.length === 0) throw new RevisionRefused('a revision changes something');
  // As they will be read back: without undefined fields.
  const changes = draft.changes.map((change) => ({ ...change, body: JSON.parse(json(change.body ?? null)) as unknown }));
  const [head] = await sql.query<{ number: number; contentRoot: string }>(
    `select number, content_root as "contentRoot" from config_head where id = 1 for update`,
    [],
  );
  if (!head) throw new RevisionRefused('the configuration has no head');
  const number = head.number + 1;
  const previous = await previousBodies(sql, changes);
  const contentRoot = advance(head.contentRoot, changes, previous);
  await sql.query(
    `insert into config_revision (number, author, reason, request_id, content_root) values ($1::int, $2::text, $3::text, $4::text, $5::text) returning number`,
    [number, draft.author, draft.reason, draft.requestId, contentRoot],
  );
  // A body of JSON null arrives as SQL null: deleted.
  await sql.query(
    `insert into config_entity (kind, id, revision, tenant_id, body)
     select kind, id, $1::int, "tenantId", nullif(body, 'null'::jsonb) from jsonb_to_recordset($2::jsonb) as c(kind text, id uuid, "tenantId" uuid, body jsonb) returning revision`,
    [number, json(changes)],
  );
  await sql.query(`update config_head set number = $1::int, content_root = $2::text where id = 1 returning number`, [number, contentRoot]);
  await sql.query(`select pg_notify('${channels.config}', $1::text)::text as hint`, [String(number)]);
  return { number, contentRoot, previous: changes.map((change) => previous.get(nameOf(change))?.body ?? null) };
}
