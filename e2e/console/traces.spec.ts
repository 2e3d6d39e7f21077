// A protocol trace as an operator starts, watches, searches and stops it.
import { complaintsOf, confirmWith, expect, test } from './testing/console-test.ts';
import { violationsOn } from './testing/violations.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test(`a trace is started, watched, searched and stopped without violations in ${colorScheme}`, async ({ owner }) => {
    const complaints = complaintsOf(owner);
    await owner.emulateMedia({ colorScheme });
    await owner.goto('/traces');
    await owner.getByRole('button', { name: 'Start a trace' }).click();
    const dialog = owner.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Which' }).fill('Not A Domain');
    await dialog.getByLabel('Reason').fill('they close on us');
    await dialog.getByRole('button', { name: 'Start' }).click();
    await expect(dialog.getByRole('alert')).toContainText('not a domain');
    await dialog.getByRole('textbox', { name: 'Which' }).fill(`${colorScheme}.example`);
    await owner.screenshot({ path: test.info().outputPath(`start-${colorScheme}.png`) });
    expect(await violationsOn(owner, { within: '[role=dialog]' })).toEqual([]);
    expect(await confirmWith(owner, 'they close on us', 'Start')).toContain('Started');
    await dialog.getByRole('link', { name: 'Watch it' }).click();

    const table = owner.getByRole('table', { name: 'Lines, oldest first' });
    await expect(table.getByRole('row')).toHaveCount(19);
    // What a remote server wrote stays text.
    await expect(table).toContainText('<img src=x onerror=alert(1)> \\x1b[2J');
    await expect(owner.getByText('3 lost on the way')).toBeVisible();
    await expect(owner.getByText('Running', { exact: true })).toBeVisible();
    await owner.screenshot({ path: test.info().outputPath(`trace-${colorScheme}.png`), fullPage: true });
    expect(await violationsOn(owner)).toEqual([]);

    await owner.getByLabel('Find text').fill('rcpt to');
    await expect(table.getByRole('row')).toHaveCount(2);
    await expect(owner).toHaveURL(/find=rcpt/);
    await owner.getByLabel('Find text').fill('nowhere');
    await expect(owner.getByText('No line matches')).toBeVisible();
    await owner.getByRole('button', { name: 'Clear the search' }).click();
    await owner.getByLabel('Session').selectOption('node-1 1');
    await expect(table.getByRole('row')).toHaveCount(19);

    await owner.getByRole('button', { name: /^Stop the trace of/ }).click();
    expect(await confirmWith(owner, 'seen enough', 'Stop')).toContain('Stopped');
    // The page learns of it behind the dialog, which stays until it is closed.
    await expect(owner.getByText('Over', { exact: true })).toBeVisible();
    await owner.getByRole('dialog').getByRole('button', { name: 'Close' }).first().click();
    await owner.goto('/traces');
    await expect(owner.getByRole('row', { name: new RegExp(`domain ${colorScheme}\\.example`) })).toContainText('Over');
    await owner.screenshot({ path: test.info().outputPath(`traces-${colorScheme}.png`), fullPage: true });
    expect(await violationsOn(owner)).toEqual([]);
    expect(complaints).toEqual([]);
  });
}

test('a queue can be traced from where it is listed', async ({ owner }) => {
  await owner.goto('/queues');
  await owner.getByRole('button', { name: /^Trace gmail\.com/ }).click();
  expect(await confirmWith(owner, 'why does it wait', 'Start')).toContain('Started');
  await owner.getByRole('dialog').getByRole('link', { name: 'Watch it' }).click();
  await expect(owner.getByRole('heading', { name: 'Trace' })).toBeVisible();
  await expect(owner.getByText(/tenant .*domain gmail\.com|domain gmail\.com.*tenant/)).toBeVisible();
});

test('an analyst reads a trace and is offered no change of it', async ({ owner, analyst }) => {
  await owner.goto('/traces');
  await owner.getByRole('button', { name: 'Start a trace' }).click();
  await owner.getByRole('dialog').getByRole('textbox', { name: 'Which' }).fill('read.example');
  await confirmWith(owner, 'to be read', 'Start');
  await analyst.goto('/traces');
  await analyst.getByRole('link', { name: /read\.example/ }).click();
  await expect(analyst.getByRole('table', { name: 'Lines, oldest first' })).toContainText('MAIL FROM');
  await expect(analyst.locator('[aria-haspopup=dialog]')).toHaveCount(0);
});
