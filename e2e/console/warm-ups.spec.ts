// Warm-up as operators see and steer it: how far each source is and why, what a table of text would be before it is kept, and every act with
// its reason.
import { complaintsOf, expect, test } from './testing/console-test.ts';
import { violationsOn } from './testing/violations.ts';

for (const colorScheme of ['light', 'dark'] as const)
  test(`a plan in ${colorScheme} shows days, gates and what holds it, and nothing that axe finds`, async ({ owner }) => {
    const complaints = complaintsOf(owner);
    await owner.emulateMedia({ colorScheme });
    await owner.goto('/warm-ups');
    await expect(owner.getByRole('row', { name: /bulk addresses.*1 held today.*day 4 of 6.*848 of 3,200/ })).toBeVisible();
    await owner.getByRole('link', { name: 'bulk addresses' }).click();
    await expect(owner.getByRole('heading', { level: 1, name: 'bulk addresses' })).toBeVisible();
    await expect(owner.locator('.recharts-bar')).toHaveCount(1);
    const gmail = owner.getByRole('row', { name: /bulk-1.*Gmail/ });
    await expect(gmail).toContainText('24 % of 148 attempts were deferred (the plan holds at 20 %)');
    await expect(gmail).toContainText('148 of 1,600');
    expect(await violationsOn(owner)).toEqual([]);
    await owner.getByRole('radio', { name: 'table' }).click();
    await expect(owner.getByRole('table', { name: 'Days' }).getByRole('row')).toHaveCount(5);
    expect(complaints).toEqual([]);
  });

test('a day is skipped for one source and group, with a reason, as a command', async ({ owner }) => {
  await owner.goto('/warm-ups');
  await owner.getByRole('link', { name: 'bulk addresses' }).click();
  await owner.getByRole('button', { name: 'Skip day: Gmail through bulk-1' }).click();
  const dialog = owner.getByRole('dialog');
  await expect(dialog).toContainText('Gmail through bulk-1 goes on to the next day of the schedule now');
  await dialog.getByLabel('Reason').fill('the provider said so');
  await dialog.getByRole('button', { name: 'Go on to the next day' }).click();
  await expect(dialog.getByRole('status')).toContainText('Told to the nodes');
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await owner.goto('/audit');
  await expect(owner.getByText('warmUps.skip').first()).toBeVisible();
});

test('a table of text is read and shown before it is kept, and a line that is wrong is named', async ({ owner }) => {
  await owner.goto('/warm-ups');
  await owner.getByRole('button', { name: 'New plan' }).click();
  const dialog = owner.getByRole('dialog');
  await expect(dialog.getByRole('status', { name: 'Days of the schedule' })).toContainText('45 days');
  await dialog.getByLabel('Schedule', { exact: true }).selectOption('table');
  await dialog.getByLabel('Table', { exact: true }).fill('1,100\n3,200');
  await expect(dialog.getByRole('status', { name: 'Days of the schedule' })).toContainText('Line 2: day 3 where day 2 is expected');
  await dialog.getByLabel('Table', { exact: true }).fill('1,100\n2,200,20');
  await expect(dialog.getByRole('list', { name: 'Days' })).toContainText('2: 200 (20/h)');
  await dialog.getByLabel('Name').fill('other addresses');
  await dialog.getByRole('checkbox', { name: 'tx-1' }).check();
  await dialog.getByLabel('Reason').fill('two new addresses');
  await dialog.getByRole('button', { name: 'Make the plan' }).click();
  await expect(dialog.getByRole('status').filter({ hasText: 'revision' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await expect(owner.getByRole('row', { name: /other addresses/ })).toBeVisible();
});
