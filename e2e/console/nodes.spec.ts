// What is done with a node as a whole, and what is told of one whose spool is damaged.
import { complaintsOf, confirmWith, expect, test } from './testing/console-test.ts';
import { violationsOn } from './testing/violations.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test(`a node is drained with a reason and an end, taken back, and told to forget DNS and connections, in ${colorScheme}`, async ({
    owner,
  }) => {
    const complaints = complaintsOf(owner);
    await owner.emulateMedia({ colorScheme });
    await owner.goto('/nodes');
    const dialog = owner.getByRole('dialog');
    const node = owner.getByRole('table', { name: 'Delivery nodes' }).getByRole('row', { name: /node-1/ });
    const give = async (kind: string, reason: string, button: string): Promise<string> => {
      await owner.getByRole('button', { name: 'Command node-1' }).click();
      await dialog.getByLabel('What to do').selectOption(kind);
      await expect(dialog.getByRole('list', { name: 'What it touches now' })).toContainText('93 entries (exact): 20 of them ready');
      if (kind === 'drain') {
        await dialog.getByLabel('For').selectOption({ label: '15 minutes' });
        await owner.screenshot({ path: test.info().outputPath(`node-command-${colorScheme}.png`) });
        expect(await violationsOn(owner, { within: '[role=dialog]' })).toEqual([]);
      }
      const said = await confirmWith(owner, reason, button);
      await dialog.getByRole('button', { name: 'Close' }).first().click();
      return said;
    };
    const commands = owner.getByRole('table', { name: 'Commands' });
    expect(await give('drain', `moves to another rack (${colorScheme})`, 'Drain')).toContain('Given, until');
    const drained = commands.getByRole('row', { name: new RegExp(`Drain .*node-1.*moves to another rack \\(${colorScheme}\\)`) });
    await expect(drained).toContainText(/14:\d\d left/);
    await expect(drained).toContainText('node-1 applied');
    await expect(node.getByRole('cell', { name: 'no', exact: true })).toBeVisible();
    expect(await give('undrain', `stays where it is (${colorScheme})`, 'Take mail again')).toContain('Given.');
    await expect(node.getByRole('cell', { name: 'yes', exact: true })).toBeVisible();
    expect(await give('flush_dns', `their MX moved (${colorScheme})`, 'Flush DNS')).toContain('Given.');
    const flushed = commands.getByRole('row', { name: new RegExp(`Flush DNS of .*their MX moved \\(${colorScheme}\\)`) });
    await expect(flushed).toContainText('node-1 applied');
    expect(await give('flush_connections', `a certificate was renewed (${colorScheme})`, 'Flush connections')).toContain('Given.');
    expect(complaints).toEqual([]);
  });

  test(`a damaged spool is a warning that says what, how many, since when and what to do, in ${colorScheme}`, async ({ owner, world }) => {
    const complaints = complaintsOf(owner);
    world.say('damage on');
    try {
      await owner.emulateMedia({ colorScheme });
      await owner.goto('/nodes');
      const row = owner.getByRole('table', { name: 'Delivery nodes' }).getByRole('row', { name: /node-1/ });
      await expect(row).toContainText('Damaged spool');
      const damage = owner.getByRole('table', { name: 'Damage on node-1' });
      await expect(damage.getByRole('row', { name: /^Entries set aside 1,204/ })).toBeVisible();
      await expect(damage.getByRole('row', { name: /^Messages set aside 7/ })).toBeVisible();
      await expect(damage.getByRole('row', { name: /^Damaged stretches of the journal 2/ })).toBeVisible();
      await expect(owner.getByText(/since .*04:05:06/)).toBeVisible();
      await expect(owner.getByText('npm run -s sluice -- spool verify')).toBeVisible();
      await expect(owner.getByRole('link', { name: /Damaged spool: node-1/ })).toBeVisible();
      await owner.screenshot({ path: test.info().outputPath(`damage-${colorScheme}.png`), fullPage: true });
      expect(await violationsOn(owner)).toEqual([]);
      expect(complaints).toEqual([]);
    } finally {
      world.say('damage off');
    }
    await expect(owner.getByText('Damaged spool')).toHaveCount(0);
  });
}

test('an analyst sees nodes and is offered no command', async ({ analyst }) => {
  await analyst.goto('/nodes');
  await expect(analyst.getByRole('table', { name: 'Delivery nodes' })).toContainText('node-1');
  await expect(analyst.getByRole('button', { name: /^Command/ })).toHaveCount(0);
});

test('TLS failures name the domain, the host and the reason, and reports say where they went', async ({ owner }) => {
  await owner.goto('/nodes');
  const failures = owner.getByRole('table', { name: 'TLS failures from node-1' });
  await expect(failures.getByRole('row', { name: /corp\.example/ })).toContainText('mx1.corp.example');
  await expect(failures).toContainText('the server offers no STARTTLS');
  await expect(failures).not.toContainText('gmail.com');
  const sent = owner.getByRole('table', { name: 'TLS reports sent from node-1' });
  await expect(sent.getByRole('row', { name: /corp\.example/ })).toContainText('mailto:tls@corp.example');
});

test('a node that asks is enrolled after its fingerprint was compared, takes the keys, and is removed again', async ({ owner }) => {
  const complaints = complaintsOf(owner);
  await owner.goto('/nodes');
  const row = owner.getByRole('table', { name: 'Keys of nodes' }).getByRole('row', { name: /node-1/ });
  await expect(row).toContainText('Waits');
  const fingerprint = /([0-9a-f]{4} ){3}[0-9a-f]{4}/.exec((await row.textContent()) ?? '')?.[0] ?? 'none';
  await row.getByRole('button', { name: 'Enrol node-1' }).click();
  const dialog = owner.getByRole('dialog');
  await expect(dialog).toContainText(fingerprint);
  for (const colorScheme of ['light', 'dark'] as const) {
    await owner.emulateMedia({ colorScheme });
    expect(await violationsOn(owner)).toEqual([]);
  }
  expect(await confirmWith(owner, 'compared with its log', 'Enrol')).toContain('node-1 is enrolled');
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await expect(row.getByText('Enrolled', { exact: true })).toBeVisible({ timeout: 30_000 });
  await row.getByRole('button', { name: 'Remove node-1' }).click();
  expect(await confirmWith(owner, 'it is taken down', 'Remove')).toContain('there is a new fleet key');
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await expect(row).toContainText('Removed');
  expect(complaints).toEqual([]);
});
