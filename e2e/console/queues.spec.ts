// Why mail waits and what an operator can do about it, from the list to the node.
import { complaintsOf, confirmWith, expect, test } from './testing/console-test.ts';
import { violationsOn } from './testing/violations.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test(`an open explanation and its command dialog have no violation in ${colorScheme}`, async ({ owner }) => {
    const complaints = complaintsOf(owner);
    await owner.emulateMedia({ colorScheme });
    await owner.goto('/queues');
    await owner.getByRole('button', { name: /^Explain gmail\.com/ }).click();
    const holds = owner.getByRole('list', { name: 'What holds it, first things first' });
    await expect(holds.getByRole('listitem')).toHaveCount(2);
    await expect(holds.getByRole('listitem').first()).toContainText('limit Message rate: 20 in 60 s');
    // What a remote server said stays text.
    await expect(holds).toContainText('<b>Slow down</b>');
    await owner.screenshot({ path: test.info().outputPath(`queues-${colorScheme}.png`), fullPage: true });
    expect(await violationsOn(owner)).toEqual([]);
    await owner.getByRole('button', { name: /^Command gmail\.com/ }).click();
    await owner.getByLabel('What to do').selectOption('cancel');
    await expect(owner.getByRole('list', { name: 'What it touches now' })).toContainText('93 entries (exact)');
    await owner.screenshot({ path: test.info().outputPath(`command-${colorScheme}.png`) });
    expect(await violationsOn(owner, { within: '[role=dialog]' })).toEqual([]);
    expect(complaints).toEqual([]);
  });
}

test('the filter and the order are in the address and narrow the list', async ({ owner }) => {
  await owner.goto('/queues');
  const table = owner.getByRole('table', { name: 'Queues' });
  await expect(table.getByRole('button', { name: /^Explain/ })).toHaveCount(4);
  await owner.getByRole('textbox', { name: 'domain' }).fill('yahoo.com');
  await owner.getByRole('button', { name: 'Filter', exact: true }).click();
  await expect(owner).toHaveURL(/value=yahoo\.com/);
  await expect(table.getByRole('button', { name: /^Explain/ })).toHaveCount(1);
  await expect(table).toContainText('Halden Outfitters');
  await owner.getByRole('button', { name: 'Clear' }).click();
  await owner.getByRole('radio', { name: 'oldest' }).click();
  await expect(owner).toHaveURL(/sort=oldest/);
  await expect(table.getByRole('row').nth(1)).toContainText('corp.example');
});

test('a cancel asks for the count, begins in ten seconds, and is withdrawn', async ({ owner }) => {
  await owner.goto('/queues?by=domain&value=outlook.com');
  await owner.getByRole('button', { name: /^Command outlook\.com/ }).click();
  await owner.getByLabel('What to do').selectOption('cancel');
  await expect(owner.getByRole('list', { name: 'What it touches now' })).toContainText('93 entries');
  const dialog = owner.getByRole('dialog');
  await dialog.getByLabel('Type the number of entries').fill('7');
  await dialog.getByLabel('Reason').fill('sent by mistake');
  await dialog.getByRole('button', { name: 'Drop mail (cancel)' }).click();
  await expect(dialog.getByRole('alert')).toContainText('93 entries now, not 7');
  await dialog.getByLabel('Type the number of entries').fill('93');
  expect(await confirmWith(owner, 'sent by mistake', 'Drop mail (cancel)')).toContain('It begins at');
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  const row = owner.getByRole('table', { name: 'Commands' }).getByRole('row', { name: /Cancel .*outlook\.com/ });
  await expect(row).toContainText('Begins in');
  await row.getByRole('button', { name: /^Withdraw/ }).click();
  expect(await confirmWith(owner, 'it was right after all', 'Withdraw')).toContain('Withdrawn');
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await expect(row).toContainText('Over');
});

test('a suspension of one queue counts down and is answered by the node', async ({ owner }) => {
  await owner.goto('/queues');
  await owner.getByRole('button', { name: /^Command yahoo\.com/ }).click();
  await owner.getByLabel('For').selectOption({ label: '15 minutes' });
  expect(await confirmWith(owner, 'they asked for an hour', 'Suspend')).toContain('Given, until');
  await owner.getByRole('dialog').getByRole('button', { name: 'Close' }).first().click();
  const row = owner.getByRole('table', { name: 'Commands' }).getByRole('row', { name: /Suspend .*yahoo\.com/ });
  await expect(row).toContainText(/14:\d\d left/);
  await expect(row).toContainText('node-1 applied');
});

test('an analyst sees what holds a queue and is offered no command', async ({ analyst }) => {
  await analyst.goto('/queues');
  await analyst.getByRole('button', { name: /^Explain yahoo\.com/ }).click();
  await expect(analyst.getByRole('list', { name: 'What holds it, first things first' })).toContainText('no answer');
  await expect(analyst.locator('[aria-haspopup=dialog]')).toHaveCount(0);
});
