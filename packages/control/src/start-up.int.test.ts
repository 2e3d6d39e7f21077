// What an installation does for itself at start: more than once, cut off in the middle, with another key.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { randomBytes } from 'node:crypto';
import { providerPresets } from '@sluice/providers';
import { createControl } from './http.ts';
import { okay, publicUrl, startTestControl, type TestControl } from './testing/control.ts';

let it: TestControl;
beforeEach(async () => {
  it = await startTestControl();
});
afterEach(() => it.close());

const revision = async () => (await it.db.configHead.findFirstOrThrow()).number;

test('the first start leaves what a newcomer needs, and the next one changes nothing', async () => {
  await it.control.startUp.seedFirstStart();
  const first = await revision();
  const pools = okay<{ id: string; name: string; members: object[] }[]>(await it.call('query', 'pools.list', undefined, 'local'));
  expect(pools).toMatchObject([{ name: 'default', members: [{ weight: 100, enabled: true }] }]);
  const limits = okay<{ kind: string; where: object; by: string[] }[]>(await it.call('query', 'limits.list', undefined, 'local'));
  const everywhere = limits.filter(({ where }) => Object.keys(where).length === 0);
  expect(everywhere.map(({ kind, by }) => [kind, by]).toSorted()).toEqual([
    ['connections', ['source', 'provider']],
    ['message_rate', ['source', 'provider']],
  ]);
  const providers = okay<{ key: string; edited: boolean }[]>(await it.call('query', 'providers.list', undefined, 'local'));
  expect(providers.map(({ key }) => key).toSorted()).toEqual(providerPresets.map(({ key }) => key).toSorted());
  expect(providers.every(({ edited }) => !edited)).toBe(true);
  expect(limits).toHaveLength(2 + 2 * providerPresets.length);
  expect(await it.db.settingRule.count()).toBe(providerPresets.length);
  await it.control.startUp.seedFirstStart();
  expect(await revision()).toBe(first);
});

test('what an operator changed is not put back', async () => {
  await it.control.startUp.seedFirstStart();
  const [limit] = okay<{ id: string }[]>(await it.call('query', 'limits.list', undefined, 'local'));
  const update = { id: limit?.id, count: 3, perSeconds: 60, burst: 1, enabled: false, reason: 'slower here' };
  okay(await it.call('mutation', 'limits.update', update, 'local'));
  const before = await revision();
  await it.control.startUp.seedFirstStart();
  await it.control.startUp.seedDemo([]);
  expect(before).toBeLessThan(await revision());
  expect(await it.db.limitRule.findUniqueOrThrow({ where: { id: limit?.id ?? '' } })).toMatchObject({ count: 3, enabled: false });
});

test('the demonstration is seeded once, its known credentials are kept, and a lost one is replaced', async () => {
  await it.control.startUp.seedFirstStart();
  const made = await it.control.startUp.seedDemo([]);
  expect(made).toHaveLength(5);
  expect(await it.db.dkimKey.count({ where: { state: 'active' } })).toBe(5);
  expect(await it.db.egressSource.count()).toBe(5);
  const first = await revision();
  expect(await it.control.startUp.seedDemo(made)).toEqual(made);
  expect(await revision()).toBe(first);

  const [lost, ...rest] = made;
  const again = await it.control.startUp.seedDemo(rest);
  expect(again.slice(1)).toEqual(rest);
  expect(again[0]).toMatchObject({ tenant: lost?.tenant, stream: lost?.stream });
  expect(again[0]?.username).not.toBe(lost?.username);
  expect(await it.db.credential.findUniqueOrThrow({ where: { username: lost?.username ?? '' } })).toMatchObject({ enabled: false });
  const actors = await it.db.auditEntry.findMany({ distinct: ['actorKind'], select: { actorKind: true } });
  expect(actors).toEqual([{ actorKind: 'system' }]);
});

test('a demonstration is refused where mail would leave the machine, and no default source is made there', async () => {
  const real = await startTestControl({ egress: 'internet' });
  try {
    await real.control.startUp.seedFirstStart();
    expect(await real.db.egressSource.count()).toBe(0);
    await expect(real.control.startUp.seedDemo([])).rejects.toThrow('sandbox only');
    expect(await real.db.tenant.count()).toBe(0);
  } finally {
    await real.close();
  }
});

test('the key of the first start fits ever after, and another one does not', async () => {
  expect(await it.control.startUp.keyFits()).toBe(true);
  expect(await it.control.startUp.keyFits()).toBe(true);
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const options = { consoleDatabaseUrl: it.consoleUrl, sessionSecret: 'x'.repeat(40), localToken: null, publicUrl, version: '0', log };
  const other = await createControl({ ...options, kek: randomBytes(32), egress: 'sandbox', demo: false });
  try {
    expect(await other.startUp.keyFits()).toBe(false);
  } finally {
    await other.close();
  }
});

test('health and readiness say no more than that, and a path that is not ours is left to the pages', async () => {
  expect(await (await it.request('/healthz', {})).text()).toBe('{"status":"ok"}');
  expect(await (await it.request('/readyz', {})).text()).toBe('{"status":"ready"}');
  const page = new Request(new URL('/pools', publicUrl));
  expect(await it.control.handle(page, { address: '192.0.2.1', loopback: false })).toBeNull();
});
