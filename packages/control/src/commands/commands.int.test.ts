// Commands as operators give them and nodes take them, over real Postgres: narrowed by tenant, previewed, confirmed, withdrawn, explained.
import type { Answer, EngineCommand, Question } from '@sluice/contract';
import { openEnginePlane } from '@sluice/plane/engine';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { okay, password, startTestControl, type As, type TestControl } from '../testing/control.ts';
import { makeWorld, marker, type World } from '../testing/world.ts';

let it: TestControl;
let world: World;
let bound: As;
const taken: EngineCommand[] = [];
const soon = { timeout: 3_000 };
const reason = 'a test of commands';
const issue = (input: object, as: As = 'local') => it.call('mutation', 'commands.issue', { reason, ...input }, as);
const purge = (input: object, as: As = 'local') => it.call('mutation', 'commands.purge', { reason, ...input }, as);
const given = async (input: object, as: As = 'local') =>
  okay<{ commandId: string; startsAt: string | null; expiresAt: string | null }>(await issue(input, as));

beforeAll(async () => {
  it = await startTestControl();
  world = await makeWorld(it);
  const email = 'bound@sluice.example';
  const { tenantId } = world.mine;
  okay(await it.call('mutation', 'users.create', { name: 'Bound', email, password, role: 'owner', tenantId }, 'local'));
  bound = { cookie: (await it.signIn(email)).cookie };
  const plane = openEnginePlane({ databaseUrl: it.engineUrl, node: 'node-1', log: () => undefined });
  const following = plane.commands.follow(async (command) => {
    taken.push(command);
    return { commandId: command.id, node: 'node-1', status: 'applied', matched: 9, message: '', at: new Date().toISOString() };
  });
  it.atEnd(async () => {
    await following.stop();
    await plane.close();
  });
});
afterAll(() => it.close());
beforeEach(() => void taken.splice(0));

test('a scope is written into the command as the operator may give it, and reaches the node within a second', async () => {
  const { tenantId, streamId } = world.mine;
  const startedMs = performance.now();
  const { commandId } = await given({ kind: 'suspend', scope: { provider: 'gmail', stream: streamId }, minutes: 5 });
  await expect.poll(() => taken.map((command) => command.id), soon).toEqual([commandId]);
  expect(performance.now() - startedMs).toBeLessThan(1_000);
  expect(taken[0]).toMatchObject({
    kind: 'suspend',
    scope: { provider: 'gmail', stream: streamId, tenant: tenantId },
    cutoffAt: null,
    reason,
  });
});

test("an operator of a tenant reaches that tenant's mail alone, whatever the scope says", async () => {
  const mine = world.mine.tenantId;
  await given({ kind: 'suspend', scope: { provider: 'gmail' } }, bound);
  await expect.poll(() => taken.map((command) => command.scope), soon).toEqual([{ provider: 'gmail', tenant: mine }]);
  for (const [scope, code] of [
    [{ tenant: world.theirs.tenantId }, 'NOT_FOUND'],
    [{ stream: world.theirs.streamId }, 'NOT_FOUND'],
    [{ tenant: world.theirs.tenantId, stream: world.mine.streamId }, 'NOT_FOUND'],
    [{}, 'BAD_REQUEST'],
    [{ weekday: 'monday' }, 'BAD_REQUEST'],
  ] as const)
    expect([scope, (await purge({ kind: 'cancel', scope, confirm: 9 }, bound)).code]).toEqual([scope, code]);
  for (const kind of ['drain', 'undrain']) expect((await issue({ kind, scope: { node: 'node-1' } }, bound)).code).toBe('FORBIDDEN');
  for (const kind of ['flush_connections', 'probe_source', 'use_source'])
    expect((await issue({ kind, scope: { source: world.sourceId } }, bound)).code).toBe('FORBIDDEN');
  const listed = await it.call('query', 'commands.list', {}, bound);
  expect(okay<{ scope: { tenant: string } }[]>(listed).every((command) => command.scope.tenant === mine)).toBe(true);
});

test('a tenant moves mail only to a pool that its stream may use', async () => {
  const { streamId } = world.mine;
  const hidden = await it.db.ipPool.findFirstOrThrow({ where: { name: `${marker}-pool` } });
  expect((await issue({ kind: 'move', scope: { stream: streamId }, poolId: hidden.id }, bound)).code).toBe('NOT_FOUND');
  expect((await issue({ kind: 'move', scope: { provider: 'gmail' }, poolId: world.poolId }, bound)).code).toBe('BAD_REQUEST');
  expect((await issue({ kind: 'move', scope: { stream: streamId } }, bound)).code).toBe('BAD_REQUEST');
  await given({ kind: 'move', scope: { stream: streamId }, poolId: world.poolId, minutes: 30 }, bound);
  await expect.poll(() => taken[0], soon).toMatchObject({ kind: 'move', poolId: world.poolId, cutoffAt: it.now().toISOString() });
});

test('what cannot be undone asks for the count, waits ten seconds, and can be withdrawn', async () => {
  const scope = { domain: 'gmail.com', tenant: world.mine.tenantId };
  const preview = okay<{ matched: number; exact: boolean }>(await it.call('query', 'commands.preview', { kind: 'cancel', scope }, 'local'));
  expect(preview).toMatchObject({ matched: 9, exact: true });
  expect((await purge({ kind: 'cancel', scope })).code).toBe('BAD_REQUEST');
  expect((await purge({ kind: 'cancel', scope, confirm: 3 })).code).toBe('CONFLICT');
  // Acting now is for Operators; what ends mail for good cannot be asked for in that way.
  expect((await issue({ kind: 'cancel', scope })).code).toBe('BAD_REQUEST');
  const done = await purge({ kind: 'cancel', scope, confirm: 9 });
  const { commandId, startsAt } = okay<{ commandId: string; startsAt: string | null }>(done);
  expect(Date.parse(startsAt ?? '') - it.now().getTime()).toBe(10_000);
  const active = async () =>
    okay<{ id: string }[]>(await it.call('query', 'commands.list', { active: true }, 'local')).map((command) => command.id);
  expect(await active()).toContain(commandId);
  okay(await it.call('mutation', 'commands.withdraw', { id: commandId, reason }, 'local'));
  expect(await active()).not.toContain(commandId);
  await expect
    .poll(() => taken.map((command) => [command.kind, command.targetId]), soon)
    .toEqual([
      ['cancel', null],
      ['withdraw', commandId],
    ]);
  expect((await it.call('mutation', 'commands.withdraw', { id: commandId, reason }, 'local')).code).toBe('NOT_FOUND');
  const trail = await it.db.auditEntry.findMany({ where: { target: `command:${commandId}` }, orderBy: { seq: 'asc' } });
  expect(trail.map((entry) => [entry.action, entry.reason, entry.tenantId])).toEqual([
    ['commands.cancel', reason, scope.tenant],
    ['commands.withdraw', reason, scope.tenant],
  ]);
});

test('commands that name a node go to that node', async () => {
  await given({ kind: 'drain', scope: { node: 'another-node' } });
  const { commandId } = await given({ kind: 'flush_dns', scope: { node: 'node-1' } });
  await expect.poll(() => taken.map((command) => command.id), soon).toEqual([commandId]);
});

test('what a command for one node would touch is counted on that node alone', async () => {
  const scope = { node: 'node-1' };
  const preview = okay<{ matched: number; exact: boolean; nodes: { node: string }[] }>(
    await it.call('query', 'commands.preview', { kind: 'drain', scope }, 'local'),
  );
  expect(preview).toMatchObject({ matched: 9, exact: true, nodes: [{ node: 'node-1' }] });
  const elsewhere = await it.call('query', 'commands.preview', { kind: 'drain', scope: { node: 'another-node' } }, 'local');
  expect(okay(elsewhere)).toMatchObject({ matched: 0, nodes: [] });
});

test('a resume of part of what is suspended is given, one of nothing is not', async () => {
  const { tenantId } = world.theirs;
  await given({ kind: 'suspend', scope: { tenant: tenantId } });
  await given({ kind: 'resume', scope: { tenant: tenantId, domain: 'gmail.com' } });
  await given({ kind: 'resume', scope: { tenant: tenantId } });
  expect((await issue({ kind: 'resume', scope: { tenant: tenantId } })).code).toBe('CONFLICT');
});

test('queues are listed and explained within the tenant, with what a tenant may not read left out', async () => {
  const hold = { detail: 'limit theirs: 5 in 1 s', clearsAt: null, entries: 3, sourceId: null, commandId: null, reply: null };
  const limit = { id: crypto.randomUUID(), name: `${marker} limit`, used: 1, of: 1, perSeconds: 1 };
  const plane = openEnginePlane({ databaseUrl: it.engineUrl, node: 'node-2', log: () => undefined });
  const asked: Question[] = [];
  const following = plane.questions.follow(async (question): Promise<Answer> => {
    asked.push(question);
    if (question.kind !== 'explain') return { kind: 'refused', message: 'not asked here' };
    return { kind: 'explain', row: null, holds: [{ ...hold, kind: 'limit', limit }] };
  });
  const frame = await it.db.metricsFrame.findFirstOrThrow();
  await it.db.node.create({ data: { name: 'node-2' } });
  await it.db.metricsFrame.create({ data: { node: 'node-2', at: it.now(), frame: frame.frame ?? {} } });
  try {
    const { tenantId, streamId } = world.mine;
    const list = okay<{ queues: { tenantId: string }[]; silent: string[] }>(await it.call('query', 'queues.list', {}, bound));
    expect(list.queues.map((queue) => queue.tenantId)).toEqual([tenantId]);
    expect(list.silent).toEqual(['node-2']);
    expect(asked).toContainEqual(expect.objectContaining({ kind: 'queues', scope: { tenant: tenantId } }));
    const queue = { tenantId, streamId, campaign: null, domain: 'gmail.com' };
    const told = await it.call('query', 'queues.explain', { queue }, bound);
    expect(JSON.stringify(okay(told))).not.toContain(marker);
    expect(JSON.stringify(okay(told))).toContain('a limit of the installation');
    expect(JSON.stringify(okay(await it.call('query', 'queues.explain', { queue }, 'local')))).toContain(`${marker} limit`);
    expect(await it.db.$queryRaw`select count(*)::int as left from engine_question`).toEqual([{ left: 0 }]);
  } finally {
    await following.stop();
    await plane.close();
  }
});

test('a message that is over says so, one of another tenant is not there', async () => {
  const { entryId } = world.mine;
  expect(okay(await it.call('query', 'messages.explain', { entryId }, bound))).toMatchObject({
    queued: false,
    last: { type: 'delivered' },
    holds: [],
  });
  expect((await it.call('query', 'messages.explain', { entryId: world.theirs.entryId }, bound)).code).toBe('NOT_FOUND');
});
