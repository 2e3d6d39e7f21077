// What the migrations promise on a real server: they agree with the schema, two migrators do not get in each other's way, and a migrator
// killed in the middle leaves nothing behind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { expect, test } from 'vitest';
import { createClient, migrate, MigrationError, Prisma, readMigrations, type Migration } from './index.ts';
import { testDatabase } from './testing/index.ts';

async function ask<T extends pg.QueryResultRow>(url: string, text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

const migration = (name: string, sql: string, checksum = name): Migration => ({ name, sql, checksum });

test('every model of the schema is readable after migrating an empty database', async () => {
  const { ownerUrl } = await testDatabase('empty');
  await migrate(ownerUrl);
  const client = createClient(ownerUrl, { tenant: '*' });
  const models = Object.values(Prisma.ModelName);
  expect(models.length).toBeGreaterThan(25);
  for (const model of models) {
    const delegate: unknown = client[(model[0] ?? '').toLowerCase().concat(model.slice(1)) as keyof typeof client];
    if (delegate === null || typeof delegate !== 'object' || !('findMany' in delegate) || typeof delegate.findMany !== 'function')
      throw new Error(`no delegate for ${model}`);
    expect(await delegate.findMany({ take: 1 }), model).toBeInstanceOf(Array);
  }
  await client.$disconnect();
});

test('every column of the database is in the schema, with the same nullability', async () => {
  const { ownerUrl } = await testDatabase();
  const columns = await ask<{ name: string; nullable: boolean }>(
    ownerUrl,
    `select table_name || '.' || column_name as name, is_nullable = 'YES' as nullable from information_schema.columns
      where table_schema = 'public' and table_name <> '_prisma_migrations' and table_name !~ '^delivery_event_'`,
  );
  const client = createClient(ownerUrl);
  const declared = new Map<string, boolean>();
  const { models } = JSON.parse(JSON.stringify(Reflect.get(client, '_runtimeDataModel'))) as {
    models: Record<string, { dbName: string; fields: { kind: string; name: string; dbName?: string }[] }>;
  };
  for (const model of Object.values(models))
    for (const field of model.fields) if (field.kind !== 'object') declared.set(`${model.dbName}.${field.dbName ?? field.name}`, true);
  await client.$disconnect();
  expect([...declared.keys()].sort()).toEqual(columns.map((column) => column.name).sort());
});

test('migrating again applies nothing', async () => {
  const { ownerUrl } = await testDatabase();
  expect(await migrate(ownerUrl)).toEqual([]);
});

test('of two migrators at once, one applies and the other finds it done', async () => {
  const { ownerUrl } = await testDatabase('empty');
  const results = await Promise.all([migrate(ownerUrl), migrate(ownerUrl), migrate(ownerUrl)]);
  const names = (await readMigrations()).map(({ name }) => name);
  expect(results.flat().sort()).toEqual(names.sort());
});

test('a migration that fails is undone whole, and the next start applies the mended one', async () => {
  const { ownerUrl } = await testDatabase('empty');
  const first = migration('1_good', 'create table good (a int)');
  await expect(migrate(ownerUrl, [first, migration('2_bad', 'create table half (a int); select 1/0')])).rejects.toThrow(
    'migration 2_bad failed and was undone: division by zero',
  );
  expect(await ask(ownerUrl, `select to_regclass('half') as t`)).toEqual([{ t: null }]);
  expect(await migrate(ownerUrl, [first, migration('2_bad', 'create table half (a int)', 'mended')])).toEqual(['2_bad']);
});

test('a migrator killed in the middle of a migration leaves a state from which the next start recovers', async () => {
  const { ownerUrl } = await testDatabase('empty');
  const slow = migration('1_slow', 'create table slow (a int); select pg_sleep(60)');
  const script = `const { migrate } = await import(${JSON.stringify(fileURLToPath(new URL('./migrate.ts', import.meta.url)))}); await migrate(${JSON.stringify(ownerUrl)}, [${JSON.stringify(slow)}]);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
  const sleeping = `select count(*)::int as n from pg_stat_activity where datname = current_database() and query like '%pg_sleep(60)%' and pid <> pg_backend_pid()`;
  await expect.poll(async () => (await ask<{ n: number }>(ownerUrl, sleeping))[0]?.n, { timeout: 10_000 }).toBe(1);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await migrate(ownerUrl, [migration('1_slow', 'create table slow (a int)')])).toEqual(['1_slow']);
});

test('a migration changed after it was applied is refused', async () => {
  const { ownerUrl } = await testDatabase('empty');
  await migrate(ownerUrl, [migration('1_a', 'select 1')]);
  await expect(migrate(ownerUrl, [migration('1_a', 'select 2', 'other')])).rejects.toThrow(MigrationError);
});

test('a database newer than the program is refused', async () => {
  const { ownerUrl } = await testDatabase('empty');
  await migrate(ownerUrl, [migration('1_a', 'select 1'), migration('2_b', 'select 1')]);
  await expect(migrate(ownerUrl, [migration('1_a', 'select 1')])).rejects.toThrow('newer than this program');
});
