// Long lists in parts: every thing once, in order, whoever may see them, and only those that are searched for.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { okay, startTestControl, type TestControl } from './testing/control.ts';

let it: TestControl;
let tenantId: string;
beforeAll(async () => {
  it = await startTestControl();
  const make = (path: string, input: object) => it.call('mutation', path, input, 'local').then(okay<{ id: string }>);
  ({ id: tenantId } = await make('tenants.create', { name: 'Acme', slug: 'acme' }));
  for (let n = 10; n < 25; n++) {
    const address = `127.9.0.${n}`;
    await make('sources.create', { name: `out ${n}`, publicAddress: address, bindAddress: address, family: 4, ehloName: 'out.example' });
    await make('domains.create', { tenantId, domain: `d${n}.example` });
    await make('tenants.create', { name: 'Same name', slug: `same-${n}` });
    const rate = { by: [], kind: 'message_rate', count: n, perSeconds: 1, burst: null };
    await make('limits.create', { name: `limit ${n}`, where: n % 3 === 0 ? { tenant: tenantId } : {}, ...rate });
  }
});
afterAll(() => it.close());

type Item = Record<'id' | 'name' | 'slug' | 'domain', string>;
const list = async (path: string, input: object | undefined, as: Parameters<TestControl['call']>[3] = 'local'): Promise<Item[]> =>
  okay(await it.call('query', path, input, as));

async function inParts(path: string, key: keyof Item, input: object, as?: Parameters<TestControl['call']>[3]): Promise<Item[]> {
  const all: Item[] = [];
  for (;;) {
    const last = all.at(-1);
    const part = await list(path, { ...input, limit: 4, ...(last && { after: last[key] }) }, as);
    all.push(...part);
    if (part.length < 4) return all;
  }
}

test.each([
  ['sources.list', 'name'],
  ['limits.list', 'name'],
  ['domains.list', 'domain'],
  ['tenants.list', 'slug'],
] as const)('%s in parts is the whole list', async (path, key) => {
  const whole = await list(path, path === 'domains.list' ? {} : undefined);
  expect(whole.length).toBeGreaterThanOrEqual(15);
  expect(await inParts(path, key, {})).toEqual(whole);
});

test('a search finds by name, slug and address, whatever the case', async () => {
  expect((await list('sources.list', { search: 'OUT 1' })).map(({ name }) => name)).toEqual(
    Array.from({ length: 10 }, (_, n) => `out ${10 + n}`),
  );
  expect(await list('sources.list', { search: '9.0.2' })).toHaveLength(5);
  expect(await list('tenants.list', { search: 'acme' })).toHaveLength(1);
  expect(await list('domains.list', { search: '%' })).toEqual([]);
});

test('a tenant is found by its whole id, and selectors by the domains that they belong to', async () => {
  expect((await list('tenants.list', { search: tenantId })).map(({ slug }) => slug)).toEqual(['acme']);
  const [first, second, third] = await list('domains.list', { tenantId, limit: 3 });
  for (const domain of [first, second, third])
    okay(await it.call('mutation', 'selectors.create', { domainId: domain?.id, selector: 's1' }, 'local'));
  const found = await list('selectors.list', { domainIds: [third?.id, first?.id] });
  expect(found.map(({ domain }) => domain).toSorted()).toEqual([first?.domain, third?.domain]);
});

test('what has certain ids is told, and of the others nothing', async () => {
  const sources = await list('sources.list', undefined);
  const [first, , third] = sources;
  const ids = [third?.id, first?.id, '01890000-0000-7000-8000-00000000ffff'];
  expect((await list('sources.list', { ids })).map(({ name }) => name)).toEqual([first?.name, third?.name]);
  expect(await list('tenants.list', { ids: [tenantId] })).toMatchObject([{ slug: 'acme' }]);
  const members = [{ sourceId: first?.id, weight: 1, enabled: true }];
  const pools: { id: string }[] = [];
  for (const name of ['one', 'two']) pools.push(okay(await it.call('mutation', 'pools.create', { name, members }, 'local')));
  expect(await list('pools.list', { ids: [pools[1]?.id] })).toMatchObject([{ name: 'two' }]);
  const streams: { id: string }[] = [];
  for (const name of ['bulk', 'alerts']) {
    const stream = { tenantId, name, poolIds: [pools[0]?.id] };
    streams.push(okay(await it.call('mutation', 'streams.create', stream, 'local')));
  }
  expect(await list('streams.list', { ids: [streams[1]?.id] })).toMatchObject([{ name: 'alerts' }]);
  expect(await list('streams.list', { ids: [streams[1]?.id], after: streams[1]?.id })).toEqual([]);
  expect((await it.call('query', 'sources.list', { ids: [] }, 'local')).code).toBe('BAD_REQUEST');
});

test('an operator of a tenant who names another is told nothing', async () => {
  const other = okay<{ id: string }>(await it.call('mutation', 'tenants.create', { name: 'Third', slug: 'third' }, 'local'));
  const account = { name: 'Third', email: 'third@sluice.example', password: 'correct horse battery staple', role: 'analyst' };
  okay(await it.call('mutation', 'users.create', { ...account, tenantId: other.id }, 'local'));
  const { cookie } = await it.signIn('third@sluice.example');
  expect(await list('tenants.list', { ids: [tenantId, other.id] }, { cookie })).toMatchObject([{ slug: 'third' }]);
  for (const path of ['sources.list', 'pools.list', 'streams.list']) {
    const ids = (await list(path, {})).map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(0);
    expect(await list(path, { ids }, { cookie })).toEqual([]);
  }
});

test('an operator of a tenant reads on past what it may not see, and meets none of it', async () => {
  const other = okay<{ id: string }>(await it.call('mutation', 'tenants.create', { name: 'Other', slug: 'other' }, 'local'));
  for (let n = 30; n < 42; n++) {
    const rate = { by: [], kind: 'message_rate', count: n, perSeconds: 1, burst: null };
    okay(await it.call('mutation', 'limits.create', { name: `a ${n}`, where: { tenant: other.id }, ...rate }, 'local'));
  }
  const account = { name: 'Bound', email: 'bound@sluice.example', password: 'correct horse battery staple', role: 'analyst', tenantId };
  okay(await it.call('mutation', 'users.create', account, 'local'));
  const { cookie } = await it.signIn('bound@sluice.example');
  const seen = await inParts('limits.list', 'name', {}, { cookie });
  expect(seen.filter(({ name }) => name.startsWith('a '))).toEqual([]);
  expect(seen.map(({ name }) => name)).toEqual(expect.arrayContaining(['limit 10', 'limit 24']));
});

test('a part that is no part is refused', async () => {
  for (const input of [{ limit: 0 }, { limit: 5_001 }, { after: '' }, { before: 'x' }])
    expect((await it.call('query', 'sources.list', input, 'local')).code).toBe('BAD_REQUEST');
  expect((await it.call('query', 'selectors.list', { after: 'no id' }, 'local')).code).toBe('BAD_REQUEST');
});
