// Who sees whose rows, asked of the catalog and tried as the run-time roles: a table that is added with a tenant_id and without row-level
// security fails here without anybody having to think of it.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient, runtimeRoles } from './index.ts';
import { grants, tenantColumns } from './roles.ts';
import { testDatabase, type TestDatabase } from './testing/index.ts';

let database: TestDatabase;
let owner: pg.Client;
let console_: pg.Client;
let engine: pg.Client;
let audit: pg.Client;

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}

const tenantA = randomUUID();
const tenantB = randomUUID();
const accountTables = [
  'user',
  'session',
  'account',
  'verification',
  'sign_in_attempt',
  'setup_link',
  'second_factor',
  'recovery_code',
  'invitation',
  'api_key',
  'idempotent_call',
];

/** Columns with a closed set of words. */
const words: Record<string, string> = { role: 'analyst', state: 'active', actor_kind: 'system' };

/** A row of any table, made from the catalog. Foreign keys are off while it is inserted. */
async function insertRow(table: string, tenant: string): Promise<void> {
  const { rows } = await owner.query<{ name: string; type: string }>(
    `select column_name as name, udt_name as type from information_schema.columns
      where table_schema = 'public' and table_name = $1 and (column_default is null and is_nullable = 'NO' or column_name = $2)`,
    [table, tenantColumns[table]],
  );
  const byType: Record<string, () => unknown> = {
    uuid: () => randomUUID(),
    text: () => randomUUID(),
    int4: () => 1,
    int8: () => 1,
    float8: () => 1.5,
    timestamptz: () => new Date(),
    json: () => '{}',
    jsonb: () => '{}',
    bytea: () => Buffer.from('x'),
    bool: () => true,
  };
  const valueOf = ({ name, type }: { name: string; type: string }): unknown => {
    if (name === tenantColumns[table]) return tenant;
    const make = byType[type];
    if (!make) throw new Error(`the test has no value for ${table}.${name} of type ${type}`);
    return words[name] ?? make();
  };
  const values = rows.map(valueOf);
  await owner.query(
    `insert into ${pg.escapeIdentifier(table)} (${rows.map(({ name }) => pg.escapeIdentifier(name)).join(', ')}) values (${values.map((_, at) => `$${at + 1}`).join(', ')})`,
    values,
  );
}

const countAs = async (client: pg.Client, table: string, tenant: string | null): Promise<number> => {
  await client.query('begin');
  if (tenant !== null) await client.query(`select set_config('sluice.tenant', $1, true)`, [tenant]);
  const { rows } = await client.query<{ n: number }>(`select count(*)::int as n from ${pg.escapeIdentifier(table)}`);
  await client.query('rollback');
  return rows[0]?.n ?? -1;
};

beforeAll(async () => {
  database = await testDatabase();
  [owner, console_, engine, audit] = await Promise.all([
    connect(database.ownerUrl),
    connect(database.consoleUrl),
    connect(database.engineUrl),
    connect(database.auditUrl),
  ]);
  await owner.query(`set session_replication_role = 'replica'`);
  for (const table of Object.keys(tenantColumns)) for (const tenant of [tenantA, tenantB]) await insertRow(table, tenant);
});
afterAll(async () => {
  await Promise.all([owner, console_, engine, audit].map((client) => client.end()));
});

test('every table with a tenant_id, partitions included, has row-level security on and forced', async () => {
  const { rows } = await owner.query<{ table: string; on: boolean; forced: boolean }>(
    `select c.relname as "table", c.relrowsecurity as "on", c.relforcerowsecurity as forced from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')`,
  );
  expect(rows.length).toBeGreaterThan(Object.keys(tenantColumns).length);
  expect(rows.filter((row) => !row.on || !row.forced)).toEqual([]);
  const unlisted = rows.map((row) => row.table).filter((table) => !tenantColumns[table] && !/^delivery_event_/.test(table));
  expect(unlisted).toEqual([]);
});

describe.each(Object.keys(tenantColumns))('table %s', (table) => {
  test('the console sees nothing without a tenant, its own with one, all with *', async () => {
    expect(await countAs(console_, table, null)).toBe(0);
    expect(await countAs(console_, table, '')).toBe(0);
    expect(await countAs(console_, table, 'not-a-tenant')).toBe(0);
    expect(await countAs(console_, table, tenantA)).toBe(1);
    expect(await countAs(console_, table, '*')).toBe(2);
  });

  test('nobody writes a row of another tenant', async () => {
    const column = pg.escapeIdentifier(tenantColumns[table] ?? '');
    if (!grants.console[table]?.includes('update')) {
      if (!grants.console[table]?.includes('delete')) return;
      await console_.query('begin');
      await console_.query(`select set_config('sluice.tenant', $1, true)`, [tenantA]);
      const { rows } = await console_.query(`delete from ${pg.escapeIdentifier(table)} returning ${column} as tenant`);
      await console_.query('rollback');
      return expect(rows).toEqual([{ tenant: tenantA }]);
    }
    await console_.query('begin');
    await console_.query(`select set_config('sluice.tenant', $1, true)`, [tenantA]);
    await expect(console_.query(`update ${pg.escapeIdentifier(table)} set ${column} = $1`, [tenantB])).rejects.toThrow(
      /row-level security|foreign key/,
    );
    await console_.query('rollback');
  });
});

test('the engine has no access to operator accounts nor to current state', async () => {
  for (const table of [
    ...accountTables,
    'tenant',
    'stream',
    'credential',
    'relay',
    'dkim_key',
    'sending_domain',
    'egress_source',
    'ip_pool',
    'audit_entry',
  ]) {
    await expect(engine.query(`select 1 from ${pg.escapeIdentifier(table)} limit 1`), table).rejects.toThrow('permission denied');
  }
});

test('the engine reads feeds of every tenant and cannot change them', async () => {
  expect(await countAs(engine, 'config_entity', null)).toBe(2);
  for (const table of ['config_head', 'config_revision', 'config_entity', 'secret', 'engine_command']) {
    await expect(engine.query(`delete from ${table}`), table).rejects.toThrow('permission denied');
    await expect(engine.query(`truncate ${table}`), table).rejects.toThrow('permission denied');
    await expect(engine.query(`insert into ${table} default values`), table).rejects.toThrow('permission denied');
    const { rows } = await owner.query<{ may: boolean }>(`select has_any_column_privilege($1, $2, 'update') as may`, [
      runtimeRoles.engine,
      table,
    ]);
    expect(rows, table).toEqual([{ may: false }]);
  }
});

test('the engine cannot read back or remove events', async () => {
  for (const verb of ['select 1 from', 'delete from'])
    await expect(engine.query(`${verb} delivery_event`)).rejects.toThrow('permission denied');
});

test('no run-time role updates or deletes an audit entry, a revision or an entity version', async () => {
  for (const client of [console_, engine, audit]) {
    for (const table of ['audit_entry', 'config_revision', 'config_entity']) {
      await expect(client.query(`delete from ${table}`)).rejects.toThrow('permission denied');
      await expect(client.query(`update ${table} set reason = 'x'`)).rejects.toThrow(/permission denied|does not exist/);
      await expect(client.query(`truncate ${table}`)).rejects.toThrow('permission denied');
    }
  }
});

test('the audit reader sees audit entries and no accounts', async () => {
  expect(await countAs(audit, 'audit_entry', tenantA)).toBe(1);
  for (const table of accountTables)
    await expect(audit.query(`select 1 from ${pg.escapeIdentifier(table)}`)).rejects.toThrow('permission denied');
});

test('no run-time role reaches a partition past its parent, makes tables or escapes row-level security', async () => {
  for (const client of [console_, engine, audit]) {
    await expect(client.query('select 1 from delivery_event_default')).rejects.toThrow('permission denied');
    await expect(client.query('create table mine (a int)')).rejects.toThrow('permission denied');
  }
  const { rows } = await owner.query(
    `select rolname from pg_roles where rolname = any($1) and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)`,
    [Object.values(runtimeRoles)],
  );
  expect(rows).toEqual([]);
});

test('a run-time role cannot slip a type of its own into a function that runs as the owner', async () => {
  for (const url of [database.consoleUrl, database.engineUrl]) {
    const intruder = await connect(url);
    await intruder.query(
      `create function pg_temp.seen(pg_catalog.text) returns boolean language plpgsql as $$ begin raise exception 'ran as %', current_user; end $$`,
    );
    for (const type of ['date', 'text'])
      await intruder.query(`create domain pg_temp.${type} as pg_catalog.${type} check (pg_temp.seen(value::pg_catalog.text))`);
    expect((await intruder.query('select sluice_event_partitions_ensure(8)')).rowCount).toBe(1);
    await intruder.end();
  }
  const { rows } = await owner.query<{ name: string; settings: string[] }>(
    `select proname as name, proconfig as settings from pg_proc where prosecdef and pronamespace = 'public'::regnamespace`,
  );
  expect(rows.length).toBeGreaterThan(2);
  for (const { name, settings } of rows) expect(settings, name).toContain('search_path=pg_catalog, public, pg_temp');
});

test('a Prisma client sees no tenant unless it is made for all of them, and a transaction narrows it', async () => {
  const [plain, everything] = [createClient(database.consoleUrl), createClient(database.consoleUrl, { tenant: '*' })];
  expect(await plain.user.count()).toBe(0);
  expect(await everything.user.count()).toBe(2);
  const seen = await everything.$transaction(async (tx) => {
    await tx.$queryRaw`select set_config('sluice.tenant', ${tenantA}, true)`;
    return tx.user.count();
  });
  expect(seen).toBe(1);
  expect(await everything.user.count()).toBe(2);
  await Promise.all([plain.$disconnect(), everything.$disconnect()]);
});
