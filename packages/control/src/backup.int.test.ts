// A backup of a working installation, taken while it works, and what a restore makes of it: the same rows, a record that is whole, secrets
// that open, and a control plane that goes on. And what is refused.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { ChainCheck } from '@sluice/contract/audit-chain';
import { backup, createClient, provision, restore } from '@sluice/db';
import { testDatabase, type TestDatabase } from '@sluice/db/testing';
import { auditLinks } from '@sluice/plane/console';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createControl } from './http.ts';
import { okay, startTestControl, type TestControl } from './testing/control.ts';
import { makeWorld, type World } from './testing/world.ts';

let it: TestControl;
let world: World;
let target: TestDatabase;
let folder: string;
let file: string;
beforeEach(async () => {
  it = await startTestControl();
  world = await makeWorld(it);
  target = await testDatabase('empty');
  folder = await mkdtemp(join(tmpdir(), 'sluice-backup-'));
  file = join(folder, 'backup');
});
afterEach(async () => {
  await target.drop();
  await it.close();
  await rm(folder, { recursive: true });
});

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const leftOut = ['_prisma_migrations', 'session', 'verification', 'sign_in_attempt', 'setup_link', 'idempotent_call', 'metrics_frame'];
/** Every table with the number and the digest of its rows. */
function contents(url: string): Promise<Record<string, string>> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition and relpersistence = 'p' order by 1`,
    );
    const found: Record<string, string> = {};
    for (const { name } of rows.filter((row) => !leftOut.includes(row.name))) {
      const sum = `select count(*)::int as n, md5(coalesce(string_agg(t::text, E'\\n' order by t::text collate "C"), '')) as digest from ${pg.escapeIdentifier(name)} t`;
      const [row] = (await client.query<{ n: number; digest: string }>(sum)).rows;
      found[name] = `${row?.n} ${row?.digest}`;
    }
    return found;
  });
}

test('what is restored is row for row what was there, and goes on: numbers, secrets, accounts and the audit record', async () => {
  await it.control.startUp.ensureOwner({ email: 'owner@sluice.example', password: 'correct horse battery staple' });
  const before = await contents(it.ownerUrl);
  const made = await backup(it.ownerUrl, file);
  expect(made.tables).toBe(Object.keys(before).length);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await restore(target.ownerUrl, file)).toMatchObject({ tables: made.tables, migrated: [] });
  const after = await contents(target.ownerUrl);
  expect(after).toEqual(before);
  expect(Object.values(after).filter((text) => !text.startsWith('0 ')).length).toBeGreaterThan(15);

  // Roles are the cluster's, which other tests use too: they keep the passwords that they have.
  const passwordOf = (url: string) => decodeURIComponent(new URL(url).password);
  const passwords = { console: passwordOf(target.consoleUrl), engine: passwordOf(target.engineUrl), audit: passwordOf(target.auditUrl) };
  await provision(target.ownerUrl, passwords);
  const control = await createControl({
    ...{
      consoleDatabaseUrl: target.consoleUrl,
      kek: it.kek,
      sessionSecret: 'x'.repeat(40),
      localToken: 'y'.repeat(40),
      publicUrl: 'http://127.0.0.1:1',
    },
    ...{
      egress: 'sandbox' as const,
      demo: false,
      version: '0',
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    },
  });
  expect(await control.startUp.keyFits()).toBe(true);
  expect(await control.startUp.setupNeeded()).toBe(false);
  const headers = { authorization: `Bearer ${'y'.repeat(40)}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ name: 'after the restore', where: {}, by: [], kind: 'message_rate', count: 1, reason: 'it goes on' });
  const changed = await control.handle(new Request('http://127.0.0.1:1/api/trpc/limits.create', { method: 'POST', headers, body }), {
    ...{ address: '127.0.0.1', loopback: true },
  });
  expect(changed?.status).toBe(200);
  await control.close();
  const db = createClient(target.ownerUrl, { tenant: '*' });
  const chain = await auditLinks({ query: (text, values) => db.$queryRawUnsafe(text, ...values) }, 0, 10_000);
  await db.$disconnect();
  const check = new ChainCheck();
  check.add(chain.links);
  check.end(chain.head);
  expect(check.problems).toEqual([]);
  expect(chain.links.at(-1)).toMatchObject({ reason: 'it goes on' });
}, 120_000);

test('a backup is of one moment, however much is written meanwhile', async () => {
  let writing = true;
  const writer = (async () => {
    for (let at = 0; writing; at += 1)
      okay(
        await it.call(
          'mutation',
          'limits.create',
          { name: `busy ${at}`, where: {}, by: [], kind: 'message_rate', count: 1, reason: 'busy' },
          'local',
        ),
      );
  })();
  await backup(it.ownerUrl, file);
  writing = false;
  await writer;
  await restore(target.ownerUrl, file);
  const whole = await withClient(target.ownerUrl, async (client) => {
    const one = async (sql: string) => Number((await client.query<{ n: string }>(sql)).rows[0]?.n);
    return {
      revisions: [await one('select number as n from config_head'), await one('select count(*) as n from config_revision')],
      audit: [await one('select seq as n from audit_head'), await one('select count(*) as n from audit_entry')],
      limits: [
        await one(`select count(*) as n from limit_rule where name like 'busy %'`),
        await one(`select count(*) as n from audit_entry where reason = 'busy'`),
      ],
    };
  });
  for (const [name, [left, right]] of Object.entries(whole)) expect([name, left]).toEqual([name, right]);
}, 60_000);

test('a file that was cut, changed or is none is refused, and so is a database that holds anything; nothing is written then', async () => {
  await backup(it.ownerUrl, file);
  const whole = await readFile(file);
  const frames = gunzipSync(whole);
  const altered = Buffer.from(frames);
  const place = altered.indexOf(Buffer.from(world.mine.recipient));
  expect(place).toBeGreaterThan(0);
  altered[place] = 'X'.charCodeAt(0);
  const bad: [string, Buffer, RegExp][] = [
    ['cut', whole.subarray(0, whole.length - 200), /cannot be read|cut off/],
    ['cut between frames', gzipSync(frames.subarray(0, frames.length - 80)), /cut off/],
    ['changed', gzipSync(altered), /changed after it was written/],
    ['none', Buffer.from('not a backup'), /cannot be read/],
    ['another gzip', gzipSync(Buffer.from('{"hello": "world"}')), /no backup/],
  ];
  for (const [name, content, message] of bad) {
    const path = join(folder, name);
    await writeFile(path, content);
    await expect(restore(target.ownerUrl, path), name).rejects.toThrow(message);
  }
  const empty = await withClient(target.ownerUrl, async (client) => (await client.query('select 1 from audit_entry')).rows.length);
  expect(empty).toBe(0);
  const plain = `plain_${Date.now()}`;
  await withClient(target.ownerUrl, (client) => client.query(`create role ${plain} login password 'plain'`));
  const plainUrl = new URL(target.ownerUrl);
  [plainUrl.username, plainUrl.password] = [plain, 'plain'];
  await expect(restore(plainUrl.href, file)).rejects.toThrow('is restored by a superuser');
  await withClient(target.ownerUrl, (client) => client.query(`drop role ${plain}`));
  await restore(target.ownerUrl, file);
  await expect(restore(target.ownerUrl, file)).rejects.toThrow('not empty');
  await expect(backup(it.ownerUrl, file)).rejects.toThrow('EEXIST');
}, 120_000);

test('a backup of a newer version is refused by the name of what is not known', async () => {
  await backup(it.ownerUrl, file);
  const frames = gunzipSync(await readFile(file));
  const size = frames.readUInt32BE(1);
  const header = JSON.parse(frames.toString('utf8', 5, 5 + size)) as { migrations: { name: string; checksum: string }[] };
  header.migrations.push({ name: '29991231000000_later', checksum: 'x' });
  const payload = Buffer.from(JSON.stringify(header));
  const head = Buffer.alloc(5);
  head.write('H', 0, 'latin1');
  head.writeUInt32BE(payload.length, 1);
  await writeFile(join(folder, 'newer'), gzipSync(Buffer.concat([head, payload, frames.subarray(5 + size)])));
  await expect(restore(target.ownerUrl, join(folder, 'newer'))).rejects.toThrow('29991231000000_later');
});
