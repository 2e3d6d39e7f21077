// Provisioning may run at every start: the second time changes nothing but the passwords.
import pg from 'pg';
import { expect, test } from 'vitest';
import { startTestCluster } from './testing/index.ts';
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
