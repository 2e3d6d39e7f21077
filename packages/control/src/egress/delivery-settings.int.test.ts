// Delivery settings over the API: what is told of them, to whom, and where each value came from.
import { randomUUID } from 'node:crypto';
import { openSecret, kekIdOf } from '@sluice/plane';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { okay, password, startTestControl, type As, type TestControl } from '../testing/control.ts';
import { makeWorld, type World } from '../testing/world.ts';

let it: TestControl;
let world: World;
let bound: As;
beforeAll(async () => {
  it = await startTestControl();
  world = await makeWorld(it);
  const email = 'bound@sluice.example';
  okay(await it.call('mutation', 'users.create', { name: 'b', email, password, role: 'owner', tenantId: world.mine.tenantId }, 'local'));
  bound = { cookie: (await it.signIn(email)).cookie };
});
afterAll(() => it.close());

const reason = 'settings test';
const change = (path: string, input: object) => it.call('mutation', path, { ...input, reason }, 'local');
type Rule = { id: string; name: string; values: Record<string, unknown>; hasAuthPassword: boolean; whereNames: Record<string, string> };
type Effective = {
  context: { dimension: string; value: string; from: string; name: string | null }[];
  values: { key: string; value: unknown; byDefault: unknown; rule: { kind: string; name: string } | null }[];
  route: { domain: string; hasAuthPassword: boolean } | null;
  limits: { name: string; open: string[]; whereNames: Record<string, string> }[];
};
const effective = async (input: object, as: As = 'local') => {
  const answer = okay<Effective>(await it.call('query', 'settings.effective', input, as));
  return { ...answer, of: (key: string) => answer.values.find((value) => value.key === key) };
};

test('every value says the rule it came from, the most specific of those that match', async () => {
  const { mine, sourceId } = world;
  okay(
    await change('settings.create', {
      name: 'gmail',
      where: { provider: 'gmail' },
      values: { tls: 'required', dane: false, chaining: false },
    }),
  );
  okay(await change('settings.create', { name: 'my stream', where: { stream: mine.streamId }, values: { tls: 'disabled' } }));
  okay(await change('settings.create', { name: 'off', where: { stream: mine.streamId }, values: { dane: true }, enabled: false }));
  const found = await effective({ provider: 'gmail', sourceId, streamId: mine.streamId });
  expect(found.of('tls')).toMatchObject({ value: 'disabled', byDefault: 'opportunistic', rule: { name: 'my stream' } });
  expect(found.of('dane')).toMatchObject({ value: false, byDefault: true, rule: { name: 'gmail' } });
  expect(found.of('chaining')).toMatchObject({ value: false, byDefault: true, rule: { name: 'gmail' } });
  expect(found.of('idleTimeoutMs')).toMatchObject({ value: 5001, rule: { name: 'shared rule' } });
  expect(found.of('connectTimeoutMs')?.rule).toBeNull();
  expect(found.context).toEqual([
    { dimension: 'provider', value: 'gmail', from: 'asked', name: null },
    { dimension: 'source', value: sourceId, from: 'asked', name: 'shared-source' },
    { dimension: 'tenant', value: mine.tenantId, from: 'stream', name: 'Tenant mine' },
    { dimension: 'stream', value: mine.streamId, from: 'asked', name: 'mine-stream' },
  ]);
});

test('site and provider of a domain come from its static route, else from what the engines reported, unless they are given', async () => {
  okay(await change('routes.create', { domain: 'routed.example', host: '127.0.0.1', port: 2526 }));
  expect((await effective({ domain: 'routed.example' })).context).toContainEqual({
    ...{ dimension: 'site', value: '127.0.0.1:2526', from: 'route', name: null },
  });
  okay(await change('routes.create', { domain: 'relayed.example', host: 'smtp-relay.google.test', port: 25 }));
  await it.db.provider.create({ data: { id: randomUUID(), key: 'relays', name: 'Relays', mxSuffixes: ['google.test'] } });
  expect((await effective({ domain: 'relayed.example' })).context).toContainEqual({
    ...{ dimension: 'provider', value: 'relays', from: 'route', name: null },
  });
  await it.db.deliveryEvent.createMany({
    data: ['gmail', null].map((provider, index) => ({
      ...{ id: `node-1/0/place/1/${index}`, contentHash: 'x', at: it.now(), type: 'delivered', tenantId: world.theirs.tenantId, body: {} },
      ...{ domain: `place${index}.example`, site: `mx${index}.example`, provider },
    })),
  });
  const known = await effective({ domain: 'place0.example' });
  expect(known.context.filter(({ from }) => from === 'events').map(({ dimension, value }) => [dimension, value])).toEqual([
    ['provider', 'gmail'],
    ['site', 'mx0.example'],
  ]);
  const given = await effective({ domain: 'place0.example', provider: 'yahoo' });
  expect(given.context.find(({ dimension }) => dimension === 'provider')).toMatchObject({ value: 'yahoo', from: 'asked' });
  // Another tenant's mail tells a bound operator nothing.
  expect((await effective({ domain: 'place0.example' }, bound)).context.map(({ dimension }) => dimension)).toEqual(['domain', 'tenant']);
});

test('what a static route tells stands above every rule, unless the question is about another site', async () => {
  const { mine } = world;
  const domain = 'led.example';
  const route = { domain, host: '127.0.0.1', port: 2527, protocol: 'lmtp', tls: 'required', authUsername: 'relay' };
  okay(await change('routes.create', { ...route, authPassword: 'hush-hush-hush' }));
  okay(await change('settings.create', { name: 'tenant', where: { tenant: mine.tenantId }, values: { maxAgeSeconds: 60 } }));
  okay(
    await change('settings.create', { name: 'of its site', where: { site: '127.0.0.1:2527 lmtp as relay' }, values: { tls: 'disabled' } }),
  );
  const found = await effective({ domain, tenantId: mine.tenantId });
  expect(found.route).toMatchObject({ domain, hasAuthPassword: true });
  for (const [key, value] of [
    ['tls', 'required'],
    ['protocol', 'lmtp'],
    ['authUsername', 'relay'],
    ['authSecretId', true],
  ] as const) {
    expect(found.of(key)).toMatchObject({ value, rule: { kind: 'route', name: domain } });
  }
  expect(found.of('maxAgeSeconds')).toMatchObject({ value: 60, rule: { kind: 'rule', name: 'tenant' } });
  const elsewhere = await effective({ domain, site: 'mx.other.example' });
  expect([elsewhere.route, elsewhere.of('protocol')?.rule]).toEqual([null, null]);
});

test('limits that match are told with what they leave open, and a bound operator is not told of those of others', async () => {
  const { mine, theirs, sourceId } = world;
  const size = { by: [], kind: 'message_rate', count: 5, perSeconds: 1, burst: 0 };
  const limit = async (name: string, where: object) => okay(await change('limits.create', { ...size, name, where }));
  await limit('of mine', { tenant: mine.tenantId });
  await limit('of theirs', { tenant: theirs.tenantId });
  await limit('of the source', { source: sourceId, node: 'node-1' });
  const told = async (input: object, as: As = 'local') =>
    (await effective(input, as)).limits.filter(({ name }) => name.startsWith('of ')).map(({ name, open }) => [name, open]);
  expect(await told({ sourceId, tenantId: mine.tenantId })).toEqual([
    ['of mine', []],
    ['of the source', ['node']],
  ]);
  expect((await effective({ sourceId })).limits.find(({ name }) => name === 'of theirs')?.whereNames).toEqual({ tenant: 'Tenant zzyzx' });
  expect((await told({}, bound)).map(([name]) => name)).not.toContain('of theirs');
});

test('a tenant-bound operator asks about its own tenant, and a stream of another tenant is a contradiction', async () => {
  const found = await effective({}, bound);
  expect(found.context).toMatchObject([{ dimension: 'tenant', value: world.mine.tenantId }]);
  const mixed = { tenantId: world.mine.tenantId, streamId: world.theirs.streamId };
  expect((await it.call('query', 'settings.effective', mixed, 'local')).code).toBe('BAD_REQUEST');
});

test('a delivery window in a time zone that nobody knows is refused, with the field and what is wanted', async () => {
  const window = { days: ['mon'], from: '08:00', to: '18:00', zone: 'Mars/Base' };
  const refused = await change('settings.create', { name: 'window', where: {}, values: { window } });
  expect(refused.code).toBe('BAD_REQUEST');
  expect(JSON.stringify(refused)).toMatch(/window.*zone.*no known time zone/);
});

test('what mail named so cannot be told is refused with the field, and with what such a rule may name', async () => {
  const { mine } = world;
  const refused = async (where: object, given: object) => {
    const { code, ...answer } = await change('settings.create', { name: 'far', where, values: {}, ...given });
    return `${code} ${JSON.stringify(answer)}`;
  };
  const connection = 'a rule with it may name provider, site, source, or nothing';
  const ofDomain = await refused({ domain: 'a.example' }, { values: { pipelining: false } });
  for (const part of ['BAD_REQUEST', 'pipelining', `does not differ by domain: ${connection}`]) expect(ofDomain).toContain(part);
  const ofStream = await refused({ tenant: mine.tenantId, stream: mine.streamId }, { values: { ehloName: 'a.example' } });
  expect(ofStream).toContain(`does not differ by tenant or stream: ${connection}`);
  expect(await refused({ domain: 'a.example' }, { authPassword: 'hush-hush-hush' })).toMatch(/authPassword.*does not differ by domain/);
  expect(await refused({ source: world.sourceId }, { values: { maxAgeSeconds: 60 } })).toMatch(/maxAgeSeconds.*does not differ by source/);
  expect(await refused({ provider: 'gmail' }, { values: { mtaSts: false } })).toMatch(/may name domain, or nothing/);
});

test('a password is sealed, kept through an update that does not name it, removable, and in no answer', async () => {
  const rule = { name: 'smart host', where: { site: 'relay.corp.example' }, values: { authUsername: 'relay' } };
  const { id } = okay<Rule>(await change('settings.create', { ...rule, authPassword: 'hush-hush-hush' }));
  const stored = async () => (await it.db.settingRule.findUniqueOrThrow({ where: { id } })).settingValues as { authSecretId?: string };
  const { authSecretId = '' } = await stored();
  const { ciphertext, wraps, aad } = await it.db.secret.findUniqueOrThrow({ where: { id: authSecretId } });
  const sealed = { id: authSecretId, aad, ciphertext, wraps: wraps as Record<string, string> };
  const opened = openSecret(sealed, { id: kekIdOf(it.kek), key: it.kek });
  expect(opened.ok && Buffer.from(opened.plain).toString()).toBe('hush-hush-hush');
  okay(await change('settings.update', { ...rule, id, values: { authUsername: 'other' } }));
  expect(await stored()).toEqual({ authUsername: 'other', authSecretId });
  const listed = await it.call('query', 'settings.list', undefined, 'local');
  const [view] = okay<Rule[]>(listed).filter((one) => one.id === id);
  expect(view).toMatchObject({ hasAuthPassword: true, hasClientCertificate: false, values: { authUsername: 'other' } });
  const told = await effective({ site: 'relay.corp.example' });
  expect(told.of('authSecretId')?.value).toBe(true);
  const everything = [listed.data, told, await it.db.configEntity.findMany(), it.logged()];
  everything.push(await it.db.auditEntry.findMany({ omit: { seq: true } }));
  expect(JSON.stringify(everything)).not.toContain('hush-hush');
  expect(JSON.stringify([listed.data, told])).not.toContain(authSecretId);
  okay(await change('settings.update', { ...rule, id, authPassword: null }));
  expect(await stored()).toEqual({ authUsername: 'relay' });
  expect(await it.db.secret.findUniqueOrThrow({ where: { id: authSecretId } })).toMatchObject({ deleted: true, ciphertext: '' });
});
