// API keys in the browser: made with what the maker may, shown once, renewed, ended; and an Analyst is offered nothing.
import { confirmWith, expect, test } from './testing/console-test.ts';
import { violationsOn } from './testing/violations.ts';

const statusOf = async (url: string, key: string): Promise<number> =>
  (await fetch(`${url}/api/trpc/sources.list`, { headers: { authorization: `Bearer ${key}` } })).status;

test('a key is made, shown once, works, is renewed and ended', async ({ owner, world }) => {
  await owner.goto('/settings/keys');
  await owner.getByRole('button', { name: 'New API key' }).click();
  const dialog = owner.getByRole('dialog');
  await dialog.getByLabel('Name').fill('deploy');
  await dialog.getByLabel('Reason').fill('a script of ours');
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  await expect(dialog.getByRole('alert')).toContainText('Choose at least one thing');
  await dialog.getByRole('checkbox', { name: 'sources: read' }).check();
  await dialog.getByLabel('Only from these networks').fill('127.0.0.0/8\n::1');
  expect(await confirmWith(owner, 'a script of ours', 'Make the key')).toContain('only time');
  const key = (await dialog.getByText(/^slk_/).textContent()) ?? '';
  expect(await statusOf(world.url, key)).toBe(200);
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  const row = owner.getByRole('row', { name: /^deploy/ });
  await expect(row).toContainText('Active');
  await expect(row).toContainText('sources: read');
  await expect(owner.getByText(key)).toHaveCount(0);

  await owner.getByRole('button', { name: 'Rotate deploy' }).click();
  await dialog.getByLabel('The old secret works for').selectOption('one hour');
  expect(await confirmWith(owner, 'yearly', 'Make a new secret')).toContain('The old secret works until');
  const next = (await dialog.getByText(/^slk_/).textContent()) ?? '';
  expect([await statusOf(world.url, key), await statusOf(world.url, next)]).toEqual([200, 200]);
  await dialog.getByRole('button', { name: 'Close' }).first().click();

  await owner.getByRole('button', { name: 'Revoke deploy' }).click();
  expect(await confirmWith(owner, 'lost', 'Revoke the key')).toBe('deploy is revoked.');
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await expect(row).toContainText('Revoked');
  expect([await statusOf(world.url, key), await statusOf(world.url, next)]).toEqual([401, 401]);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the list and the dialog of a new key have no accessibility violation in ${colorScheme}`, async ({ owner }) => {
    await owner.emulateMedia({ colorScheme });
    await owner.goto('/settings/keys');
    await expect(owner.getByRole('heading', { level: 1, name: 'API keys' })).toBeVisible();
    await expect(owner.getByRole('status', { name: /^Loading/ })).toHaveCount(0);
    expect(await violationsOn(owner)).toEqual([]);
    await owner.getByRole('button', { name: 'New API key' }).click();
    await expect(owner.getByRole('checkbox', { name: 'Everything: read' })).toBeVisible();
    expect(await violationsOn(owner)).toEqual([]);
  });
}

test('an Analyst is not offered the page, and its address leads to a refusal in words', async ({ analyst }) => {
  await analyst.goto('/');
  await expect(analyst.getByRole('link', { name: 'Audit' })).toBeVisible();
  await expect(analyst.getByRole('link', { name: 'API keys' })).toHaveCount(0);
  await analyst.goto('/settings/keys');
  await expect(analyst.getByRole('alert').getByText('Your role does not include this.')).toBeVisible();
  await expect(analyst.getByRole('button', { name: 'New API key' })).toHaveCount(0);
});
