// Decisions between node and console over real Postgres: taken once however often they are handed over, each tenant its own, and gone.
import { randomUUID } from 'node:crypto';
import type { Decision } from '@sluice/contract';
import { testDatabase, type TestDatabase } from '@sluice/db/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { decisions } from './console/index.ts';
import { EngineDatabase, openEnginePlane, type EnginePlane } from './engine/index.ts';
import { dropOldDecisions, PgDecisionSink } from './engine/decision-sink.ts';
import { consoleSql, rememberingLog } from './testing/fixture.ts';

let database: TestDatabase;
let plane: EnginePlane;
const all = { kind: null, alert: null, planId: null, since: null, before: undefined, limit: 10 };

beforeEach(async () => {
  database = await testDatabase();
  plane = openEnginePlane({ databaseUrl: database.engineUrl, node: 'node-1', log: rememberingLog().log });
});
afterEach(() => plane.close());

const made = (over: Partial<Decision> = {}): Decision => ({
  ...{ id: randomUUID(), at: Date.now(), node: 'node-1', kind: 'automation', action: 'reduce', subject: { provider: 'gmail' } },
  ...{ sentence: 'slower \0 "now" \ud83d', alert: false, ruleId: randomUUID(), planId: null, ...over },
});

test('a decision is there once however often it is handed over, as it was told, the newest first', async () => {
  const [first, second] = [made(), made({ alert: true, kind: 'warm_up', sentence: 'held' })];
  await plane.decisions.take([first]);
  await plane.decisions.take([first, second]);
  const sql = await consoleSql(database.consoleUrl);
  const rows = await decisions(sql, all);
  expect(rows.map(({ id }) => id)).toEqual([second.id, first.id]);
  expect(rows[1]).toMatchObject({ ...first, at: new Date(first.at), sentence: 'slower \ufffd "now" \ufffd' });
  expect((await decisions(sql, { ...all, alert: true })).map(({ id }) => id)).toEqual([second.id]);
  expect((await decisions(sql, { ...all, kind: 'automation' })).map(({ id }) => id)).toEqual([first.id]);
  expect((await decisions(sql, { ...all, before: rows[0]?.seq })).map(({ id }) => id)).toEqual([first.id]);
  expect(await decisions(sql, { ...all, since: new Date(Date.now() + 60_000) })).toEqual([]);
  await sql.end();
});

test('one that the database refuses holds up no other, and is in the log', async () => {
  const { log, lines } = rememberingLog();
  const engine = new EngineDatabase({ databaseUrl: database.engineUrl, log });
  const [first, odd, second] = [made(), made({ subject: { tenant: 'no id' }, sentence: 'of nobody' }), made()];
  await new PgDecisionSink(engine, log).take([first, odd, second]);
  await engine.close();
  const sql = await consoleSql(database.consoleUrl);
  expect((await decisions(sql, all)).map(({ id }) => id).toSorted()).toEqual([first.id, second.id].toSorted());
  expect(lines.join()).toContain('of nobody');
  await sql.end();
});

test('an operator of a tenant sees what was decided about its mail and nothing else', async () => {
  const tenant = randomUUID();
  const own = made({ subject: { tenant } });
  await plane.decisions.take([own, made({ subject: { tenant: randomUUID() } }), made()]);
  const sql = await consoleSql(database.consoleUrl, tenant);
  expect((await decisions(sql, all)).map(({ id }) => id)).toEqual([own.id]);
  await sql.end();
});

test('decisions of long ago are dropped', async () => {
  const kept = made();
  await plane.decisions.take([kept, made({ at: Date.now() - 200 * 86_400_000 })]);
  const engine = new EngineDatabase({ databaseUrl: database.engineUrl, log: rememberingLog().log });
  await dropOldDecisions(engine);
  await engine.close();
  const sql = await consoleSql(database.consoleUrl);
  expect((await decisions(sql, all)).map(({ id }) => id)).toEqual([kept.id]);
  await sql.end();
});
