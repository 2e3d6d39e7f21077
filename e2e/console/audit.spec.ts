// The audit record on the screen: found, opened with what was before and after, written to a file, and said to be whole or not.
import { readFile } from 'node:fs/promises';
import { complaintsOf, confirmWith, expect, test } from './testing/console-test.ts';
import { violationsOn } from './testing/violations.ts';

test('a change is found by its text, shows its fields before and after, and is written to a file', async ({ owner }) => {
  const complaints = complaintsOf(owner);
  await owner.goto('/pools');
  await owner.getByRole('button', { name: 'Edit members of bulk' }).click();
  await owner.getByLabel('Weight of bulk-2').fill('41');
  await confirmWith(owner, 'for the audit screen', 'Save members');
  await owner.goto('/audit');
  await owner.getByLabel('Text').fill('AUDIT screen');
  await owner.getByRole('button', { name: 'Search' }).click();
  await expect(owner).toHaveURL(/text=AUDIT/);
  const row = owner.getByRole('table', { name: 'Audit record' }).getByRole('row', { name: /pools\.setMembers/ });
  await expect(row).toHaveCount(1);
  await row.getByRole('button', { name: /^Show entry/ }).click();
  const change = owner.getByRole('table', { name: 'Before and after' }).getByRole('row', { name: /weight/ });
  await expect(change.first()).toContainText('41');
  for (const colorScheme of ['light', 'dark'] as const) {
    await owner.emulateMedia({ colorScheme });
    expect(await violationsOn(owner, { within: '[role=dialog]' })).toEqual([]);
  }
  await owner.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  const [download] = await Promise.all([owner.waitForEvent('download'), owner.getByRole('button', { name: 'JSON lines' }).click()]);
  const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { reason: string }).reason)).toEqual(['for the audit screen']);
  await owner.getByRole('button', { name: 'Clear' }).first().click();
  await expect(owner).not.toHaveURL(/text=/);
  expect(complaints).toEqual([]);
});

test('the state of the record is said in words', async ({ owner }) => {
  await owner.goto('/audit');
  const state = owner.getByRole('region', { name: 'Is the record whole?' });
  await expect(state).toContainText(/Being checked|Whole/);
  await expect(state).not.toContainText('Damaged');
});
