// Long lists: read in parts, and searched by the server, with what is searched in the URL.
import { createSluiceClient } from '@sluice/client';
import { expect, test } from './testing/console-test.ts';
import { violationsOn } from './testing/violations.ts';

const reason = 'a test of lists';

test('a long list is read part after part, and a search in the URL finds what no part has shown', async ({ owner, world }) => {
  const client = createSluiceClient({ url: world.url, token: world.localToken });
  const names = Array.from({ length: 60 }, (_, n) => `zz ${String(n).padStart(2, '0')}`);
  const apply = async (limits: Record<string, unknown>) => {
    const document = { text: JSON.stringify({ sluice: 1, limits }), mode: 'merge' as const };
    const { baseRevision } = await client.config.planText.mutate(document);
    await client.config.applyText.mutate({ ...document, baseRevision, reason });
  };
  await apply(Object.fromEntries(names.map((name) => [name, { kind: 'daily_cap', count: 9 }])));
  await owner.goto('/limits');
  const table = owner.getByRole('table', { name: 'Limits', exact: true });
  await expect(table.getByRole('row')).toHaveCount(1 + 50);
  await expect(table.getByText('zz 59')).toHaveCount(0);
  await owner.getByRole('searchbox', { name: 'Name of a limit' }).fill('ZZ 59');
  await owner.getByRole('search').getByRole('button', { name: 'Search' }).click();
  await expect(owner).toHaveURL(/search=ZZ(\+|%20)59/);
  await expect(table.getByRole('row')).toHaveCount(1 + 1);
  await owner.goto('/limits?search=nothing-like-it');
  await expect(owner.getByText('Nothing matches')).toBeVisible();
  await owner.getByRole('button', { name: 'Clear the search' }).click();
  const total = (await client.limits.list.query()).length;
  for (let shown = 50; shown < total; shown += 50) {
    await owner.getByRole('button', { name: 'Load more' }).click();
    await expect(table.getByRole('row')).toHaveCount(1 + Math.min(total, shown + 50));
  }
  await expect(table.getByText('zz 59')).toBeVisible();
  await expect(owner.getByRole('button', { name: 'Load more' })).toHaveCount(0);
  await apply(Object.fromEntries(names.map((name) => [name, null])));
});

test('a tenant of the URL is shown wherever in the list it stands, and the list is searched', async ({ owner, world }) => {
  const client = createSluiceClient({ url: world.url, token: world.localToken });
  const [first, second] = await client.tenants.list.query();
  await owner.goto(`/tenants?tenant=${second?.id}&search=${first?.slug}`);
  const chooser = owner.getByRole('combobox', { name: 'Tenant' });
  await expect(chooser).toHaveValue(second?.id ?? 'none');
  await expect(chooser.getByRole('option')).toHaveCount(2);
  await owner
    .getByRole('search', { name: 'Find a tenant' })
    .getByRole('searchbox')
    .fill(second?.slug ?? '');
  await owner.keyboard.press('Enter');
  await expect(chooser.getByRole('option')).toHaveCount(1);
});

test('pools and routes are searched, and of a tenant’s own lists those that are long', async ({ owner, world }) => {
  const client = createSluiceClient({ url: world.url, token: world.localToken });
  const [tenant] = await client.tenants.list.query();
  const tenantId = tenant?.id ?? '';
  const [stream] = await client.streams.list.query({ tenantId });
  const [pool] = await client.pools.list.query();
  const relays: string[] = [];
  for (let n = 0; n < 10; n++) {
    const made = await client.relays.create.mutate({ tenantId, streamId: stream?.id ?? '', cidr: `198.51.100.${16 * n}/28`, reason });
    relays.push(made.id);
  }
  const routes: string[] = [];
  for (const domain of ['one.lists.example', 'two.lists.example']) {
    const made = await client.routes.create.mutate({ domain, host: 'relay.lists.example', port: 25, reason });
    routes.push(made.id);
  }

  await owner.goto('/routes?search=two.lists');
  const table = owner.getByRole('table', { name: 'Static routes' });
  await expect(table.getByText('two.lists.example')).toBeVisible();
  await expect(table.getByText('one.lists.example')).toHaveCount(0);
  await owner.goto(`/pools?search=${encodeURIComponent(pool?.name ?? '')}`);
  await expect(owner.getByRole('heading', { name: pool?.name ?? 'none', exact: true })).toBeVisible();
  await owner.getByRole('searchbox', { name: 'Find a pool' }).fill('nothing-like-it');
  await owner.keyboard.press('Enter');
  await expect(owner.getByText('No such pool')).toBeVisible();

  await owner.goto(`/tenants?tenant=${tenantId}`);
  await owner.getByRole('searchbox', { name: 'Find a network' }).fill('198.51.100.144');
  await owner.keyboard.press('Enter');
  const networks = owner.getByRole('table', { name: /^Relay networks of / });
  await expect(networks.getByText('198.51.100.144/28')).toBeVisible();
  await expect(networks.getByText('198.51.100.0/28')).toHaveCount(0);
  await expect(owner.getByRole('searchbox', { name: 'Find a stream' })).toHaveCount(0);

  for (const id of relays) await client.relays.delete.mutate({ id, reason });
  for (const id of routes) await client.routes.delete.mutate({ id, reason });
});

test('a dialog keeps and finds what stands behind the first of very many sources', async ({ owner, world }) => {
  const client = createSluiceClient({ url: world.url, token: world.localToken });
  const numbers = Array.from({ length: 120 }, (_, n) => n + 1);
  const nameOf = (n: number): string => `zz-${String(n).padStart(3, '0')}`;
  const apply = async (sources: Record<string, unknown>, pools: Record<string, unknown>) => {
    const document = { text: JSON.stringify({ sluice: 1, sources, pools }), mode: 'merge' as const };
    const { baseRevision } = await client.config.planText.mutate(document);
    await client.config.applyText.mutate({ ...document, baseRevision, reason });
  };
  const sourceOf = (n: number) => {
    const address = `127.77.0.${n}`;
    return { publicAddress: address, bindAddress: address, family: 4, ehloName: 'many.example' };
  };
  await apply(Object.fromEntries(numbers.map((n) => [nameOf(n), sourceOf(n)])), {
    'of many': { members: { [nameOf(120)]: { weight: 7 } } },
  });
  await owner.goto('/pools?search=of+many');
  const members = owner.getByRole('table', { name: 'Members of of many' });
  await expect(members.getByText('127.77.0.120')).toBeVisible();
  await owner.getByRole('button', { name: 'Edit members of of many' }).click();
  const dialog = owner.getByRole('dialog');
  await expect(dialog.getByRole('checkbox', { name: 'zz-120' })).toBeChecked();
  await expect(dialog.getByLabel('Weight of zz-120')).toHaveValue('7');
  await expect(dialog.getByRole('checkbox', { name: 'zz-119' })).toHaveCount(0);
  await dialog.getByRole('searchbox', { name: 'Find a source' }).fill('zz-119');
  await owner.keyboard.press('Enter');
  await dialog.getByRole('checkbox', { name: 'zz-119' }).check();
  expect(await violationsOn(owner, { within: '[role=dialog]' })).toEqual([]);
  await dialog.getByLabel('Reason').fill(reason);
  await dialog.getByRole('button', { name: 'Save members' }).click();
  await expect(dialog.getByText(/Saved as revision/)).toBeVisible();
  const [pool] = await client.pools.list.query({ search: 'of many' });
  const ids = pool?.members.map(({ sourceId }) => sourceId) ?? [];
  expect((await client.sources.list.query({ ids })).map(({ name }) => name)).toEqual(['zz-119', 'zz-120']);
  await apply(Object.fromEntries(numbers.map((n) => [nameOf(n), null])), { 'of many': null });
});
