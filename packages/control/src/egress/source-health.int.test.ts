// What nodes say of their sources, as operators see it: all of it, or, bound to a tenant, the tenant's own without the words of errors; and
// the commands about a source on their way to the node.
import type { EngineCommand, SourceHealthRow } from '@sluice/contract';
import { openEnginePlane } from '@sluice/plane/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { okay, password, startTestControl, type As, type TestControl } from '../testing/control.ts';
import { makeWorld, type World } from '../testing/world.ts';

let it: TestControl;
let world: World;
let bound: As;
let hidden: string;
const taken: EngineCommand[] = [];
const row = (sourceId: string): SourceHealthRow => ({
  ...{ sourceId, state: 'out', reason: 'proxy_dead', detail: 'connect ECONNREFUSED 10.0.0.7:1080', sinceMs: 1, probes: 2 },
  ...{ lastProbe: 'ECONNREFUSED 10.0.0.7', nextProbeMs: 5, usedAnywayUntilMs: null },
  names: { state: 'no_reverse_name', finding: 'it has no reverse name', remedy: 'Ask for one.', checkedMs: 1 },
});

beforeAll(async () => {
  it = await startTestControl();
  world = await makeWorld(it);
  const email = 'bound@sluice.example';
  const { tenantId } = world.mine;
  okay(await it.call('mutation', 'users.create', { name: 'Bound', email, password, role: 'owner', tenantId }, 'local'));
  bound = { cookie: (await it.signIn(email)).cookie };
  hidden = (await it.db.egressSource.findFirstOrThrow({ where: { id: { not: world.sourceId } } })).id;
  const plane = openEnginePlane({ databaseUrl: it.engineUrl, node: 'node-9', log: () => undefined });
  const frame = await it.db.metricsFrame.findFirstOrThrow();
  await it.db.node.create({ data: { name: 'node-9' } });
  await it.db.metricsFrame.create({ data: { node: 'node-9', at: it.now(), frame: frame.frame ?? {} } });
  const answering = plane.questions.follow(async (question) =>
    question.kind === 'source_health'
      ? { kind: 'source_health', sources: [row(world.sourceId), row(hidden)], total: 7 }
      : { kind: 'refused', message: 'not asked here' },
  );
  const following = plane.commands.follow(async (command) => {
    taken.push(command);
    return { commandId: command.id, node: 'node-9', status: 'applied', matched: 1, message: '', at: new Date().toISOString() };
  });
  it.atEnd(async () => {
    await answering.stop();
    await following.stop();
    await plane.close();
  });
});
afterAll(() => it.close());

type Health = { nodes: { node: string; sources: SourceHealthRow[]; total: number }[] };
const asked = async (as: As): Promise<Health['nodes'][number]> => {
  const { nodes } = okay<Health>(await it.call('query', 'sources.health', undefined, as));
  const found = nodes.find(({ node }) => node === 'node-9');
  if (!found) throw new Error(JSON.stringify(nodes));
  return found;
};

test('an operator of the installation sees every source with what went wrong', async () => {
  expect(await asked('local')).toMatchObject({
    total: 7,
    sources: [{ detail: expect.stringContaining('10.0.0.7') }, { sourceId: hidden }],
  });
});

test("an operator of a tenant sees the sources of the tenant's pools, and no addresses of proxies", async () => {
  const told = await asked(bound);
  expect(told).toMatchObject({ total: 1, sources: [{ sourceId: world.sourceId, state: 'out', reason: 'proxy_dead', detail: null }] });
  expect(JSON.stringify(told)).not.toContain('10.0.0.7');
});

test('a check is done once, using a source anyway ends by itself; both name a source and leave a trail', async () => {
  const reason = 'a test of sources';
  const give = (input: object) => it.call('mutation', 'commands.issue', { reason, ...input }, 'local');
  const scope = { source: world.sourceId };
  expect((await give({ kind: 'use_source', scope: { node: 'node-9' } })).code).toBe('BAD_REQUEST');
  const used = okay<{ expiresAt: string }>(await give({ kind: 'use_source', scope, minutes: 30 }));
  okay(await give({ kind: 'probe_source', scope }));
  await expect.poll(() => taken.map(({ kind }) => kind).toSorted(), { timeout: 3_000 }).toEqual(['probe_source', 'use_source']);
  expect(Date.parse(used.expiresAt) - it.now().getTime()).toBe(30 * 60_000);
  const trail = await it.db.auditEntry.findMany({ where: { action: { in: ['commands.use_source', 'commands.probe_source'] } } });
  expect(trail.map((entry) => entry.reason)).toEqual([reason, reason]);
});
