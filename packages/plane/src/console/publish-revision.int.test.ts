// What one change of configuration promises against a real database: no lost writer, a root that can be recomputed, no reach into
// another tenant.
import { randomUUID } from 'node:crypto';
import { emptyContentRoot, nextContentRoot } from '@sluice/contract/content-root';
import { createClient } from '@sluice/db';
import { testDatabase, type TestDatabase } from '@sluice/db/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { consoleSql, inTransaction } from '../testing/fixture.ts';
import {
  issueCommand,
  listCommands,
  nodes,
  publishRevision,
  putSecret,
  revisions,
  RevisionRefused,
  type ConfigChange,
  type Sql,
} from './index.ts';

let database: TestDatabase;
let sql: Awaited<ReturnType<typeof consoleSql>>;

beforeAll(async () => {
  database = await testDatabase();
  sql = await consoleSql(database.consoleUrl);
});
afterAll(() => sql.end());

const draft = (...changes: ConfigChange[]) => ({ author: 'ann', reason: 'a test', requestId: 'r1', changes });
const source = (id: string, body: unknown): ConfigChange => ({ kind: 'source', id, tenantId: null, body });

async function recomputedRoot(): Promise<string> {
  const live = await sql.query<{ kind: string; id: string; body: unknown }>(
    `select distinct on (kind, id) kind, id::text as id, body from config_entity order by kind, id, revision desc`,
    [],
  );
  return live.reduce((root, { kind, id, body }) => nextContentRoot(root, kind, id, null, body), emptyContentRoot);
}
const head = async () =>
  (await sql.query<{ number: number; contentRoot: string }>(`select number, content_root as "contentRoot" from config_head`, []))[0];

test('put, change and delete carry a root that equals the one computed from scratch', async () => {
  const [a, b] = [randomUUID(), randomUUID()];
  await inTransaction(sql, (tx) =>
    publishRevision(
      tx,
      draft(source(a, { name: 'a', weight: 1.5, big: 1e21, text: 'ü \u2028', gone: undefined }), source(b, { name: 'b' })),
    ),
  );
  expect((await head())?.contentRoot).toBe(await recomputedRoot());
  await inTransaction(sql, (tx) => publishRevision(tx, draft(source(a, { name: 'a2' }))));
  expect((await head())?.contentRoot).toBe(await recomputedRoot());
  const last = await inTransaction(sql, (tx) => publishRevision(tx, draft(source(a, null), source(b, null))));
  expect(last).toMatchObject((await head()) ?? {});
  expect(last.previous).toEqual([{ name: 'a2' }, { name: 'b' }]);
  expect(last.contentRoot).toBe(emptyContentRoot);
});

test('many writers at once lose nothing: every revision is there and the root equals the one computed from scratch', async () => {
  const before = (await head())?.number ?? 0;
  const shared = randomUUID();
  const writer = async (name: string) => {
    const own = await consoleSql(database.consoleUrl);
    for (let turn = 0; turn < 10; turn += 1)
      await inTransaction(own, (tx) => publishRevision(tx, draft(source(shared, { name, turn }), source(randomUUID(), { name, turn }))));
    await own.end();
  };
  await Promise.all(['one', 'two', 'three', 'four'].map(writer));
  expect(await head()).toEqual({ number: before + 40, contentRoot: await recomputedRoot() });
  const [count] = await sql.query<{ n: number }>(`select count(*)::int as n from config_entity where revision > $1::int`, [before]);
  expect(count?.n).toBe(80);
});

test('a transaction that fails leaves no revision', async () => {
  const before = await head();
  await expect(
    inTransaction(sql, async (tx) => {
      await publishRevision(tx, draft(source(randomUUID(), { name: 'x' })));
      throw new Error('the use case changed its mind');
    }),
  ).rejects.toThrow('changed its mind');
  expect(await head()).toEqual(before);
});

test('a tenant cannot write over the entity of another, even by guessing its id', async () => {
  const [tenantA, tenantB, id] = [randomUUID(), randomUUID(), randomUUID()];
  await inTransaction(sql, (tx) => publishRevision(tx, draft({ kind: 'domain', id, tenantId: tenantA, body: { domain: 'a.example' } })));
  const asB = await consoleSql(database.consoleUrl, tenantB);
  const steal = (tenantId: string) =>
    inTransaction(asB, (tx) => publishRevision(tx, draft({ kind: 'domain', id, tenantId, body: { domain: 'b.example' } })));
  await expect(steal(tenantB)).rejects.toThrow(RevisionRefused);
  await expect(steal(tenantA)).rejects.toThrow('row-level security');
  // The look at what was there did not leave the wider view behind.
  expect((await asB.query<{ tenant: string }>(`select current_setting('sluice.tenant') as tenant`, []))[0]?.tenant).toBe(tenantB);
  expect(await revisions(asB, { limit: 50 })).toEqual([]);
  await asB.end();
});

test('a tenant sees only the revisions that touched it, and of them only its own entities', async () => {
  const [tenantA, tenantB, ofA, ofB] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const both = await inTransaction(sql, (tx) =>
    publishRevision(
      tx,
      draft(
        { kind: 'domain', id: ofA, tenantId: tenantA, body: { domain: 'c.example' } },
        { kind: 'domain', id: ofB, tenantId: tenantB, body: { domain: 'd.example' } },
      ),
    ),
  );
  const asA = await consoleSql(database.consoleUrl, tenantA);
  expect((await revisions(asA, { limit: 50 })).map(({ number, changes }) => ({ number, changes }))).toEqual([
    { number: both.number, changes: [{ kind: 'domain', id: ofA, action: 'put' }] },
  ]);
  await asA.end();
});

test.each([
  ['nothing', () => []],
  ['the same entity twice', (id: string) => [source(id, { a: 1 }), source(id, { a: 2 })]],
  ['a delete of what is not there', (id: string) => [source(id, null)]],
])('a revision with %s is refused', async (_name, changes) => {
  await expect(inTransaction(sql, (tx) => publishRevision(tx, draft(...changes(randomUUID()))))).rejects.toThrow(RevisionRefused);
});

test('every verb also runs inside a Prisma transaction', async () => {
  const prisma = createClient(database.consoleUrl);
  const id = randomUUID();
  const command = {
    id: randomUUID(),
    kind: 'suspend' as const,
    scope: { source: id },
    reason: 'because',
    issuedBy: 'ann',
    issuedAt: new Date().toISOString(),
    expiresAt: new Date(Date.now() + 60_000).toISOString(),
    cutoffAt: new Date(Date.now()).toISOString(),
    startsAt: null,
    poolId: null,
    targetId: null,
  };
  const number = await prisma.$transaction(async (tx) => {
    await tx.$queryRaw`select set_config('sluice.tenant', '*', true)`;
    const inside: Sql = { query: (text, values) => tx.$queryRawUnsafe(text, ...values) };
    const made = await publishRevision(inside, draft(source(id, { name: 'through prisma' })));
    await putSecret(inside, { id: randomUUID(), aad: 'x', ciphertext: 'AAAA', wraps: { k: 'AAAA' } });
    await issueCommand(inside, command);
    expect(await listCommands(inside, { limit: 5, now: new Date(), source: id })).toEqual([{ ...command, active: true, results: [] }]);
    expect(await nodes(inside)).toEqual([]);
    expect((await revisions(inside, { limit: 1 }))[0]).toMatchObject({
      number: made.number,
      author: 'ann',
      changes: [{ kind: 'source', id, action: 'put' }],
    });
    return made.number;
  });
  await prisma.$disconnect();
  expect((await head())?.number).toBe(number);
});
