// A node's feeds against a real database that goes away and comes back.
import { randomUUID } from 'node:crypto';
import type { ConfigAck, ConfigDelta, EngineCommand, MetricsFrame, SecretDelta } from '@sluice/contract';
import { emptyContentRoot, nextContentRoot } from '@sluice/contract/content-root';
import { testDatabase, type TestDatabase } from '@sluice/db/testing';
import type pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  FrameListener,
  issueCommand,
  listCommands,
  nodes,
  publishRevision,
  putSecret,
  deleteSecret,
  type NodeRow,
} from '../console/index.ts';
import { connect, consoleSql, inTransaction, rememberingLog } from '../testing/fixture.ts';
import { openEnginePlane, type EnginePlane } from './index.ts';
import { fetchSecrets } from './secret-feed.ts';

let database: TestDatabase;
let sql: Awaited<ReturnType<typeof consoleSql>>;
let owner: pg.Client;
let plane: EnginePlane;
let lines: string[];
const node = 'node-1';

beforeEach(async () => {
  database = await testDatabase();
  sql = await consoleSql(database.consoleUrl);
  owner = await connect(database.ownerUrl);
  const remembering = rememberingLog();
  lines = remembering.lines;
  plane = openEnginePlane({ databaseUrl: database.engineUrl, node, log: remembering.log });
});
afterEach(async () => {
  await plane.close();
  await sql.end();
  await owner.end();
});

const publish = (...changes: { kind: string; id: string; body: unknown }[]) =>
  inTransaction(sql, (tx) =>
    publishRevision(tx, {
      author: 'ann',
      reason: 'test',
      requestId: 'r',
      changes: changes.map((change) => ({ ...change, tenantId: null })),
    }),
  );
const cutEngine = () =>
  owner.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'sluice_engine'`);
const soon = { timeout: 8_000, interval: 20 };

/** A node that applies what it gets, as the engine does: root recomputed from the bodies. */
function follower(refuse: (delta: ConfigDelta) => boolean = () => false) {
  const bodies = new Map<string, unknown>();
  const deltas: ConfigDelta[] = [];
  const apply = async (delta: ConfigDelta): Promise<ConfigAck> => {
    deltas.push(delta);
    if (refuse(delta))
      return {
        node,
        revision: delta.revision,
        contentRoot: emptyContentRoot,
        status: 'refused',
        problems: [{ kind: 'source', id: 'x', field: 'name', message: 'too odd' }],
      };
    for (const { kind, id, body } of delta.entities) bodies.set(`${kind} ${id}`, body);
    const root = [...bodies].reduce(
      (sum, [name, body]) => nextContentRoot(sum, name.split(' ')[0] ?? '', name.split(' ')[1] ?? '', null, body),
      emptyContentRoot,
    );
    return { node, revision: delta.revision, contentRoot: root, status: 'applied', problems: [] };
  };
  return { apply, deltas, bodies };
}

test('a node gets what is newer than its own, in one delta, and its answer is stored', async () => {
  const [a, b] = [randomUUID(), randomUUID()];
  await publish({ kind: 'tenant', id: a, body: { v: 1 } });
  await publish({ kind: 'source', id: b, body: { v: 1 } }, { kind: 'tenant', id: a, body: { v: 2 } });
  const { apply, deltas } = follower();
  const following = plane.config.follow(0, apply);
  await expect.poll(async () => (await nodes(sql))[0]?.ackStatus, soon).toBe('applied');
  // Referred-to kinds come first; only the newest version of each.
  expect(deltas.map(({ entities }) => entities)).toEqual([
    [
      { revision: 2, kind: 'source', id: b, body: { v: 1 } },
      { revision: 2, kind: 'tenant', id: a, body: { v: 2 } },
    ],
  ]);
  const [row] = await nodes(sql);
  expect(row).toMatchObject({ revision: 2, contentRoot: row?.headContentRoot, headRevision: 2 });
  await publish({ kind: 'tenant', id: a, body: null });
  await expect.poll(() => deltas.length, soon).toBe(2);
  expect(deltas[1]?.entities).toEqual([{ revision: 3, kind: 'tenant', id: a, body: null }]);
  await following.stop();
});

test('a hint wakes the node within a second', async () => {
  const { apply, deltas } = follower();
  const following = plane.config.follow(0, apply);
  await expect
    .poll(
      async () =>
        (
          await owner.query(
            `select 1 from pg_stat_activity where datname = current_database() and application_name = 'sluice-engine-listen'`,
          )
        ).rowCount,
      soon,
    )
    .toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 300)); // past the first look and the first LISTEN
  const before = performance.now();
  await publish({ kind: 'tenant', id: randomUUID(), body: {} });
  await expect.poll(() => deltas.length, soon).toBe(1);
  expect(performance.now() - before).toBeLessThan(1_000);
  await following.stop();
});

test('what is published while the connections are cut arrives after the reconnect, once', async () => {
  const { apply, deltas, bodies } = follower();
  const following = plane.config.follow(0, apply);
  const id = randomUUID();
  await publish({ kind: 'tenant', id, body: { v: 0 } });
  await expect.poll(() => deltas.length, soon).toBe(1);
  const { rows } = await owner.query<{ name: string }>('select current_database() as name');
  const name = rows[0]?.name ?? '';
  await owner.query(`alter database ${name} connection limit 0`); // the owner may still come in
  try {
    await cutEngine();
    await publish({ kind: 'tenant', id, body: { v: 1 } });
    await publish({ kind: 'tenant', id, body: { v: 2 } });
  } finally {
    await owner.query(`alter database ${name} connection limit -1`);
  }
  await expect.poll(() => bodies.get(`tenant ${id}`), soon).toEqual({ v: 2 });
  expect(deltas.flatMap(({ entities }) => entities.map(({ revision }) => revision))).toEqual([
    ...new Set(deltas.flatMap(({ entities }) => entities.map(({ revision }) => revision))),
  ]);
  await following.stop();
});

test('a refusal is stored with its problems, is not offered again, and the next revision brings all since the last applied', async () => {
  const { apply, deltas } = follower((delta) => delta.revision === 1);
  const following = plane.config.follow(0, apply);
  await publish({ kind: 'source', id: randomUUID(), body: { name: '' } });
  await expect.poll(async () => (await nodes(sql))[0]?.ackStatus, soon).toBe('refused');
  expect((await nodes(sql))[0]).toMatchObject({ revision: 1, problems: [{ kind: 'source', id: 'x', field: 'name', message: 'too odd' }] });
  await cutEngine(); // a reconnect looks again
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(deltas).toHaveLength(1);
  await publish({ kind: 'source', id: randomUUID(), body: { name: 'fine' } });
  await expect.poll(async () => (await nodes(sql))[0]?.ackStatus, soon).toBe('applied');
  expect(deltas[1]?.entities.map(({ revision }) => revision).sort()).toEqual([1, 2]);
  await following.stop();
});

test('a node that starts with the newest revision compares content roots once and answers again', async () => {
  const made = await publish({ kind: 'tenant', id: randomUUID(), body: {} });
  const { apply, deltas } = follower();
  const following = plane.config.follow(made.number, apply);
  await expect.poll(async () => (await nodes(sql))[0]?.revision, soon).toBe(made.number);
  await cutEngine(); // a reconnect looks again
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(deltas).toEqual([{ revision: made.number, contentRoot: made.contentRoot, entities: [] }]);
  await following.stop();
});

test('a database that lost revisions is told in the log and changes nothing', async () => {
  const { apply, deltas } = follower();
  const following = plane.config.follow(7, apply);
  await expect.poll(() => lines.join('\n'), soon).toContain('the database lost revisions');
  expect(deltas).toEqual([]);
  await following.stop();
});

const command = (fields: Partial<EngineCommand> = {}): EngineCommand => ({
  id: randomUUID(),
  kind: 'suspend',
  scope: { source: randomUUID() },
  reason: 'because',
  issuedBy: 'ann',
  issuedAt: new Date().toISOString(),
  expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  cutoffAt: null,
  startsAt: null,
  poolId: null,
  targetId: null,
  ...fields,
});

test('a command reaches the node once, in order, and its result is stored; expired ones are left alone', async () => {
  const seen: string[] = [];
  const first = command();
  await issueCommand(sql, command({ expiresAt: new Date(Date.now() - 1_000).toISOString() }));
  await issueCommand(sql, first);
  const apply = async ({ id }: EngineCommand) => {
    seen.push(id);
    return { commandId: id, node, status: 'applied' as const, matched: 12, message: 'suspended', at: new Date().toISOString() };
  };
  const following = plane.commands.follow(apply);
  const second = command({ kind: 'resume', expiresAt: null });
  await issueCommand(sql, second);
  await expect
    .poll(
      async () => (await listCommands(sql, { limit: 10, now: new Date() })).flatMap(({ results }) => results.map(({ status }) => status)),
      soon,
    )
    .toEqual(['applied', 'applied']);
  await following.stop();
  const again = plane.commands.follow(apply);
  await issueCommand(sql, command());
  await expect.poll(() => seen.length, soon).toBe(3);
  await again.stop();
  expect(seen.slice(0, 2)).toEqual([first.id, second.id]);
});

test('frames reach the listener, the newest wins, and a listener whose connection is cut goes on', async () => {
  const frame = (accepted: number): MetricsFrame => ({
    node,
    bootId: 'boot',
    at: Date.now(),
    egress: 'sandbox',
    revision: 0,
    accepting: true,
    counters: { accepted, delivered: 0, deferred: 0, bounced: 0, expired: 0, cancelled: 0, pathDeferred: 0 },
    queue: { scheduled: 0, ready: 0, inFlight: 0, held: 0 },
    oldestEntryAt: null,
    connections: { inbound: 0, outbound: 0 },
    unshippedBytes: 0,
    damage: { entries: 0, injections: 0, stretches: 0, since: null },
    eventLoopDelayMs: 0,
    residentBytes: 0,
    sources: [],
    topQueues: [],
  });
  const listener = new FrameListener(database.consoleUrl);
  let latest: NodeRow[] = [];
  listener.subscribe((rows) => (latest = rows));
  await listener.start();
  for (let n = 1; n <= 50; n += 1) plane.frames.publish(frame(n));
  await expect.poll(() => latest[0]?.frame?.counters.accepted, soon).toBe(50);
  expect(latest[0]).toMatchObject({ name: node, bootId: 'boot' });
  await owner.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'sluice-frames'`,
  );
  await expect.poll(() => listener.connected, soon).toBe(false);
  plane.frames.publish(frame(51));
  await expect.poll(() => latest[0]?.frame?.counters.accepted, soon).toBe(51);
  await listener.close();
});

test('secrets are fed in order with their deletion', async () => {
  const got: SecretDelta['secrets'] = [];
  const following = plane.secrets.follow(0, async (delta) => void got.push(...delta.secrets));
  const secret = { id: randomUUID(), aad: 'dkim_key:x', ciphertext: 'AAAA', wraps: { kek: 'BBBB' } };
  await inTransaction(sql, (tx) => putSecret(tx, secret));
  await expect.poll(() => got, soon).toEqual([{ cursor: 1, id: secret.id, secret }]);
  expect(await inTransaction(sql, (tx) => deleteSecret(tx, secret.id))).toBe(true);
  expect(await inTransaction(sql, (tx) => deleteSecret(tx, secret.id))).toBe(false);
  await expect.poll(() => got.slice(1), soon).toEqual([{ cursor: 2, id: secret.id, secret: null }]);
  await following.stop();
});

test('a reader by cursor skips no secret, however the writers commit', async () => {
  const writers = 6;
  const each = 15;
  const reader = await connect(database.engineUrl);
  const found = new Set<string>();
  let cursor = 0;
  let writing = true;
  const read = async () => {
    for (let last = false; ;) {
      const delta = await fetchSecrets({ query: async (text, values) => (await reader.query(text, values)).rows }, cursor);
      for (const { id } of delta.secrets) found.add(id);
      cursor = delta.cursor;
      if (last) return;
      last = !writing;
    }
  };
  const write = async () => {
    const own = await consoleSql(database.consoleUrl);
    for (let n = 0; n < each; n += 1) {
      // Straight into the table, without the verb's own lock: the trigger alone must hold.
      await inTransaction(own, async (tx) => {
        await tx.query(`insert into secret (id, aad, ciphertext, wraps) values ($1, '', '', '{}')`, [randomUUID()]);
        await tx.query(`select pg_sleep(random() * 0.01)`, []);
      });
    }
    await own.end();
  };
  const reading = read();
  await Promise.all(Array.from({ length: writers }, write));
  writing = false;
  await reading;
  expect(found.size).toBe(writers * each);
  await reader.end();
});

test('closing while Postgres is away ends at once and nothing is thrown', async () => {
  const { apply } = follower();
  const away = openEnginePlane({
    databaseUrl: 'postgresql://nobody:secret-word@127.0.0.1:1/none',
    node,
    log: (level, message) => void lines.push(`${level}: ${message}`),
  });
  const following = away.config.follow(0, apply);
  await new Promise((resolve) => setTimeout(resolve, 400));
  await following.stop();
  await away.close();
  expect(lines.join('\n')).toContain('Postgres is away');
  expect(lines.join('\n')).not.toContain('secret-word');
});
