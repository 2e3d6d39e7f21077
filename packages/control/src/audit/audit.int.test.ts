// The audit record against who could change it: run-time roles, which cannot, and the superuser of the database, who is found out. Search
// and export beside it.
import type { AuditAnchor, AuditLink } from '@sluice/contract';
import { ChainCheck, type ChainProblem } from '@sluice/contract/audit-chain';
import type { AuditDetail } from '@sluice/contract/api';
import { migrate, readMigrations } from '@sluice/db';
import { testDatabase } from '@sluice/db/testing';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { okay, startTestControl, type TestControl } from '../testing/control.ts';
import { makeWorld, type World } from '../testing/world.ts';

let it: TestControl;
let world: World;
let superuser: pg.Client;

beforeEach(async () => {
  it = await startTestControl();
  world = await makeWorld(it);
  superuser = new pg.Client({ connectionString: it.ownerUrl });
  await superuser.connect();
});
afterEach(async () => {
  await superuser.end();
  await it.close();
});

type Chain = { links: AuditLink[]; head: { seq: number; hash: string } };

async function wholeChain(): Promise<Chain> {
  const links: AuditLink[] = [];
  for (;;) {
    const page = okay<Chain>(await it.call('query', 'audit.chain', { after: links.at(-1)?.seq ?? 0, limit: 7 }, 'local'));
    if (page.links.length === 0) return { links, head: page.head };
    links.push(...page.links);
  }
}

async function problems(anchors: AuditAnchor[] = []): Promise<ChainProblem[]> {
  const { links, head } = await wholeChain();
  const check = new ChainCheck(anchors);
  check.add(links);
  check.end(head);
  return check.problems;
}
const kinds = async (anchors: AuditAnchor[] = []) => (await problems(anchors)).map(({ kind, seq }) => `${kind} ${seq}`);

/** As a superuser who has switched triggers off. */
async function tamper(...statements: string[]): Promise<void> {
  await superuser.query(`set session_replication_role = 'replica'`);
  for (const statement of statements) await superuser.query(statement);
}

/** What a forger with every right does: computes all that follows anew, the head as well. */
const recompute = `do $$ declare e audit_entry%rowtype; link text := repeat('0', 64); n bigint := 0; begin
  for e in select * from audit_entry order by seq loop
    n := n + 1; e.seq := n; e.prev_hash := link; link := sluice_audit_hash(e);
    update audit_entry set seq = n, prev_hash = e.prev_hash, hash = link where id = e.id;
  end loop;
  update audit_head set seq = n, hash = link; end $$`;

async function anchorsOf(): Promise<AuditAnchor[]> {
  const { links } = await wholeChain();
  return links.map(({ seq, hash }) => ({ at: 0, seq, hash, agrees: true }));
}

test('the record of real work is whole: every hash computed here is the one that the database made', async () => {
  const { links, head } = await wholeChain();
  expect(links.length).toBeGreaterThan(10);
  expect(links.map(({ seq }) => seq)).toEqual(links.map((_, at) => at + 1));
  expect(head).toEqual({ seq: links.length, hash: links.at(-1)?.hash });
  expect(await kinds(await anchorsOf())).toEqual([]);
});

test('text of any kind is hashed alike on both sides', async () => {
  const reason = 'Größe, 見積, "quotes"\n\\ tab\t 🙂 and  a line';
  okay(
    await it.call(
      'mutation',
      'limits.create',
      { name: `Ünï "x" ${'e\u0301'}`, where: {}, by: [], kind: 'message_rate', count: 1, reason },
      'local',
    ),
  );
  expect((await wholeChain()).links.at(-1)).toMatchObject({ reason });
  expect(await kinds()).toEqual([]);
});

test('verification finds an edited row, and one that was taken out', async () => {
  for (const [column, value] of Object.entries({
    reason: `'x'`,
    actor: `'x'`,
    after: `'{"a": 1}'::jsonb`,
    at: `at + interval '1 day'`,
    revision: '999',
  })) {
    await superuser.query('create table kept as select * from audit_entry where seq = 5');
    await tamper(`update audit_entry set ${column} = ${value} where seq = 5`);
    expect([column, await kinds()]).toEqual([column, ['edited 5']]);
    await tamper(`update audit_entry e set ${column} = kept.${column} from kept where e.seq = 5`, 'drop table kept');
  }
  expect(await kinds()).toEqual([]);
  await tamper('delete from audit_entry where seq = 5');
  expect(await kinds()).toEqual(['missing 5']);
});

test('verification finds a deleted tail, also when the head was set back to hide it', async () => {
  const anchors = await anchorsOf();
  const last = anchors.length;
  await tamper(`delete from audit_entry where seq > ${last - 2}`);
  expect(await kinds()).toEqual([`tail ${last}`]);
  await tamper(recompute);
  expect(await kinds()).toEqual([]);
  expect(await kinds(anchors)).toEqual([`anchor ${last - 1}`, `anchor ${last}`]);
});

test('verification finds two entries in another order', async () => {
  await tamper(
    'update audit_entry set seq = -1 where seq = 5',
    'update audit_entry set seq = 5 where seq = 6',
    'update audit_entry set seq = 6 where seq = -1',
  );
  expect(await kinds()).toEqual(['link 5', 'edited 5', 'link 6', 'edited 6', 'link 7']);
});

test('verification finds a chain that was computed anew from a change onward, by the anchors of nodes', async () => {
  const anchors = await anchorsOf();
  await tamper(`update audit_entry set reason = 'as if it had been so' where seq = 5`, recompute);
  expect(await kinds()).toEqual([]);
  expect((await kinds(anchors))[0]).toBe('anchor 5');
  expect(await kinds(anchors)).toHaveLength(anchors.length - 4);
});

test('no run-time role can change, remove or forge an entry, or move the head', async () => {
  const before = await wholeChain();
  for (const url of [it.consoleUrl, it.engineUrl]) {
    const role = new pg.Client({ connectionString: url });
    await role.connect();
    await role.query(`select set_config('sluice.tenant', '*', false)`);
    const attempts = [
      `update audit_entry set reason = 'x'`,
      'delete from audit_entry',
      'truncate audit_entry',
      'update audit_head set seq = 0',
      'delete from audit_head',
      `insert into audit_head values (2, 0, '')`,
      'alter table audit_entry disable trigger all',
      `set session_replication_role = 'replica'`,
      `create or replace function sluice_audit_hash(e audit_entry) returns text language sql as $$ select '' $$`,
    ];
    for (const attempt of attempts) await expect(role.query(attempt), attempt).rejects.toThrow(/permission denied|must be owner/);
    await role.end();
  }
  // The owner of the tables, by mistake.
  await expect(superuser.query(`update audit_entry set reason = 'x' where seq = 1`)).rejects.toThrow('neither changed nor removed');
  await expect(superuser.query('truncate audit_entry')).rejects.toThrow('neither changed nor removed');
  expect(await wholeChain()).toEqual(before);

  const console_ = new pg.Client({ connectionString: it.consoleUrl });
  await console_.connect();
  await console_.query(`select set_config('sluice.tenant', '*', false)`);
  const columns = 'seq, prev_hash, hash, actor_kind, actor, action, target, reason, request_id';
  await console_.query(`insert into audit_entry (${columns}) values (3, 'own', 'own', 'system', 'x', 'x', 'x', 'x', 'x')`);
  await console_.end();
  expect((await wholeChain()).links.at(-1)).toMatchObject({ seq: before.links.length + 1, prevHash: before.head.hash });
  expect(await kinds()).toEqual([]);
});

test('fifty writers at once leave one chain without gaps', async () => {
  const { head } = await wholeChain();
  const limit = (at: number) => ({ name: `limit ${at}`, where: {}, by: [], kind: 'message_rate', count: 1, reason: `writer ${at}` });
  const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => it.call('mutation', 'limits.create', limit(at), 'local')));
  answers.forEach(okay);
  const { links } = await wholeChain();
  expect(links).toHaveLength(head.seq + 50);
  expect(new Set(links.slice(-50).map(({ reason }) => reason)).size).toBe(50);
  expect(await kinds()).toEqual([]);
}, 60_000);

test('entries from before there was a chain are linked in their order by the migration', async () => {
  const database = await testDatabase('empty');
  const all = await readMigrations();
  const at = all.findIndex(({ name }) => name.endsWith('_audit_chain'));
  await migrate(database.ownerUrl, all.slice(0, at));
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  const insert =
    'insert into audit_entry (seq, actor_kind, actor, action, target, reason, request_id, after) values ($1, $2, $3, $3, $3, $3, $3, $4)';
  for (const seq of [3, 4, 900, 7, 12]) await client.query(insert, [seq, 'system', `old ${seq}`, { seq, b: [1, null] }]);
  await migrate(database.ownerUrl, all);
  await client.query(
    `insert into audit_entry (actor_kind, actor, action, target, reason, request_id) values ('system', 'new', 'x', 'x', 'x', 'x')`,
  );
  const { rows } = await client.query<AuditLink>(
    `select seq::int as seq, prev_hash as "prevHash", hash, id, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
       actor_kind as "actorKind", actor, action, target, tenant_id as "tenantId", reason, before::text, after::text,
       request_id as "requestId", address, revision from audit_entry order by seq`,
  );
  const head = (await client.query<{ seq: number; hash: string }>('select seq::int as seq, hash from audit_head')).rows[0];
  await client.end();
  await database.drop();
  expect(rows.map(({ actor }) => actor)).toEqual(['old 3', 'old 4', 'old 7', 'old 12', 'old 900', 'new']);
  const check = new ChainCheck();
  check.add(rows);
  check.end(head ?? { seq: 0, hash: '' });
  expect(check.problems).toEqual([]);
}, 60_000);

test('the console checks by itself, says what it found, and goes on saying it until it has passed that place again', async () => {
  const state = async () =>
    okay<{ checking: { endedAt: string | null; entries: number; problems: { kind: string }[] } }>(
      await it.call('query', 'audit.state', undefined, 'local'),
    );
  expect((await state()).checking.endedAt).toBeNull();
  expect(await it.control.auditWatch.turn()).toBe(true);
  const { head } = await wholeChain();
  expect(await state()).toMatchObject({ head, checking: { entries: head.seq, problems: [] } });
  await tamper(`update audit_entry set reason = 'x' where seq = 2`);
  await it.control.auditWatch.turn();
  expect((await state()).checking.problems).toMatchObject([{ kind: 'edited', seq: 2 }]);
  expect(it.logged()).toContain('the audit record is damaged: entry 2 is not what was recorded');
});

test('search finds by every field and by text, page by page, and by text over more than one window', async () => {
  const search = async (input: object) =>
    okay<{ items: AuditDetail[]; nextCursor: string | null }>(await it.call('query', 'audit.search', input, 'local'));
  const all = await search({ limit: 200 });
  expect(new Set((await search({ action: 'sources.' })).items.map(({ action }) => action))).toEqual(new Set(['sources.create']));
  expect((await search({ target: `pool:${world.poolId}` })).items).toHaveLength(1);
  expect((await search({ tenantId: world.mine.tenantId })).items.every(({ tenantId }) => tenantId === world.mine.tenantId)).toBe(true);
  expect((await search({ actor: 'nobody' })).items).toEqual([]);
  expect((await search({ actorKind: 'local' })).items.length).toBeGreaterThan(5);
  expect((await search({ text: 'SHARED-source' })).items.length).toBeGreaterThan(0);
  expect((await search({ text: 'zzyzx', action: 'limits.create' })).items).toHaveLength(1);
  expect((await search({ from: new Date(Date.now() + 60_000).toISOString() })).items).toEqual([]);
  const [entry] = all.items;
  expect((await search({ requestId: entry?.requestId })).items).toEqual([entry]);
  const paged: AuditDetail[] = [];
  let cursor: string | undefined;
  do {
    const page = await search({ limit: 4, cursor });
    paged.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(paged.map(({ seq }) => seq)).toEqual(all.items.map(({ seq }) => seq));
});

test('a change says what was before and after it, and never a secret', async () => {
  okay(
    await it.call(
      'mutation',
      'pools.setMembers',
      { id: world.poolId, members: [{ sourceId: world.sourceId, weight: 7 }], reason: 'more' },
      'local',
    ),
  );
  const proxy = { kind: 'socks5', host: '127.0.0.1', port: 1080, username: 'u', password: 'hush-hush' };
  okay(await it.call('mutation', 'sources.setProxy', { id: world.sourceId, proxy, reason: 'a proxy' }, 'local'));
  const { items } = okay<{ items: AuditDetail[] }>(await it.call('query', 'audit.search', { limit: 200 }, 'local'));
  const [set, pool] = items;
  expect(pool).toMatchObject({ action: 'pools.setMembers', before: { members: [{ weight: 1 }] }, after: { members: [{ weight: 7 }] } });
  expect(set).toMatchObject({ before: { proxy: null }, after: { proxy: { username: 'u' } } });
  const credential = items.find(({ action }) => action === 'credentials.create');
  expect(credential).toMatchObject({ before: null, after: { verifier: '[redacted]' } });
  expect(JSON.stringify(items)).not.toMatch(/hush|storedKey/);
});

test('an export has every entry once, as JSON lines and as CSV, and no cell that is a formula', async () => {
  okay(
    await it.call(
      'mutation',
      'limits.create',
      { name: 'x', where: {}, by: [], kind: 'message_rate', count: 1, reason: '=HYPERLINK("http://x")' },
      'local',
    ),
  );
  const written = async (format: string): Promise<string> => {
    let text = '';
    let cursor: string | undefined;
    do {
      const page = okay<{ text: string; nextCursor: string | null }>(
        await it.call('query', 'audit.export', { format, limit: 5, cursor }, 'local'),
      );
      text += page.text;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return text;
  };
  const { head } = await wholeChain();
  const lines = (await written('ndjson'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditDetail);
  expect(lines.map(({ seq }) => seq)).toEqual(Array.from({ length: head.seq }, (_, at) => at + 1));
  const csv = await written('csv');
  expect(csv.split('\r\n')[0]).toMatch(/^seq,at,actorKind,actor,/);
  expect(csv.match(/^seq,/gm)).toHaveLength(1);
  expect(csv).toContain(`"'=HYPERLINK(""http://x"")"`);
});
