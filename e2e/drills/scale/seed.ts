// Very many of each kind of thing, in one revision: the rows of one that was made through the API, told apart by id, name and address. The
// content root is carried on from the bodies as they were stored, as the console itself does. Bodies and rows of selectors each have a
// sealed secret of their own; it is the sealed text of the first, which no node ever opens, since none of them signs.
import { createHash } from 'node:crypto';
import { nextContentRoot } from '@sluice/contract/content-root';
import type pg from 'pg';

export type Scale = { sources: number; selectors: number; tenants: number; rules: number };
export type Prototypes = { sourceId: string; tenantId: string; domainId: string; selectorId: string; limitId: string; settingId: string };

const readAtOnce = 10_000;

/** The n-th id of a kind in SQL: a version 4 UUID made of a hash. */
const idOf = (kind: string, n: string): string => `overlay(overlay(md5('${kind} ' || ${n}) placing '4' from 13) placing '8' from 17)::uuid`;
const address = (n: string): string => `'127.' || (64 + (${n} >> 16)) || '.' || ((${n} >> 8) & 255) || '.' || (${n} & 255)`;
const tenantOf = (tenants: number): string => idOf('tenant', `(n % ${tenants})`);

type Many = {
  kind: string;
  table: string;
  count: number;
  prototype: string;
  tenant: string;
  /** Column -> SQL, and field of the body -> SQL; `n` counts from 0. */
  columns: Record<string, string>;
  fields: Record<string, string>;
};

const pairs = (of: Record<string, string>): string =>
  Object.entries(of)
    .map(([name, sql]) => `'${name}', ${sql}`)
    .join(', ');

function everything({ sources, selectors, tenants, rules }: Scale, from: Prototypes): Many[] {
  const tenant = tenantOf(tenants);
  const named = { name: `'scale ' || n`, slug: `'scale-' || n` };
  const source = { name: `'scale source ' || n` };
  const domain = `'d' || n || '.scale.example'`;
  const byTenant = { where: `jsonb_build_object('tenant', (${tenant})::text)`, name: `'scale rule ' || n` };
  const half = Math.ceil(rules / 2);
  return [
    {
      ...{ kind: 'tenant', table: 'tenant', count: tenants, prototype: from.tenantId, tenant: idOf('tenant', 'n') },
      columns: named,
      fields: named,
    },
    {
      ...{ kind: 'source', table: 'egress_source', count: sources, prototype: from.sourceId, tenant: 'null::uuid' },
      columns: { ...source, public_address: address('n'), bind_address: address('n') },
      fields: { ...source, publicAddress: address('n'), bindAddress: address('n') },
    },
    {
      ...{ kind: 'domain', table: 'sending_domain', count: selectors, prototype: from.domainId, tenant },
      columns: { tenant_id: tenant, domain },
      fields: { tenantId: tenant, domain },
    },
    {
      ...{ kind: 'dkim_key', table: 'dkim_key', count: selectors, prototype: from.selectorId, tenant },
      columns: { tenant_id: tenant, sending_domain_id: idOf('domain', 'n'), secret_id: idOf('secret', 'n'), state: `'pending'` },
      fields: { tenantId: tenant, domain, secretId: idOf('secret', 'n'), state: `'pending'` },
    },
    {
      ...{ kind: 'limit', table: 'limit_rule', count: half, prototype: from.limitId, tenant: 'null::uuid' },
      columns: byTenant,
      fields: byTenant,
    },
    {
      ...{ kind: 'setting', table: 'setting_rule', count: rules - half, prototype: from.settingId, tenant: 'null::uuid' },
      columns: byTenant,
      fields: byTenant,
    },
  ];
}

/** Returns the revision's number and how many entities it has. The connection is the owner's. */
export async function seed(db: pg.Client, scale: Scale, from: Prototypes): Promise<{ revision: number; entities: number }> {
  await db.query(`select set_config('sluice.tenant', '*', false)`);
  await db.query('begin');
  const { rows: heads } = await db.query<{ number: number; content_root: string }>('select * from config_head where id = 1 for update');
  const [head] = heads;
  if (!head) throw new Error('the configuration has no head');
  const revision = head.number + 1;
  await db.query(
    `insert into config_revision select (jsonb_populate_record(r, jsonb_build_object('number', $1::int, 'reason', 'scale'))).* from config_revision r where number = $2`,
    [revision, head.number],
  );
  const { rows: secrets } = await db.query<{ id: string }>('select secret_id as id from dkim_key where id = $1', [from.selectorId]);
  await db.query(
    `insert into secret select (jsonb_populate_record(s, jsonb_build_object('id', ${idOf('secret', 'n')}))).*
       from secret s, generate_series(0, $1::int - 1) n where s.id = $2`,
    [scale.selectors, secrets[0]?.id],
  );
  for (const { kind, table, count, prototype, tenant, columns, fields } of everything(scale, from)) {
    await db.query(
      `insert into ${table} select (jsonb_populate_record(p, jsonb_build_object('id', ${idOf(kind, 'n')}, ${pairs(columns)}))).*
         from ${table} p, generate_series(0, $1::int - 1) n where p.id = $2`,
      [count, prototype],
    );
    await db.query(
      `insert into config_entity (kind, id, revision, tenant_id, body)
       select '${kind}', ${idOf(kind, 'n')}, $1, ${tenant}, p.body || jsonb_build_object(${pairs(fields)})
         from (select body from config_entity where kind = '${kind}' and id = $3 order by revision desc limit 1) p, generate_series(0, $2::int - 1) n`,
      [revision, count, prototype],
    );
  }
  const root = await rootOver(db, head.content_root, revision);
  await db.query('update config_revision set content_root = $1 where number = $2', [root.root, revision]);
  await db.query('update config_head set number = $1, content_root = $2 where id = 1', [revision, root.root]);
  await db.query('commit');
  await db.query('analyze');
  await db.query(`select pg_notify('sluice_config', $1)`, [String(revision)]);
  return { revision, entities: root.entities };
}

async function rootOver(db: pg.Client, before: string, revision: number): Promise<{ root: string; entities: number }> {
  await db.query(`declare made cursor for select kind, id::text as id, body from config_entity where revision = ${revision}`);
  let [root, entities] = [before, 0];
  for (;;) {
    const { rows } = await db.query<{ kind: string; id: string; body: unknown }>(`fetch ${readAtOnce} from made`);
    for (const { kind, id, body } of rows) root = nextContentRoot(root, kind, id, null, body);
    entities += rows.length;
    if (rows.length < readAtOnce) return { root, entities };
  }
}

/** As the SQL above makes it. */
export function seededId(kind: string, n: number): string {
  const hex = createHash('md5').update(`${kind} ${n}`).digest('hex');
  const text = `${hex.slice(0, 12)}4${hex.slice(13, 16)}8${hex.slice(17)}`;
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
}
