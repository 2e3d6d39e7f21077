// What the console reads of events: search, pages, timeline, trace, series; and that the partitions they lie in are made and dropped.
import { randomUUID } from 'node:crypto';
import { testDatabase, type TestDatabase } from '@sluice/db/testing';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shipBatch, type LoggedEvent } from '../engine/index.ts';
import { connect, consoleSql, deliveredMessage, ids, logged, logName } from '../testing/fixture.ts';
import {
  dropEventPartitions,
  ensureEventPartitions,
  lastEvents,
  outcomeSeries,
  searchMessages,
  sourceStanding,
  timeline,
  trace,
} from './index.ts';

let database: TestDatabase;
let sql: Awaited<ReturnType<typeof consoleSql>>;
let owner: pg.Client;
let engine: pg.Client;

beforeAll(async () => {
  database = await testDatabase();
  sql = await consoleSql(database.consoleUrl);
  [owner, engine] = await Promise.all([connect(database.ownerUrl), connect(database.engineUrl)]);
});
afterAll(async () => {
  await Promise.all([sql.end(), owner.end(), engine.end()]);
});

const ship = (events: LoggedEvent[]) => shipBatch(engine, logName(), { from: null, to: { segment: 1, offset: 1 }, events });

test('an event comes back exactly as it was shipped', async () => {
  const events = deliveredMessage('exact@round.example', { tenantId: ids.tenant, campaign: 'spring', replyRule: 'gmail.rate-ip' });
  await ship(events);
  expect(await timeline(sql, events[0]?.event.entryId ?? '')).toEqual(events.map(({ event }) => event));
  expect(await lastEvents(sql, 2)).toEqual(events.map(({ event }) => event).reverse());
});

test('a message is found by its recipient in any case, with its newest state, attempts and reply', async () => {
  const [accepted, delivered] = deliveredMessage('Ann.Lee@search.example');
  if (!accepted || !delivered) throw new Error('two events');
  const reply = { code: 421, enhanced: '4.7.0', text: 'try again later', command: 'rcpt' as const };
  const deferred = logged({ ...accepted.event, id: 'deferred-1', type: 'deferred', attempt: 1, reply, at: accepted.event.at + 10 });
  const final = logged({ ...delivered.event, id: 'delivered-2', attempt: 2, at: accepted.event.at + 20 });
  await ship([accepted, deferred]);
  const found = async () => (await searchMessages(sql, { recipient: 'ann.lee@SEARCH.example', limit: 10 })).items;
  expect(await found()).toMatchObject([
    {
      entryId: accepted.event.entryId,
      recipient: 'Ann.Lee@search.example',
      state: 'deferred',
      attempts: 1,
      lastReply: reply,
      tenantId: ids.tenant,
    },
  ]);
  await ship([final]);
  expect(await found()).toMatchObject([
    { state: 'delivered', attempts: 2, lastReply: delivered.event.reply, lastEventAt: new Date(final.event.at) },
  ]);
  expect((await trace(sql, { recipient: 'ANN.LEE@search.example', limit: 10 })).map(({ type }) => type)).toEqual([
    'accepted',
    'deferred',
    'delivered',
  ]);
  expect((await trace(sql, { recipient: 'ann.lee@search.example', limit: 2 })).map(({ type }) => type)).toEqual(['deferred', 'delivered']);
  expect((await searchMessages(sql, { recipient: 'nobody@search.example', limit: 10 })).items).toEqual([]);
});

test('pages of a domain follow each other without gap or repeat while new mail comes in', async () => {
  const events = Array.from({ length: 25 }, (_, n) => deliveredMessage(`user${n}@pages.example`));
  for (const batch of [events.slice(0, 10), events.slice(10)]) await ship(batch.flat());
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await searchMessages(sql, { recipient: '@Pages.Example', cursor, limit: 7 });
    seen.push(...page.items.map(({ entryId }) => entryId));
    cursor = page.nextCursor ?? undefined;
    await ship(deliveredMessage('late@pages.example'));
  } while (cursor !== undefined);
  expect(seen).toEqual(events.map(([accepted]) => accepted?.event.entryId).reverse());
});

test('a cursor that is not ours starts at the beginning', async () => {
  const first = await searchMessages(sql, { limit: 3 });
  for (const cursor of ['', 'x', `1'; drop table "user"; --`, '9'.repeat(30)])
    expect((await searchMessages(sql, { cursor, limit: 3 })).items).toEqual(first.items);
});

test('a tenant sees nothing of another: search, timeline, trace, series, totals', async () => {
  const tenantId = randomUUID();
  const events = deliveredMessage('secret@tenant.example');
  await ship(events);
  const other = await consoleSql(database.consoleUrl, tenantId);
  expect((await searchMessages(other, { recipient: 'secret@tenant.example', limit: 5 })).items).toEqual([]);
  expect((await searchMessages(other, { limit: 5 })).items).toEqual([]);
  expect(await timeline(other, events[0]?.event.entryId ?? '')).toEqual([]);
  expect(await trace(other, { recipient: 'secret@tenant.example', limit: 5 })).toEqual([]);
  expect(await lastEvents(other, 5)).toEqual([]);
  const nothing = { delivered: 0, deferred: 0, bounced: 0 };
  expect(await sourceStanding(other, { ids: [ids.source], now: new Date() })).toEqual([
    { sourceId: ids.source, lastHour: nothing, suspension: null },
  ]);
  expect((await outcomeSeries(other, 5)).every(({ accepted, delivered }) => accepted === 0 && delivered === 0)).toBe(true);
  await other.end();
});

test('outcomes come by minute without gaps, and by source', async () => {
  const [tenantId, sourceId] = [randomUUID(), randomUUID()];
  const minute = 60_000;
  const now = Date.now();
  await ship([
    ...deliveredMessage('a@series.example', { tenantId, at: now }),
    logged({ tenantId, type: 'deferred', sourceId, at: now - 2 * minute, latencyMs: 10 }),
    logged({ tenantId, type: 'bounced', sourceId, at: now - 2 * minute }),
    logged({ tenantId, type: 'delivered', sourceId, at: now - 90 * minute }),
  ]);
  const mine = await consoleSql(database.consoleUrl, tenantId);
  const series = await outcomeSeries(mine, 5);
  expect(series).toHaveLength(5);
  expect(series.every((row, n) => n === 0 || row.minute.getTime() - (series[n - 1]?.minute.getTime() ?? 0) === minute)).toBe(true);
  const sum = (type: 'accepted' | 'delivered' | 'deferred' | 'bounced') => series.reduce((total, row) => total + row[type], 0);
  expect({ accepted: sum('accepted'), delivered: sum('delivered'), deferred: sum('deferred'), bounced: sum('bounced') }).toEqual({
    accepted: 1,
    delivered: 1,
    deferred: 1,
    bounced: 1,
  });
  const standing = await sourceStanding(mine, { ids: [sourceId, ids.source], now: new Date(now) });
  expect(new Map(standing.map((one) => [one.sourceId, one.lastHour]))).toEqual(
    new Map([
      [sourceId, { delivered: 0, deferred: 1, bounced: 1 }],
      [ids.source, { delivered: 1, deferred: 0, bounced: 0 }],
    ]),
  );
  await mine.end();
});

const partitions = async () =>
  (
    await owner.query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'delivery_event'::regclass order by 1`,
    )
  ).rows.map(({ name }) => name);

test('partitions are made ahead with row-level security forced, and old ones are dropped', async () => {
  expect(await ensureEventPartitions(sql, 10)).toBe(3); // the migration made seven days ahead
  expect(await ensureEventPartitions(sql, 10)).toBe(0);
  const before = await partitions();
  expect(before).toHaveLength(12);
  await owner.query(
    `create table delivery_event_20200101 partition of delivery_event for values from ('2020-01-01 00:00+00') to ('2020-01-02 00:00+00')`,
  );
  expect(await dropEventPartitions(sql, 30)).toBe(1);
  expect(await partitions()).toEqual(before);
  await expect(dropEventPartitions(sql, 0)).rejects.toThrow('keep_days');
  await expect(ensureEventPartitions(sql, 1000)).rejects.toThrow('days_ahead');
});

test('an event without a partition waits in DEFAULT and moves when its partition is made', async () => {
  const [today] = (await owner.query<{ name: string }>(`select 'delivery_event_' || to_char(now() at time zone 'UTC', 'YYYYMMDD') as name`))
    .rows;
  await owner.query(`drop table ${today?.name}`);
  const events = deliveredMessage('waits@default.example');
  expect(await ship(events)).toEqual({ ok: true, refused: 0 });
  expect((await owner.query('select 1 from delivery_event_default')).rowCount).toBe(2);
  expect(await ensureEventPartitions(sql, 0)).toBe(1);
  expect((await owner.query('select 1 from delivery_event_default')).rowCount).toBe(0);
  expect(await timeline(sql, events[0]?.event.entryId ?? '')).toHaveLength(2);
});
