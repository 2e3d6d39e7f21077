// Configuration as operators read and steer it: a revision and what it changed, a text planned before it is applied, the way back, a section
// that is managed elsewhere, and many sources at once.
import { complaintsOf, confirmWith, expect, test } from './testing/console-test.ts';
import { violationsOn } from './testing/violations.ts';

const limit = (count: number) => `sluice: 1\nlimits:\n  from a text:\n    kind: message_rate\n    count: ${count}\n    by: [domain]\n`;

for (const colorScheme of ['light', 'dark'] as const)
  test(`a plan in ${colorScheme} shows changes and findings, and nothing that axe finds`, async ({ owner }) => {
    const complaints = complaintsOf(owner);
    await owner.emulateMedia({ colorScheme });
    await owner.goto('/config?view=text');
    await owner.getByLabel('YAML', { exact: true }).fill('sluice: 1\npools:\n  empty one: {}\n');
    await owner.getByLabel('What it leaves out').selectOption('merge');
    await owner.getByRole('button', { name: 'Show what it would do' }).click();
    await expect(owner.getByRole('status').filter({ hasText: '1 to add, 0 to change, 0 to remove' })).toBeVisible();
    await expect(owner.getByRole('list', { name: 'Findings' })).toContainText('no enabled source is in it');
    expect(await violationsOn(owner)).toEqual([]);
    expect(complaints).toEqual([]);
  });

test('a text is applied, read as a revision, and rolled back', async ({ owner }) => {
  await owner.goto('/config?view=text');
  await owner.getByLabel('YAML', { exact: true }).fill(limit(7));
  await owner.getByLabel('What it leaves out').selectOption('merge');
  await owner.getByRole('button', { name: 'Show what it would do' }).click();
  await expect(owner.getByRole('table', { name: 'What would change' })).toContainText('from a text');
  await owner.getByRole('button', { name: 'Apply', exact: true }).click();
  const said = await confirmWith(owner, 'as the text says', 'Apply the text');
  const number = Number(/revision (\d+)/.exec(said)?.[1]);
  await owner.goto('/limits?search=from+a+text');
  await expect(owner.getByRole('row', { name: /from a text/ })).toBeVisible();
  await owner.goto('/config');
  await owner.getByRole('link', { name: String(number), exact: true }).click();
  await expect(owner.getByRole('table', { name: 'What it changed' })).toContainText('from a text');
  await owner.goto(`/config/${number - 1}`);
  await owner.getByRole('button', { name: 'Roll back to here' }).click();
  await expect(owner.getByRole('dialog').getByRole('status').first()).toContainText('1 to remove');
  // The dialog says first what it would do, and then what it did.
  const dialog = owner.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('it was a test');
  await dialog.getByRole('button', { name: 'Roll back', exact: true }).click();
  await expect(dialog.getByRole('status').filter({ hasText: 'Rolled back as revision' })).toBeVisible();
  await owner.goto('/limits?search=from+a+text');
  await expect(owner.getByRole('heading', { level: 1, name: 'Limits' })).toBeVisible();
  await expect(owner.getByRole('status', { name: /^Loading/ })).toHaveCount(0);
  await expect(owner.getByRole('row', { name: /from a text/ })).toHaveCount(0);
});

test('the first revision, with its hundreds of changes, is shown in parts, and every field of it can be had', async ({ owner }) => {
  await owner.goto('/config/1');
  const rows = owner.getByRole('table', { name: 'What it changed' }).getByRole('row');
  await expect(owner.getByText(/^50 of \d+ shown\.$/)).toBeVisible();
  await expect(rows).toHaveCount(1 + 50);
  await owner.getByRole('button', { name: 'Show the next 50' }).click();
  await expect(rows).toHaveCount(1 + 100);
  const [first] = await owner.getByRole('button', { name: /^Show \d+ fields of / }).all();
  const fields = Number(/\d+/.exec((await first?.getAttribute('aria-label')) ?? '')?.[0]);
  expect(fields).toBeGreaterThan(0);
  await first?.click();
  await expect(rows.nth(1).getByRole('listitem')).toHaveCount(fields);
});

test('a text that is wrong is told with line and column, and cannot be applied', async ({ owner }) => {
  await owner.goto('/config?view=text');
  await owner.getByLabel('YAML', { exact: true }).fill('sluice: 1\nlimits:\n  x:\n    knd: daily_cap\n');
  await owner.getByRole('button', { name: 'Show what it would do' }).click();
  await expect(owner.getByRole('list', { name: 'Findings' })).toContainText(/line 4, column 5.*unknown key knd/);
  await expect(owner.getByRole('button', { name: 'Apply', exact: true })).toHaveCount(0);
});

test('a locked section refuses edits with who manages it, until it is unlocked', async ({ owner }) => {
  await owner.goto('/config?view=locks');
  await owner.getByRole('button', { name: 'Lock a section' }).click();
  const dialog = owner.getByRole('dialog');
  await dialog.getByLabel('Section').selectOption('routes');
  await dialog.getByLabel('Managed by').fill('git: routes');
  await confirmWith(owner, 'reviewed there', 'Lock the section');
  await owner.goto('/routes');
  await owner.getByRole('button', { name: 'New route' }).click();
  await dialog.getByLabel('Domain').fill('locked.example');
  await dialog.getByLabel('Host', { exact: true }).fill('127.0.0.1');
  await dialog.getByLabel('Reason').fill('should not work');
  await dialog.getByRole('button', { name: 'Make the route' }).click();
  await expect(dialog.getByRole('alert')).toContainText('routes are managed by git: routes');
  await owner.goto('/config?view=locks');
  await owner.getByRole('button', { name: 'Unlock routes' }).click();
  await confirmWith(owner, 'edited here again', 'Unlock the section');
});

test('a draft is saved, published as one revision, and gone', async ({ owner }) => {
  await owner.goto('/config?view=text');
  await owner
    .getByLabel('YAML', { exact: true })
    .fill('sluice: 1\npools:\n  drafted: {}\nlimits:\n  drafted: { kind: daily_cap, count: 5 }\n');
  await owner.getByLabel('What it leaves out').selectOption('merge');
  await owner.getByRole('button', { name: 'Show what it would do' }).click();
  await owner.getByRole('button', { name: 'Save as draft' }).click();
  const dialog = owner.getByRole('dialog');
  await dialog.getByLabel('Name').fill('for tonight');
  await dialog.getByRole('button', { name: 'Save the draft' }).click();
  await expect(dialog.getByRole('status')).toContainText('Saved');
  await owner.goto('/config?view=drafts');
  await owner.getByRole('button', { name: 'Publish for tonight' }).click();
  await expect(dialog.getByText('2 to add')).toBeVisible();
  await dialog.getByLabel('Reason').fill('tonight it is');
  await dialog.getByRole('button', { name: 'Publish the draft' }).click();
  await expect(dialog.getByRole('status').filter({ hasText: 'Published as revision' })).toBeVisible();
  await owner.goto('/config?view=drafts');
  await expect(owner.getByText('No drafts')).toBeVisible();
});

test('a network is looked at and becomes sources', async ({ owner }) => {
  await owner.goto('/sources');
  await owner.getByRole('button', { name: 'Many at once' }).click();
  const dialog = owner.getByRole('dialog');
  await dialog.getByLabel('Network').fill('127.0.201.0/29');
  await dialog.getByLabel('Names', { exact: true }).fill('many-{n}');
  await dialog.getByLabel('EHLO names').fill('mta{n}.example.com');
  await dialog.getByRole('button', { name: 'Show what it would do' }).click();
  await expect(dialog.getByRole('status').filter({ hasText: '6 to add' })).toBeVisible();
  await dialog.getByLabel('Reason').fill('new addresses');
  await dialog.getByRole('button', { name: 'Make the sources' }).click();
  await expect(dialog.getByRole('status').filter({ hasText: '6 made' })).toBeVisible();
});
