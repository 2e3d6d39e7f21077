// Provisioning may run at every start: the second time changes nothing but the passwords.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { startTestCluster } from './testing/index.ts';
import { migrate } from './migrate.ts';
import { provision } from './provision.ts';

const snapshot = `select (select jsonb_agg(to_jsonb(p) order by p.tablename, p.policyname) from pg_policies p) as policies,
  (select jsonb_agg(array[table_name, grantee, privilege_type] order by table_name, grantee, privilege_type) from information_schema.role_table_grants where grantee like 'sluice%') as grants`;

// Roles are the cluster's: a cluster of its own, so that the other tests keep their passwords.
test('provisioning again gives the same grants and policies, and the new passwords hold', async () => {
  const { cluster, stop } = await startTestCluster();
  try {
    const url = cluster.ownerUrl.replace('/sluice_template', '/postgres');
    const owner = new pg.Client({ connectionString: url });
    await owner.connect();
    await owner.query('create database again template sluice_template');
    await owner.end();
    const again = url.replace('/postgres', '/again').replace('postgresql:/again', 'postgresql:/');
    const inside = new pg.Client({ connectionString: again });
    await inside.connect();
    const before = (await inside.query(snapshot)).rows;
    const urls = await provision(again, { console: 'new-c', engine: 'new/e?', audit: 'new a' });
    await provision(again, { console: 'new-c', engine: 'new/e?', audit: 'new a' });
    expect((await inside.query(snapshot)).rows).toEqual(before);
    await inside.end();
    for (const connectionString of Object.values(urls)) {
      const client = new pg.Client({ connectionString });
      await client.connect();
      await client.end();
    }
    const old = new pg.Client({ connectionString: cluster.consoleUrl.replace('/sluice_template', '/again') });
    await expect(old.connect()).rejects.toThrow('password authentication failed');
  } finally {
    await stop();
  }
});

async function run(url: string, ...statements: string[]): Promise<pg.QueryResult[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const results: pg.QueryResult[] = [];
    for (const statement of statements) results.push(await client.query(statement));
    return results;
  } finally {
    await client.end();
  }
}

/** A database without Sluice in it, whose owner is no superuser. */
async function plainOwner(ownerUrl: string): Promise<{ superuser: string; url: URL }> {
  const superuser = ownerUrl.replace('/sluice_template', '/postgres');
  const drop = `drop owned by sluice_console, sluice_engine, sluice_audit`;
  await run(
    superuser,
    'alter database sluice_template is_template false',
    'drop database sluice_template',
    drop,
    'drop role sluice_console, sluice_engine, sluice_audit',
  );
  await run(superuser, `create role plain login createrole password 'plain'`, 'create database plain owner plain');
  const url = new URL(superuser);
  [url.username, url.password, url.pathname] = ['plain', 'plain', '/plain'];
  return { superuser, url };
}

test('an owner that is no superuser can migrate, provision twice and keep partitions; a role with powers is refused', async () => {
  const { cluster, stop } = await startTestCluster();
  try {
    const { superuser, url } = await plainOwner(cluster.ownerUrl);
    await migrate(url.href);
    const passwords = { console: 'c', engine: 'e', audit: 'a' };
    await provision(url.href, passwords);
    const { consoleUrl, engineUrl } = await provision(url.href, passwords);
    await run(url.href, `drop table if exists delivery_event_${new Date().toISOString().slice(0, 10).replaceAll('-', '')}`);
    await run(
      engineUrl,
      `insert into delivery_event (id, content_hash, at, type, tenant_id, body) values ('x', 'y', now(), 'accepted', gen_random_uuid(), '{}')`,
    );
    expect((await run(consoleUrl, 'select sluice_event_partitions_ensure(1) as made'))[0]?.rows).toEqual([{ made: 1 }]);
    const [, all] = await run(
      consoleUrl,
      `set sluice.tenant = '*'`,
      `select tableoid::regclass::text <> 'delivery_event_default' as moved from delivery_event`,
    );
    expect(all?.rows).toEqual([{ moved: true }]);
    expect((await run(url.href, 'select 1 from delivery_event'))[0]?.rows).toEqual([]); // forced: the owner, too, sees no tenant unasked
    // pg_dump reads partitions by themselves: the owner sees them as it sees the whole.
    const today = `delivery_event_${new Date().toISOString().slice(0, 10).replaceAll('-', '')}`;
    const seen = await run(url.href, `select from ${today}`, `set sluice.tenant = '*'`, `select from ${today}`);
    expect([seen[0]?.rowCount, seen[2]?.rowCount]).toEqual([0, 1]);
    const old = `insert into delivery_event (id, content_hash, at, received_at, type, tenant_id, body) values ('z', 'y', now(), '2020-01-01', 'accepted', gen_random_uuid(), '{}')`;
    await run(engineUrl, old);
    const rest = await run(url.href, 'select from delivery_event_default', `set sluice.tenant = '*'`, 'select from delivery_event_default');
    expect([rest[0]?.rowCount, rest[2]?.rowCount]).toEqual([0, 1]);
    await run(superuser, 'alter role sluice_console bypassrls');
    await expect(provision(url.href, passwords)).rejects.toThrow('sluice_console has powers beyond its grants');
  } finally {
    await stop();
  }
});

test('no password is in a statement, which a server may write into its log', async () => {
  const { cluster, stop } = await startTestCluster();
  try {
    const { superuser, url } = await plainOwner(cluster.ownerUrl);
    await run(superuser, `alter role plain set log_statement = 'all'`);
    await migrate(url.href);
    const passwords = { console: 'secret-of-console', engine: 'secret-of-engine', audit: 'secret-of-audit' };
    for (const round of ['made', 'changed']) {
      const urls = await provision(url.href, passwords);
      for (const runtime of Object.values(urls)) expect(await run(runtime, 'select 1'), round).toHaveLength(1);
    }
    const [asked] = await run(superuser, `select current_setting('data_directory') as directory`);
    const directory = String(asked?.rows[0].directory);
    const logged = await readFile(join(dirname(directory), 'postgres.log'), 'utf8');
    expect(logged).toContain('alter role "sluice_console"');
    expect(Object.values(passwords).filter((password) => logged.includes(password))).toEqual([]);
  } finally {
    await stop();
  }
});
