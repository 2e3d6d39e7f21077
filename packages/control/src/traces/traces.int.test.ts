// Traces as operators start, read and stop them, over real Postgres with a node at the other end.
import type { TraceLine, TraceOrder } from '@sluice/contract';
import { openEnginePlane, type EnginePlane } from '@sluice/plane/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { okay, password, startTestControl, type As, type TestControl } from '../testing/control.ts';
import { makeWorld, marker, type World } from '../testing/world.ts';

let it: TestControl;
let world: World;
let bound: As;
let plane: EnginePlane;
let orders: readonly TraceOrder[] = [];
const soon = { timeout: 5_000 };
const reason = 'a test of traces';
const start = (input: object, as: As = 'local') => it.call('mutation', 'traces.start', { reason, ...input }, as);
const started = async (input: object, as: As = 'local') => okay<{ traceId: string; expiresAt: string }>(await start(input, as));
const stop = (id: string, as: As = 'local') => it.call('mutation', 'traces.stop', { id, reason }, as);
type View = { trace: { running: boolean; touches: string; reports: object[] }; lines: (TraceLine & { node: string })[] };
const read = async (id: string, after: object = {}, as: As = 'local') =>
  okay<View>(await it.call('query', 'traces.lines', { id, after }, as));
const line = (seq: number, text: string): TraceLine => ({
  seq,
  session: 1,
  at: it.now().toISOString(),
  sinceMs: seq,
  kind: 'received',
  text,
});

beforeAll(async () => {
  it = await startTestControl();
  world = await makeWorld(it);
  const email = 'bound@sluice.example';
  const { tenantId } = world.mine;
  okay(await it.call('mutation', 'users.create', { name: 'Bound', email, password, role: 'owner', tenantId }, 'local'));
  bound = { cookie: (await it.signIn(email)).cookie };
  plane = openEnginePlane({ databaseUrl: it.engineUrl, node: 'node-1', log: () => undefined });
  const following = plane.traces.follow((all) => void (orders = all));
  it.atEnd(async () => {
    await following.stop();
    await plane.close();
  });
});
afterAll(() => it.close());

test('a trace reaches the node as it was narrowed, its lines come back in order, and a stop reaches the node too', async () => {
  const { tenantId, streamId } = world.mine;
  const { traceId, expiresAt } = await started({ scope: { stream: streamId, domain: 'gmail.com' }, minutes: 2, sessions: 4, lines: 50 });
  expect(Date.parse(expiresAt) - it.now().getTime()).toBe(120_000);
  await expect
    .poll(() => orders.find(({ id }) => id === traceId), soon)
    .toMatchObject({
      ...{ scope: { tenant: tenantId, stream: streamId, domain: 'gmail.com' }, sessions: 4, lines: 50, expiresAt },
    });
  const report = { sessions: 1, lines: 2, dropped: 0, ended: null };
  await plane.traces.write({ traceId, lines: [line(1, '250 one'), line(2, '250 two')], report });
  const first = await read(traceId);
  expect(first.lines.map(({ text, node }) => [node, text])).toEqual([
    ['node-1', '250 one'],
    ['node-1', '250 two'],
  ]);
  expect(first.trace).toMatchObject({ running: true, reports: [{ node: 'node-1', lines: 2 }] });
  expect(first.trace.touches).toContain('domain gmail.com');
  expect((await read(traceId, { 'node-1': 1 })).lines.map(({ seq }) => seq)).toEqual([2]);
  okay(await stop(traceId));
  await expect.poll(() => orders.some(({ id }) => id === traceId), soon).toBe(false);
  expect((await read(traceId)).trace.running).toBe(false);
  expect((await stop(traceId)).code).toBe('NOT_FOUND');
  const trail = await it.db.auditEntry.findMany({ where: { target: `trace:${traceId}` }, orderBy: { seq: 'asc' } });
  expect(trail.map((entry) => [entry.action, entry.tenantId])).toEqual([
    ['traces.start', tenantId],
    ['traces.stop', tenantId],
  ]);
});

test('a scope that names nothing, a node or more than there is is refused', async () => {
  for (const [input, code] of [
    [{ scope: {} }, 'BAD_REQUEST'],
    [{ scope: { node: 'node-1' } }, 'BAD_REQUEST'],
    [{ scope: { domain: 'x.example', node: 'node-1' } }, 'BAD_REQUEST'],
    [{ scope: { domain: 'x.example', credential: 'c' } }, 'BAD_REQUEST'],
    [{ scope: { domain: 'x.example' }, minutes: 61 }, 'BAD_REQUEST'],
    [{ scope: { domain: 'x.example' }, sessions: 101 }, 'BAD_REQUEST'],
    [{ scope: { domain: 'x.example' }, lines: 10_001 }, 'BAD_REQUEST'],
    [{ scope: { stream: crypto.randomUUID() } }, 'NOT_FOUND'],
  ] as const)
    expect([input, (await start(input)).code]).toEqual([input, code]);
});

test("an operator of a tenant traces that tenant's mail alone, whatever the scope says, and reads no other trace", async () => {
  const { tenantId } = world.mine;
  for (const scope of [{ tenant: world.theirs.tenantId }, { stream: world.theirs.streamId }])
    expect((await start({ scope }, bound)).code).toBe('NOT_FOUND');
  const { traceId } = await started({ scope: { source: world.sourceId } }, bound);
  await expect.poll(() => orders.find(({ id }) => id === traceId)?.scope, soon).toEqual({ source: world.sourceId, tenant: tenantId });
  const [all, theirs] = [await started({ scope: { provider: 'gmail' } }), await started({ scope: { tenant: world.theirs.tenantId } })];
  for (const other of [all, theirs]) {
    await plane.traces.write({
      ...{ traceId: other.traceId, lines: [line(1, `250 ${marker}`)] },
      report: { sessions: 1, lines: 1, dropped: 0, ended: null },
    });
    expect((await it.call('query', 'traces.lines', { id: other.traceId }, bound)).code).toBe('NOT_FOUND');
    expect((await stop(other.traceId, bound)).code).toBe('NOT_FOUND');
    expect((await read(other.traceId)).lines).toHaveLength(1);
  }
  const listed = okay<{ id: string }[]>(await it.call('query', 'traces.list', {}, bound));
  expect(listed.map(({ id }) => id)).toContain(traceId);
  expect(JSON.stringify(listed)).not.toContain(all.traceId);
  expect(JSON.stringify(listed)).not.toContain(theirs.traceId);
});

test('traces end by themselves, and a tenant runs three at a time', async () => {
  it.advance(3_700_000);
  bound = { cookie: (await it.signIn('bound@sluice.example')).cookie };
  const listed = okay<{ running: boolean }[]>(await it.call('query', 'traces.list', {}, 'local'));
  expect(listed.some(({ running }) => running)).toBe(false);
  for (const domain of ['a.example', 'b.example', 'c.example']) await started({ scope: { domain } }, bound);
  expect((await start({ scope: { domain: 'd.example' } }, bound)).code).toBe('CONFLICT');
  await started({ scope: { domain: 'd.example' } });
});
