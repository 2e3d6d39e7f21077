// Rules of automation as an operator reads, makes, tries out and switches them, and what goes on by them now.
import { complaintsOf, confirmWith, expect, test } from './testing/console-test.ts';
import { violationsOn } from './testing/violations.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test(`a rule is made, edited, switched and deleted, and an action pinned and ended, without violations in ${colorScheme}`, async ({
    owner,
  }) => {
    const complaints = complaintsOf(owner);
    const close = () => owner.getByRole('dialog').getByRole('button', { name: 'Close' }).first().click();
    await owner.emulateMedia({ colorScheme });
    await owner.goto('/automations');
    const active = owner.getByRole('table', { name: 'Going on now' });
    await expect(active.getByRole('row')).toHaveCount(3);
    await expect(active).toContainText('Gmail x bulk-1 127.0.20.1: 200 -> 100/min');
    const rules = owner.getByRole('table', { name: 'Rules', exact: true });
    await expect(rules).toContainText('more than 20 % of at least 100 attempts in 5 minutes are deferred');
    await owner.screenshot({ path: test.info().outputPath(`automations-${colorScheme}.png`), fullPage: true });
    expect(await violationsOn(owner)).toEqual([]);

    const name = `Two an hour ${colorScheme}`;
    await owner.getByRole('button', { name: 'New rule' }).click();
    const dialog = owner.getByRole('dialog');
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByLabel('When').selectOption('replies');
    await dialog.getByLabel('Refusals').fill('2');
    await dialog.getByLabel('In (minutes)').fill('60');
    await dialog.getByLabel('Then').selectOption('suspend');
    expect(await violationsOn(owner, { within: '[role=dialog]' })).toEqual([]);
    await dialog.getByLabel('Reason').fill('a habit of theirs');
    await dialog.getByRole('button', { name: 'Make the rule' }).click();
    await expect(dialog.getByRole('alert')).toContainText('name a reply rule');
    await dialog.getByLabel('Codes').fill('4.7.28');
    await dialog.getByRole('button', { name: 'Make the rule' }).click();
    await expect(dialog.getByRole('status')).toContainText('Made with revision');
    await close();
    const row = rules.getByRole('row', { name: new RegExp(name) });
    await expect(row).toContainText('2 refusals in 1 hour with code 4.7.28');
    await expect(row).toContainText('Dry run');

    await owner.getByRole('button', { name: `Mode of ${name}` }).click();
    await dialog.getByLabel('Mode').selectOption('on');
    expect(await confirmWith(owner, 'it said the right thing', 'Set the mode')).toContain('Set with revision');
    await close();
    await expect(row).toContainText('On');
    await owner.getByRole('button', { name: `Edit ${name}` }).click();
    await dialog.getByLabel('Over after').fill('120');
    expect(await confirmWith(owner, 'longer', 'Save rule')).toContain('Saved as revision');
    await close();
    await expect(row).toContainText('2 hours');
    await owner.getByRole('button', { name: `Delete ${name}` }).click();
    expect(await confirmWith(owner, 'no longer needed', 'Delete the rule')).toContain('Done with revision');
    await close();
    await expect(row).toHaveCount(0);

    await owner.getByRole('button', { name: /^Pin: Gmail/ }).click();
    expect(await confirmWith(owner, 'we talk to them', 'Pin it')).toContain('told to the node');
    await close();
    await owner.getByRole('button', { name: /^End: Gmail/ }).click();
    expect(await confirmWith(owner, 'they lifted it', 'End it')).toContain('told to the node');
    await close();
    expect(complaints).toEqual([]);
  });
}

test('an analyst reads rules and actions and is offered no change', async ({ analyst }) => {
  await analyst.goto('/automations');
  await expect(analyst.getByRole('table', { name: 'Going on now' })).toBeVisible();
  await expect(analyst.getByRole('button', { name: /New rule|^Edit|^Mode|^End|^Pin/ })).toHaveCount(0);
});
