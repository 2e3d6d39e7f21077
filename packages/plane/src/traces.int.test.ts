// Traces between console and node over real Postgres: ordered, told line by line, each tenant its own, over, and gone.
import { randomUUID } from 'node:crypto';
import type { CommandScope, TraceBatch, TraceLine, TraceOrder } from '@sluice/contract';
import { testDatabase, type TestDatabase } from '@sluice/db/testing';
import type pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { protocolTraces, startTrace, stopTrace, traceLines } from './console/index.ts';
import { EngineDatabase, openEnginePlane, type EnginePlane } from './engine/index.ts';
import { dropOldTraces } from './engine/trace-feed.ts';
import { connect, consoleSql, rememberingLog } from './testing/fixture.ts';

let database: TestDatabase;
let sql: Awaited<ReturnType<typeof consoleSql>>;
let owner: pg.Client;
let plane: EnginePlane;
let lines: string[];
const soon = { timeout: 8_000, interval: 20 };

beforeEach(async () => {
  database = await testDatabase();
  sql = await consoleSql(database.consoleUrl);
  owner = await connect(database.ownerUrl);
  const remembering = rememberingLog();
  lines = remembering.lines;
  plane = openEnginePlane({ databaseUrl: database.engineUrl, node: 'node-1', log: remembering.log });
});
afterEach(async () => {
  await plane.close();
  await sql.end();
  await owner.end();
});

async function started(scope: CommandScope, { minutes = 5 } = {}): Promise<string> {
  const id = randomUUID();
  const now = Date.now();
  const times = { startedAt: new Date(now).toISOString(), expiresAt: new Date(now + minutes * 60_000).toISOString() };
  await startTrace(sql, { id, scope, sessions: 3, lines: 100, reason: 'a test', startedBy: 'ann', ...times });
  return id;
}
const line = (seq: number, text = `line ${seq}`): TraceLine => ({
  ...{ seq, session: 1, at: new Date(1_800_000_000_000 + seq).toISOString(), sinceMs: seq / 10, kind: 'sent', text },
});
const batch = (traceId: string, told: TraceLine[], over: Partial<TraceBatch['report']> = {}): TraceBatch => {
  return { traceId, lines: told, report: { sessions: 1, lines: told.at(-1)?.seq ?? 0, dropped: 0, ended: null, ...over } };
};

test('a node hears of a trace at once, tells its lines once however often they are written, and goes on where it was', async () => {
  const offered: TraceOrder[][] = [];
  const following = plane.traces.follow((orders) => void offered.push([...orders]));
  const id = await started({ domain: 'x.example' });
  await expect.poll(() => offered.at(-1)?.map((order) => order.id), soon).toEqual([id]);
  expect(offered.at(-1)?.[0]).toMatchObject({ scope: { domain: 'x.example' }, sessions: 3, lines: 100, already: { lines: 0 } });
  const told = batch(id, [line(1, 'quote " and \\ and \u{1f642}'), line(2)]);
  await plane.traces.write(told);
  await plane.traces.write(told);
  expect(await traceLines(sql, { id, after: {}, limit: 10 })).toEqual([
    { ...line(1, 'quote " and \\ and \u{1f642}'), node: 'node-1' },
    { ...line(2), node: 'node-1' },
  ]);
  expect(await traceLines(sql, { id, after: { 'node-1': 1 }, limit: 10 })).toMatchObject([{ seq: 2 }]);
  const [row] = await protocolTraces(sql, { limit: 5 });
  expect(row).toMatchObject({ id, startedBy: 'ann', stoppedAt: null, reports: [{ node: 'node-1', sessions: 1, lines: 2, ended: null }] });
  await following.stop();
  const again = plane.traces.follow((orders) => void offered.push([...orders]));
  await expect.poll(() => offered.at(-1)?.[0]?.already, soon).toEqual({ sessions: 1, lines: 2, dropped: 0 });
  await again.stop();
});

test('what is stopped, over on this node or past its time is not to be run any more', async () => {
  let offered: readonly TraceOrder[] | null = null;
  const following = plane.traces.follow((orders) => void (offered = orders));
  const [stopped, ended] = [await started({ domain: 'x.example' }), await started({ domain: 'y.example' })];
  await started({ domain: 'z.example' }, { minutes: -1 });
  await expect.poll(() => offered?.map(({ id }) => id), soon).toEqual([stopped, ended]);
  await plane.traces.write(batch(ended, [line(1)], { ended: 'sessions' }));
  expect(await stopTrace(sql, stopped, new Date())).toBe(true);
  expect(await stopTrace(sql, stopped, new Date())).toBe(false);
  await expect.poll(() => offered, soon).toEqual([]);
  await following.stop();
});

test('lines belong to the tenant that the scope names, and no other tenant reads them', async () => {
  const [mine, theirs] = [randomUUID(), randomUUID()];
  const [one, other, all] = [await started({ tenant: mine }), await started({ tenant: theirs }), await started({ domain: 'x.example' })];
  for (const id of [one, other, all]) await plane.traces.write(batch(id, [line(1, `of ${id}`)]));
  const bound = await consoleSql(database.consoleUrl, mine);
  expect((await protocolTraces(bound, { limit: 10 })).map(({ id }) => id)).toEqual([one]);
  expect(await traceLines(bound, { id: one, after: {}, limit: 10 })).toHaveLength(1);
  for (const id of [other, all]) expect(await traceLines(bound, { id, after: {}, limit: 10 })).toEqual([]);
  expect(await stopTrace(bound, other, new Date())).toBe(false);
  expect((await bound.query('select count(*)::int as n from protocol_trace_report', [])) as unknown).toEqual([{ n: 1 }]);
  await bound.end();
});

test('a batch that could not be written is written whole the next time', async () => {
  const id = await started({ domain: 'x.example' });
  await owner.query('alter table protocol_trace_line rename to elsewhere');
  await expect(plane.traces.write(batch(id, [line(1)]))).rejects.toThrow();
  await owner.query('alter table elsewhere rename to protocol_trace_line');
  await plane.traces.write(batch(id, [line(1)]));
  expect(await traceLines(sql, { id, after: {}, limit: 10 })).toHaveLength(1);
});

test('a trace and its lines are gone some hours after its end, and not before', async () => {
  const engine = new EngineDatabase({ databaseUrl: database.engineUrl, log: (level, message) => void lines.push(`${level}: ${message}`) });
  try {
    const [old, recent] = [await started({ domain: 'x.example' }), await started({ domain: 'y.example' })];
    for (const id of [old, recent]) await plane.traces.write(batch(id, [line(1)], { ended: 'expired' }));
    // Only now does their time pass: the plane drops old traces by itself when it starts.
    await owner.query("select set_config('sluice.tenant', '*', false)");
    for (const [id, minutes] of [
      [old, 361],
      [recent, 1],
    ] as const) {
      const passed = "update protocol_trace set expires_at = now() - $2::int * interval '1 minute' where id = $1";
      expect((await owner.query(passed, [id, minutes])).rowCount).toBe(1);
    }
    await dropOldTraces(engine);
    expect((await protocolTraces(sql, { limit: 10 })).map(({ id }) => id)).toEqual([recent]);
    expect((await owner.query("select set_config('sluice.tenant', '*', false)")).rowCount).toBe(1);
    expect((await owner.query('select trace_id::text as id from protocol_trace_line')).rows).toEqual([{ id: recent }]);
  } finally {
    await engine.close();
  }
});
