// Events arrive exactly once, whatever breaks when; one that Postgres refuses stops nothing.
import { randomUUID } from 'node:crypto';
import { testDatabase, type TestDatabase } from '@sluice/db/testing';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, deliveredMessage, ids, logged, logName } from '../testing/fixture.ts';
import { readPosition, shipBatch, type Connection, type LoggedEvent, type LogName } from './index.ts';

let database: TestDatabase;
let engine: pg.Client;
let owner: pg.Client;

beforeAll(async () => {
  database = await testDatabase();
  [engine, owner] = await Promise.all([connect(database.engineUrl), connect(database.ownerUrl)]);
});
afterAll(async () => {
  await engine.end();
  await owner.end();
});

const at = (offset: number) => ({ segment: 1, offset });
const stored = async (events: readonly LoggedEvent[]) => {
  const { rows } = await owner.query<{ id: string; contentHash: string }>(
    `select id, content_hash as "contentHash" from delivery_event where id = any($1) order by id`,
    [events.map(({ event }) => event.id)],
  );
  return rows;
};
const expected = (events: readonly LoggedEvent[]) =>
  events.map(({ event, contentHash }) => ({ id: event.id, contentHash })).sort((a, b) => (a.id < b.id ? -1 : 1));
const counted = async (streamId: string) =>
  (
    await owner.query<{ type: string; n: number }>(
      `select type, sum(count)::int as n from rollup_minute where stream_id = $1 group by type order by type`,
      [streamId],
    )
  ).rows;
const messages = (count: number, streamId: string) =>
  Array.from({ length: count }, (_, n) => deliveredMessage(`user${n}@gmail.com`, { streamId })).flat();

test('a stretch shipped twice is there once, with its rollups', async () => {
  const [log, streamId] = [logName(), randomUUID()];
  const events = messages(50, streamId);
  const stretch = { from: null, to: at(100), events };
  expect(await shipBatch(engine, log, stretch)).toEqual({ ok: true, refused: 0 });
  expect(await shipBatch(engine, log, stretch)).toEqual({ ok: false, code: 'moved', position: at(100) });
  expect(await stored(events)).toEqual(expected(events));
  expect(await counted(streamId)).toEqual([
    { type: 'accepted', n: 50 },
    { type: 'delivered', n: 50 },
  ]);
});

test('two shippers of one log at once: one stretch is written, the other learns the position', async () => {
  const [log, streamId] = [logName(), randomUUID()];
  const second = await connect(database.engineUrl);
  for (const from of [null, at(100)]) {
    const stretch = { from, to: at((from?.offset ?? 0) + 100), events: messages(20, streamId) };
    const results = await Promise.all([shipBatch(engine, log, stretch), shipBatch(second, log, stretch)]);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(results.find(({ ok }) => !ok)).toEqual({ ok: false, code: 'moved', position: stretch.to });
    expect(await stored(stretch.events)).toEqual(expected(stretch.events));
  }
  await second.end();
});

test('logs have positions of their own', async () => {
  const [one, two] = [logName(), logName()];
  await shipBatch(engine, one, { from: null, to: at(10), events: messages(1, randomUUID()) });
  expect(await readPosition(engine, two)).toBeNull();
  expect(await readPosition(engine, one)).toEqual(at(10));
});

/** A connection that dies around the commit: before it is sent, or after Postgres has done it and before the answer is read. */
function dying(client: pg.Client, when: 'before' | 'after'): Connection {
  return {
    async query<T extends pg.QueryResultRow>(statement: string | pg.QueryConfig, values?: unknown[]) {
      const isCommit = statement === 'commit';
      if (!isCommit || when === 'after') {
        const result = await client.query<T>(statement, values);
        if (!isCommit) return result;
      }
      await client.end();
      throw new Error('the connection is gone');
    },
  };
}

async function shipThenDie(when: 'before' | 'after', log: LogName, events: LoggedEvent[]): Promise<void> {
  const client = await connect(database.engineUrl);
  await expect(shipBatch(dying(client, when), log, { from: null, to: at(5), events })).rejects.toThrow('the connection is gone');
}

test('a crash before the commit leaves nothing; the same stretch goes in afterwards, once', async () => {
  const log = logName();
  const events = messages(5, randomUUID());
  await shipThenDie('before', log, events);
  expect(await stored(events)).toEqual([]);
  expect(await shipBatch(engine, log, { from: null, to: at(5), events })).toEqual({ ok: true, refused: 0 });
  expect(await stored(events)).toEqual(expected(events));
});

test('a crash after the commit, before the answer: shipping again doubles nothing', async () => {
  const log = logName();
  const events = messages(5, randomUUID());
  await shipThenDie('after', log, events);
  expect(await shipBatch(engine, log, { from: null, to: at(5), events })).toEqual({ ok: false, code: 'moved', position: at(5) });
  expect(await stored(events)).toEqual(expected(events));
});

test('events that Postgres refuses are set aside with the error; all others go in and are counted', async () => {
  const [log, streamId] = [logName(), randomUUID()];
  const good = messages(20, streamId);
  const bad = [
    logged({ streamId, recipient: 'nul\0@example.com', domain: 'example.com' }),
    logged({ streamId, tenantId: 'no-tenant' }),
    logged({ streamId, recipient: `${Array.from({ length: 500 }, () => randomUUID()).join('')}@long.example`, domain: 'long.example' }),
    logged({ streamId, at: Number.MAX_VALUE }),
  ];
  const events = [...good.slice(0, 7), ...bad.slice(0, 2), ...good.slice(7), ...bad.slice(2)];
  expect(await shipBatch(engine, log, { from: null, to: at(9), events })).toEqual({ ok: true, refused: bad.length });
  expect(await stored(events)).toEqual(expected(good));
  const { rows } = await owner.query<{ id: string; hash: string; error: string; event: Buffer; tenant: string | null }>(
    `select event_id as id, content_hash as hash, error, event, tenant_id as tenant from event_refused where log_id = $1 order by seq`,
    [log.logId],
  );
  expect(rows.map(({ id, hash }) => ({ id, contentHash: hash }))).toEqual(
    bad.map(({ event, contentHash }) => ({ id: event.id, contentHash })),
  );
  expect(rows.map(({ event }) => JSON.parse(event.toString('utf8')) as unknown)).toEqual(bad.map(({ event }) => event));
  expect(rows.map(({ tenant }) => tenant)).toEqual([ids.tenant, null, ids.tenant, ids.tenant]);
  expect(rows.every(({ error }) => error.length > 0)).toBe(true);
  expect(await counted(streamId)).toEqual([
    { type: 'accepted', n: 20 },
    { type: 'delivered', n: 20 },
  ]);
  expect(await readPosition(engine, log)).toEqual(at(9));
});

test('whatever an event says is stored as it was said', async () => {
  const texts = ['', 'null', 'NULL', '{"a",b}', String.raw`back\slash \n`, 'line\r\nline\ttab', 'Grüße 🎉 ζ', 'q\u0001'.repeat(300_000)];
  const events = texts.map((text) => logged({ campaign: text, site: null, sender: text.slice(0, 500), detail: text }));
  expect(await shipBatch(engine, logName(), { from: null, to: at(4), events })).toEqual({ ok: true, refused: 0 });
  const { rows } = await owner.query<{ campaign: string; site: null; sender: string; at: Date; tenant: string; body: { detail: string } }>(
    `select campaign, site, sender, at, tenant_id as tenant, body from delivery_event where id = any($1) order by seq`,
    [events.map(({ event }) => event.id)],
  );
  expect(rows.map(({ body, at: time, ...row }) => ({ ...row, at: time.getTime(), detail: body.detail }))).toEqual(
    events.map(({ event: { campaign, site, sender, at: time, tenantId, detail } }) => ({
      campaign,
      site,
      sender,
      at: time,
      tenant: tenantId,
      detail,
    })),
  );
});

test('a stretch without events moves the position', async () => {
  const log = logName();
  expect(await shipBatch(engine, log, { from: null, to: at(3), events: [] })).toEqual({ ok: true, refused: 0 });
  expect(await readPosition(engine, log)).toEqual(at(3));
});

test('an error that is not the data’s is thrown and writes nothing', async () => {
  const log = logName();
  const wrong = await connect(database.auditUrl); // may not insert
  await expect(shipBatch(wrong, log, { from: null, to: at(3), events: messages(1, randomUUID()) })).rejects.toThrow('permission denied');
  expect(await readPosition(engine, log)).toBeNull();
  await wrong.end();
});
