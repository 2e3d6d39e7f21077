// Providers in the console: what is shown of one, and that clone, edit and reset do what they say.
import { complaintsOf, confirmWith, expect, test } from './testing/console-test.ts';
import { violationsOn } from './testing/violations.ts';

test('a provider shows its hosts, the limits that apply and every rule with its meaning and a sample', async ({ owner }) => {
  const complaints = complaintsOf(owner);
  await owner.goto('/providers');
  await owner.getByRole('link', { name: 'Gmail', exact: true }).click();
  await expect(owner.getByRole('heading', { level: 1, name: 'Gmail' })).toBeVisible();
  await expect(owner.getByRole('table', { name: 'Limits that apply' }).getByRole('row', { name: /^Gmail: connections/ })).toBeVisible();
  const rule = owner.getByRole('table', { name: 'Reply rules' }).getByRole('row', { name: /^gmail\.rate-dkim/ });
  await expect(rule).toContainText('Blames the DKIM domain');
  await expect(rule).toContainText('421 4.7.28');
  expect(await violationsOn(owner)).toEqual([]);
  expect(complaints).toEqual([]);
});

test('a provider is edited, refused with the place when a pattern is wrong, and reset to its preset', async ({ owner }) => {
  await owner.goto('/providers');
  await owner.getByRole('link', { name: 'Proton Mail' }).click();
  const dialog = owner.getByRole('dialog');
  await owner.getByRole('button', { name: 'Edit', exact: true }).click();
  const rules = dialog.getByLabel('Reply rules');
  const preset = await rules.inputValue();
  await rules.fill(preset.replace('too many|rate limit', 'too many|(rate'));
  await dialog.getByLabel('Reason').fill('a slip');
  await dialog.getByRole('button', { name: 'Save provider' }).click();
  await expect(dialog.getByRole('alert')).toContainText('replyRules.0.match.pattern: rule proton.rate: missing closing )');
  await rules.fill('[]');
  expect(await confirmWith(owner, 'codes alone', 'Save provider')).toMatch(/^Saved as revision/);
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await expect(owner.getByText('Refusals are read by their codes alone.')).toBeVisible();
  await owner.getByRole('button', { name: 'Reset to preset' }).click();
  expect(await confirmWith(owner, 'as it was', 'Reset to preset')).toMatch(/^Reset with revision/);
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await expect(owner.getByRole('row', { name: /^proton\.rate/ })).toBeVisible();
  await expect(owner.getByRole('button', { name: 'Reset to preset' })).toHaveCount(0);
});

test('a clone has hosts of its own and the rules of its model, and an analyst is offered nothing', async ({ owner, analyst }) => {
  await owner.goto('/providers');
  await owner.getByRole('link', { name: 'Gmail', exact: true }).click();
  await owner.getByRole('button', { name: 'Clone' }).click();
  const dialog = owner.getByRole('dialog');
  await dialog.getByLabel('Key').fill('workspace');
  await dialog.getByLabel('Name').fill('Workspace');
  await dialog.getByLabel('MX suffixes').fill('aspmx.l.google.com');
  expect(await confirmWith(owner, 'customers apart', 'Make the provider')).toMatch(/^Made with revision/);
  await owner.goto('/providers');
  await expect(owner.getByRole('row', { name: /^Workspace/ })).toContainText('made here');
  await analyst.goto('/providers');
  await analyst.getByRole('link', { name: 'Workspace' }).click();
  await expect(analyst.getByRole('row', { name: /^gmail\.rate-dkim/ })).toBeVisible();
  await expect(analyst.getByRole('button', { name: 'Edit', exact: true })).toHaveCount(0);
});
