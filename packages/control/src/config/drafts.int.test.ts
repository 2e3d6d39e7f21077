// Drafts, bulk sources, checks and acknowledgements.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { okay, startTestControl, type TestControl } from '../testing/control.ts';
import { makeWorld, type World } from '../testing/world.ts';

let it: TestControl;
let world: World;
beforeEach(async () => {
  it = await startTestControl();
  world = await makeWorld(it);
});
afterEach(() => it.close());

const reason = 'draft test';
const change = (path: string, input: object) => it.call('mutation', path, { ...input, reason }, 'local');
const ask = async <T>(path: string, input?: object) => okay<T>(await it.call('query', path, input, 'local'));
const head = async () => (await it.db.configHead.findFirstOrThrow()).number;
type Plan = { total: number; moved: string[]; findings: { level: string; message: string; about: string }[]; counts: object };

async function save(name: string, text: string, baseRevision: number): Promise<string> {
  return okay<{ id: string }>(await it.call('mutation', 'config.saveDraft', { name, text, mode: 'merge', baseRevision }, 'local')).id;
}

test('several edits of a draft become one revision, and a draft of the same name is the same draft', async () => {
  const base = await head();
  const first = await save('night shift', 'sluice: 1\nlimits: {}\n', base);
  const text = 'sluice: 1\nsources:\n  shared-source: { enabled: false }\nlimits:\n  shared limit: { count: 9 }\n';
  expect(await save('night shift', text, base)).toBe(first);
  expect(await ask<Plan>('config.planDraft', { id: first })).toMatchObject({
    total: 2,
    moved: [],
    counts: { add: 0, change: 2, remove: 0 },
  });
  expect(await head()).toBe(base);
  const { revision } = okay<{ revision: number }>(await change('config.publishDraft', { id: first }));
  expect(revision).toBe(base + 1);
  expect(await it.db.configEntity.count({ where: { revision } })).toBe(2);
  expect(await ask('config.drafts')).toEqual([]);
});

test('what others changed meanwhile is told by name and not overwritten unasked', async () => {
  const base = await head();
  const id = await save('mine', 'sluice: 1\nlimits:\n  shared limit: { count: 9 }\n', base);
  okay(await change('limits.update', { id: world.limitId, count: 7, perSeconds: 1, burst: null, enabled: true }));
  okay(await change('sources.setEnabled', { id: world.sourceId, enabled: false }));
  expect((await ask<Plan>('config.planDraft', { id })).moved).toEqual(['limit shared limit']);
  const refused = await change('config.publishDraft', { id });
  expect([refused.code, refused.message]).toEqual(['CONFLICT', expect.stringContaining('limit shared limit')]);
  okay(await change('config.publishDraft', { id, overwrite: true }));
  expect(await it.db.limitRule.findUnique({ where: { id: world.limitId } })).toMatchObject({ count: 9 });
  // What the draft did not name stays.
  expect(await it.db.egressSource.findUnique({ where: { id: world.sourceId } })).toMatchObject({ enabled: false });
});

test('a network becomes sources, after a look that makes none; the same again changes nothing', async () => {
  const from = { kind: 'network', cidr: '127.0.90.0/29', name: 'bulk-{n}', ehlo: 'mta-{address}.example.com' };
  const before = await head();
  const look = okay<{ plan: Plan; revision: null }>(await change('sources.bulk', { from, dryRun: true }));
  expect(look).toMatchObject({ plan: { counts: { add: 6, change: 0, remove: 0 } }, revision: null });
  expect(await head()).toBe(before);
  const { revision } = okay<{ revision: number }>(await change('sources.bulk', { from, dryRun: false }));
  expect(revision).toBe(before + 1);
  const made = await it.db.egressSource.findMany({ where: { name: { startsWith: 'bulk-' } }, orderBy: { name: 'asc' } });
  expect(made.map(({ name, bindAddress, ehloName }) => [name, bindAddress, ehloName])[0]).toEqual([
    'bulk-1',
    '127.0.90.1',
    'mta-127-0-90-1.example.com',
  ]);
  expect(made).toHaveLength(6);
  expect(okay(await change('sources.bulk', { from, dryRun: false }))).toMatchObject({ revision });
});

test('a pasted table is read by its head, and a line that is wrong is named', async () => {
  const csv = 'Address;Name;Enabled\n127.0.91.1;t1;no\n127.0.91.2;t2;yes\n';
  okay(await change('sources.bulk', { from: { kind: 'table', csv, ehlo: 'mta{n}.example.com' }, dryRun: false }));
  const made = await it.db.egressSource.findMany({ where: { name: { in: ['t1', 't2'] } }, orderBy: { name: 'asc' } });
  expect(made.map(({ enabled, ehloName }) => [enabled, ehloName])).toEqual([
    [false, 'mta1.example.com'],
    [true, 'mta2.example.com'],
  ]);
  const bad = await change('sources.bulk', {
    from: { kind: 'table', csv: 'a,127.0.91.3,,x.example\nb,nonsense,,x.example' },
    dryRun: true,
  });
  expect([bad.code, bad.message]).toEqual(['BAD_REQUEST', 'csv: line 2: nonsense is no address']);
  const taken = okay<{ plan: Plan }>(
    await change('sources.bulk', { from: { kind: 'table', csv: 'c,127.0.91.1,,x.example' }, dryRun: true }),
  );
  expect(taken.plan.findings).toContainEqual(
    expect.objectContaining({ level: 'error', message: 'the address 127.0.91.1 is bound by source t1 too' }),
  );
});

test('the whole is checked as it is, and an entity is found by its name', async () => {
  okay(await change('sources.setEnabled', { id: world.sourceId, enabled: false }));
  const { findings } = await ask<Plan>('config.check');
  expect(findings).toContainEqual(expect.objectContaining({ level: 'warning', about: 'pool shared' }));
  expect(findings.find(({ about }) => about === 'pool shared')?.message).toContain('mail of mine/mine-stream');
  const pool = await ask<{ id: string; text: string }>('config.get', { section: 'pools', name: 'shared' });
  expect(pool).toMatchObject({
    id: world.poolId,
    text: 'pools:\n  shared:\n    members:\n      shared-source:\n        enabled: true\n        weight: 1\n',
  });
  expect((await it.call('query', 'config.get', { section: 'pools', name: 'nothing' }, 'local')).code).toBe('NOT_FOUND');
});

test('a revision is waited for until every node that reports has it', async () => {
  const wait = (revision: number) => ask<{ done: boolean; nodes: { node: string; state: string }[] }>('config.wait', { revision });
  const revision = await head();
  // The world's only node refused something later than it runs.
  await it.db.node.update({ where: { name: 'node-1' }, data: { revision, ackStatus: 'refused' } });
  expect(await wait(revision)).toMatchObject({ done: false, nodes: [{ node: 'node-1', state: 'refused' }] });
  await it.db.node.update({ where: { name: 'node-1' }, data: { revision: revision - 1, ackStatus: 'applied' } });
  await it.db.$executeRaw`update metrics_frame set frame = jsonb_set(frame, '{revision}', ${String(revision - 1)}::jsonb)`;
  expect(await wait(revision)).toMatchObject({ done: false, nodes: [{ state: 'waiting' }] });
  await it.db.node.update({ where: { name: 'node-1' }, data: { revision } });
  expect(await wait(revision)).toMatchObject({ done: true, nodes: [{ state: 'has' }] });
  it.advance(60_000);
  await it.db.node.update({ where: { name: 'node-1' }, data: { revision: revision - 1 } });
  expect(await wait(revision)).toMatchObject({ done: false, nodes: [{ state: 'away' }] });
});
