// What each role sees of the console: the page that says it, reasons beside what is not offered, recipients in part, and a Client's own
// few screens.
import { createSluiceClient } from '@sluice/client';
import { complaintsOf, expect, signIn, test } from './testing/console-test.ts';
import { violationsOn } from './testing/violations.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the page of roles has no violation in ${colorScheme}, and says what each may and what each call asks`, async ({ analyst }) => {
    const complaints = complaintsOf(analyst);
    await analyst.emulateMedia({ colorScheme });
    await analyst.goto('/settings/roles');
    const words = analyst.getByRole('table', { name: 'Roles', exact: true });
    await expect(words.getByRole('row')).toHaveCount(7);
    await expect(words.getByRole('row', { name: /^Analyst yours/ })).toContainText('Changes nothing');
    const matrix = analyst.getByRole('table', { name: 'Areas and roles' });
    await expect(matrix.getByRole('row', { name: /^Routes/ })).toContainText('reads, changes');
    await analyst.getByRole('combobox', { name: 'Area' }).selectOption('commands');
    await expect(analyst).toHaveURL(/area=commands/);
    const purge = analyst.getByRole('table', { name: 'Calls of Commands' }).getByRole('row', { name: /^commands\.purge/ });
    await expect(purge).toContainText('Admins and above');
    await analyst.screenshot({ path: test.info().outputPath(`roles-${colorScheme}.png`), fullPage: true });
    expect(await violationsOn(analyst)).toEqual([]);
    expect(complaints).toEqual([]);
  });
}

test('an analyst is told who may do what is not offered, an owner is told nothing', async ({ analyst, owner }) => {
  await analyst.goto('/pools');
  await expect(analyst.getByText('Changes here are for Engineers and above.')).toBeVisible();
  await analyst.goto('/queues');
  await expect(analyst.getByText('Changes here are for Operators and above.')).toBeVisible();
  await owner.goto('/pools');
  await expect(owner.getByRole('button', { name: 'New pool' })).toBeVisible();
  await expect(owner.getByText('Changes here are for')).toHaveCount(0);
});

test('without the grant recipients are shown in part, with it whole', async ({ analyst, owner }) => {
  const shown = async (page: typeof owner) => {
    await page.goto('/messages');
    const table = page.getByRole('table', { name: 'Messages' });
    await expect(table.getByRole('link').first()).toBeVisible();
    return table.getByRole('link').allTextContents();
  };
  const masked = await shown(analyst);
  expect(masked.filter((address) => !/^.?\*\*\*@[^@]+$/.test(address))).toEqual([]);
  await expect(analyst.getByText('Recipients are shown in part')).toBeVisible();
  expect((await shown(owner)).filter((address) => address.includes('***'))).toEqual([]);
  await expect(owner.getByText('Recipients are shown in part')).toHaveCount(0);
});

test('a client sees its own mail and figures, no other screen, and nothing that is stale', async ({ browser, world }) => {
  const client = createSluiceClient({ url: world.url, token: world.localToken });
  const [tenant] = await client.tenants.list.query();
  const account = { email: 'client@sluice.example', password: 'a long enough pass phrase' };
  await client.users.create.mutate({ ...account, name: 'Cleo Client', role: 'client', tenantId: tenant?.id ?? null });
  const context = await browser.newContext({ baseURL: world.url });
  const page = await context.newPage();
  const complaints = complaintsOf(page);
  await signIn(page, world.url, account);
  await expect(page.getByRole('table', { name: 'Last events' })).toBeVisible();
  const places = page.getByRole('navigation', { name: 'Main' }).getByRole('link');
  for (const name of ['Overview', 'Messages', 'Roles']) await expect(places.getByText(name, { exact: true })).toBeVisible();
  for (const name of ['Queues', 'Nodes', 'Sources', 'Tenants', 'Audit'])
    await expect(places.getByText(name, { exact: true })).toHaveCount(0);
  await page.waitForTimeout(6_000);
  await expect(page.getByTestId('stale')).toHaveCount(0);
  expect(await violationsOn(page)).toEqual([]);
  await page.getByRole('table', { name: 'Last events' }).getByRole('link').first().click();
  await expect(page.getByRole('heading', { level: 1, name: /^To / })).toBeVisible();
  expect(complaints).toEqual([]);
  await context.close();
});
