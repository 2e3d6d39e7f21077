// Long lists: read in parts, and searched by the server, with what is searched in the URL.
import { createSluiceClient } from '@sluice/client';
import { expect, test } from './testing/console-test.ts';

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

test('the record of a selector is looked for in DNS when that is asked for', async ({ owner }) => {
  await owner.goto('/tenants');
  await owner.getByText('DNS record', { exact: true }).first().click();
  const ask = owner.getByRole('button', { name: /^Look for the record of .+ in DNS$/ }).first();
  await ask.click();
  await expect(owner.getByText('Absent', { exact: true })).toBeVisible();
  await expect(owner.getByText(/has no TXT record/)).toBeVisible();
});
