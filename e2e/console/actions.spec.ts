// What operators change, from the button to the node: weights make a revision, a suspension holds for its time and ends when told to; and
// a role that may not act is neither offered nor allowed it.
import { complaintsOf, confirmWith, expect, test } from './testing/console-test.ts';
import { violationsOn } from './testing/violations.ts';

const refusal = 'FORBIDDEN';

test('a new weight is saved with its reason as a revision that Configuration shows', async ({ owner }) => {
  await owner.goto('/pools');
  await owner.getByRole('button', { name: 'Edit members of bulk' }).click();
  await owner.getByLabel('Weight of bulk-2').fill('70');
  const done = await confirmWith(owner, 'even out the bulk pool', 'Save members');
  const revision = /revision (\d+)/.exec(done)?.[1] ?? 'none';
  await owner.getByRole('dialog').getByRole('button', { name: 'Close' }).first().click();
  await expect(owner.getByRole('table', { name: 'Members of bulk' }).getByRole('row', { name: /bulk-2/ })).toContainText('50%');
  await owner.goto('/config');
  await expect(owner.getByRole('row', { name: new RegExp(`^${revision} `) })).toContainText('even out the bulk pool');
  await expect(owner.getByRole('link', { name: /revision/ })).toContainText(`revision ${revision}`);
});

test('a suspended source says what it touches, counts down, is answered by the node, and resumes', async ({ owner }) => {
  await owner.goto('/sources');
  const row = owner.getByRole('table', { name: 'Egress sources' }).getByRole('row', { name: /tx-1/ });
  await row.getByRole('button', { name: 'Suspend tx-1' }).click();
  await expect(owner.getByRole('list', { name: 'What it touches now' })).toContainText('Pools: transactional');
  await owner.getByLabel('For').selectOption({ label: '5 minutes' });
  expect(await confirmWith(owner, 'receiver asked us to stop', 'Suspend')).toMatch(/^Suspended until \d\d:\d\d:\d\d UTC/);
  // The list learns of it behind the dialog, which stays until it is closed.
  await expect(owner.locator('tr', { hasText: 'tx-1' }).first()).toContainText('Suspended');
  await owner.getByRole('dialog').getByRole('button', { name: 'Close' }).first().click();
  await expect(row).toContainText('Suspended');
  await expect(row).toContainText(/4:\d\d left/);
  await expect(owner.getByRole('table', { name: 'Commands' }).getByRole('row', { name: /Suspend tx-1/ })).toContainText('node-1 applied');
  await row.getByRole('button', { name: 'Resume tx-1' }).click();
  expect(await confirmWith(owner, 'they lifted it', 'Resume')).toMatch(/^Resumed/);
  await owner.getByRole('dialog').getByRole('button', { name: 'Close' }).first().click();
  await expect(row).toContainText('Enabled');
});

test('a source is sent through a proxy, its password never comes back, and it goes by itself again', async ({ owner }) => {
  const complaints = complaintsOf(owner);
  await owner.goto('/sources');
  const row = owner.getByRole('table', { name: 'Egress sources' }).getByRole('row', { name: /bulk-2/ });
  const dialog = owner.getByRole('dialog');
  const open = async (): Promise<void> => row.getByRole('button', { name: 'Set the proxy of bulk-2' }).click();
  await open();
  await expect(dialog.getByLabel('Proxy address')).toHaveCount(0);
  await dialog.getByRole('combobox', { name: 'Proxy' }).selectOption('socks5');
  await dialog.getByLabel('Proxy address').fill('127.0.0.9');
  await dialog.getByLabel('Proxy port').fill('1080');
  await dialog.getByLabel('Proxy user name').fill('sluice');
  await dialog.getByLabel('Reason').fill('the address is on the proxy');
  // A user name alone is refused; with its password it is taken.
  await dialog.getByRole('button', { name: 'Save proxy' }).click();
  await expect(dialog.getByRole('alert')).toContainText('a login is a user name and a password');
  await dialog.getByLabel('Proxy password').fill('proxy-hush');
  expect(await confirmWith(owner, 'the address is on the proxy', 'Save proxy')).toMatch(/^Goes out through SOCKS5 at 127\.0\.0\.9:1080/);
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await expect(row).toContainText('SOCKS5');
  await expect(row).toContainText('as sluice');
  await open();
  await expect(dialog.getByLabel('Proxy password')).toHaveValue('');
  await dialog.getByLabel('Proxy port').fill('1081');
  expect(await confirmWith(owner, 'it moved', 'Save proxy')).toMatch(/127\.0\.0\.9:1081/);
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await expect(row).toContainText('127.0.0.9:1081');
  expect(await owner.content()).not.toContain('proxy-hush');
  await open();
  expect(await violationsOn(owner, { within: '[role=dialog]' })).toEqual([]);
  await dialog.getByRole('combobox', { name: 'Proxy' }).selectOption('');
  expect(await confirmWith(owner, 'the proxy is gone', 'Save proxy')).toMatch(/^Connects by itself/);
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await expect(row).not.toContainText('SOCKS5');
  // The browser says of the one refusal that it was refused.
  expect(complaints.filter((line) => !line.includes('400'))).toEqual([]);
});

test('the password of a new credential is shown once', async ({ owner }) => {
  await owner.goto('/tenants');
  await owner.getByRole('button', { name: 'New credential' }).click();
  await owner.getByLabel('User name').fill('shown-once');
  await confirmWith(owner, 'for a test', 'Make the credential');
  const password = await owner.getByRole('dialog').locator('code').nth(1).textContent();
  expect((password ?? '').length).toBeGreaterThanOrEqual(20);
  await owner.getByRole('dialog').getByRole('button', { name: 'Close' }).first().click();
  await expect(owner.getByRole('row', { name: /shown-once/ })).toBeVisible();
  expect(await owner.content()).not.toContain(password ?? 'missing');
});

test('a dialog is worked by keyboard alone, and Escape changes nothing', async ({ owner }) => {
  await owner.goto('/limits');
  const button = owner.getByRole('button', { name: /^Edit Message rate/ });
  await button.focus();
  await owner.keyboard.press('Enter');
  await expect(owner.getByRole('dialog')).toBeVisible();
  await owner.keyboard.press('Escape');
  await expect(owner.getByRole('dialog')).toHaveCount(0);
  await expect(button).toBeFocused();
});

test('a refused value is explained in the dialog and nothing is lost', async ({ owner }) => {
  await owner.goto('/routes');
  await owner.getByRole('button', { name: 'New route' }).click();
  await owner.getByLabel('Domain').fill('not a domain');
  await owner.getByLabel('Host', { exact: true }).fill('mx.example');
  const dialog = owner.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('for a test');
  await dialog.getByRole('button', { name: 'Make the route' }).click();
  await expect(dialog.getByRole('alert')).toContainText('domain');
  await expect(dialog.getByLabel('Host', { exact: true })).toHaveValue('mx.example');
});

test('a rule of delivery settings is made, decides the effective value, is changed and deleted', async ({ owner }) => {
  await owner.goto('/delivery-settings');
  await owner.getByRole('button', { name: 'New rule' }).click();
  const dialog = owner.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('slow corp');
  await dialog.getByLabel('Domain').fill('corp.example');
  await dialog.getByLabel('Add a setting').selectOption({ label: 'Retry' });
  await dialog.getByRole('textbox', { name: 'Retry' }).fill('5m, soon');
  await dialog.getByLabel('Add a setting').selectOption({ label: 'Pipelining' });
  await dialog.getByRole('combobox', { name: 'Pipelining' }).selectOption('no');
  await dialog.getByLabel('Reason').fill('they asked for it');
  await dialog.getByRole('button', { name: 'Make the rule' }).click();
  await expect(dialog.getByRole('alert')).toContainText('retry');
  await dialog.getByRole('textbox', { name: 'Retry' }).fill('5m, 15m, 1h');
  // Domains share connections: such a rule is refused with the setting's name, and one of the site is taken.
  await dialog.getByRole('button', { name: 'Make the rule' }).click();
  await expect(dialog.getByRole('alert')).toContainText('does not differ by domain');
  await dialog.getByLabel('Domain').fill('');
  await dialog.getByLabel('Site').fill('mx.corp.example');
  expect(await confirmWith(owner, 'they asked for it', 'Make the rule')).toMatch(/^Made with revision/);
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  const row = owner.getByRole('table', { name: 'Rules' }).getByRole('row', { name: /slow corp/ });
  await expect(row).toContainText('site mx.corp.example');
  await expect(row).toContainText('5m, 15m, 1h');

  await owner.getByLabel('Site').fill('mx.corp.example');
  await owner.getByRole('button', { name: 'Show' }).click();
  const effective = owner.getByRole('table', { name: 'Effective settings' });
  await expect(effective.getByRole('row', { name: /^Pipelining/ })).toContainText('slow corp');
  await expect(effective.getByRole('row', { name: /^Idle timeout/ })).toContainText('default');

  await row.getByRole('button', { name: 'Edit slow corp' }).click();
  await dialog.getByRole('button', { name: 'Leave Pipelining alone' }).click();
  expect(await confirmWith(owner, 'pipelining works again', 'Save rule')).toMatch(/^Saved as revision/);
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await expect(effective.getByRole('row', { name: /^Pipelining/ })).toContainText('default');
  await row.getByRole('button', { name: 'Delete slow corp' }).click();
  expect(await confirmWith(owner, 'no longer needed', 'Delete the rule')).toMatch(/^Deleted/);
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await expect(row).toHaveCount(0);
});

test('effective settings say which static route leads the mail, what it decides, and which limits bind', async ({ owner }) => {
  const complaints = complaintsOf(owner);
  await owner.goto('/routes');
  await owner.getByRole('button', { name: 'Edit the route of corp.example' }).click();
  await owner.getByRole('dialog').getByLabel('TLS', { exact: true }).selectOption('required');
  await confirmWith(owner, 'their policy', 'Save route');
  await owner.goto('/delivery-settings');
  await owner.getByLabel('Domain').first().fill('corp.example');
  await owner.getByRole('button', { name: 'Show' }).click();
  await expect(owner.getByText(/Led by the static route of corp\.example to 127\.0\.0\.1:2526/)).toBeVisible();
  const effective = owner.getByRole('table', { name: 'Effective settings' });
  await expect(effective.getByRole('row', { name: /^TLS required/ })).toContainText('static route of corp.example');
  const limits = owner.getByRole('table', { name: 'Limits that match' });
  await expect(limits.getByRole('row', { name: /^Message rate/ })).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await owner.emulateMedia({ colorScheme });
    await owner.screenshot({ path: test.info().outputPath(`effective-${colorScheme}.png`), fullPage: true });
    expect(await violationsOn(owner)).toEqual([]);
  }
  expect(complaints).toEqual([]);
});

test('a smart host is made with its login, shown without the password, changed and deleted', async ({ owner }) => {
  await owner.goto('/routes');
  await owner.getByRole('button', { name: 'New route' }).click();
  const dialog = owner.getByRole('dialog');
  await dialog.getByLabel('Domain').fill('*');
  await dialog.getByLabel('Host', { exact: true }).fill('smart.example');
  await dialog.getByLabel('Port').fill('587');
  await dialog.getByLabel('Further hosts').fill('192.0.2.8 2525 20');
  await dialog.getByLabel('TLS', { exact: true }).selectOption({ label: 'required and verified' });
  await dialog.getByLabel('AUTH user name').fill('relay');
  await dialog.getByLabel('AUTH password').fill('hush-hush');
  expect(await confirmWith(owner, 'everything through the relay', 'Make the route')).toMatch(/^Made with revision/);
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  const row = owner.getByRole('table', { name: 'Static routes' }).getByRole('row', { name: /smart\.example/ });
  await expect(row).toContainText('192.0.2.8:2525 preference 20');
  await expect(row).toContainText('TLS required and verified, as relay');
  await row.getByRole('button', { name: /^Edit/ }).click();
  await expect(dialog.getByLabel('AUTH password')).toHaveValue('');
  await dialog.getByLabel('Protocol').selectOption('lmtp');
  expect(await confirmWith(owner, 'it is LMTP', 'Save route')).toMatch(/^Saved as revision/);
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await expect(row).toContainText('LMTP');
  await row.getByRole('button', { name: /^Delete/ }).click();
  await confirmWith(owner, 'no longer needed', 'Delete the route');
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await expect(row).toHaveCount(0);
});

test('an analyst is offered no action on any page', async ({ analyst }) => {
  for (const path of ['/pools', '/sources', '/limits', '/delivery-settings', '/routes', '/tenants']) {
    await analyst.goto(path);
    await expect(analyst.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(analyst.getByRole('status', { name: /^Loading/ })).toHaveCount(0);
    await expect(analyst.locator('[aria-haspopup=dialog]')).toHaveCount(0);
  }
});

test('an analyst who calls the procedures by hand is refused, and nothing changes', async ({ analyst, owner, world }) => {
  await analyst.goto('/');
  const answer = await analyst.request.post(`${world.url}/api/trpc/routes.create`, {
    headers: { origin: world.url, 'content-type': 'application/json' },
    data: { domain: 'stolen.example', host: '127.0.0.1', port: 25, reason: 'by hand' },
  });
  expect(answer.status()).toBe(403);
  expect(await answer.text()).toContain(refusal);
  await owner.goto('/routes');
  await expect(owner.getByRole('row', { name: /corp\.example/ })).toBeVisible();
  await expect(owner.getByRole('row', { name: /stolen\.example/ })).toHaveCount(0);
});

test('a source that is out says why, since when and when it is tried next, and an operator checks it or uses it anyway', async ({
  owner,
}) => {
  await owner.goto('/sources');
  const row = owner.getByRole('table', { name: 'Egress sources' }).getByRole('row', { name: /bulk-1/ });
  await expect(row).toContainText('Out on node-1');
  await expect(row).toContainText('Its address is not on the node.');
  await expect(row).toContainText(/Next probe in [23]:\d\d; 6 failed so far/);
  await row.getByRole('button', { name: 'Check now: bulk-1' }).click();
  expect(await confirmWith(owner, 'the address is back', 'Check')).toMatch(/^Asked for/);
  await owner.getByRole('dialog').getByRole('button', { name: 'Close' }).first().click();
  await row.getByRole('button', { name: 'Use anyway: bulk-1' }).click();
  expect(await confirmWith(owner, 'the check is wrong', 'Use anyway')).toMatch(/^In use until \d\d:\d\d:\d\d UTC/);
  await owner.getByRole('dialog').getByRole('button', { name: 'Close' }).first().click();
  await expect(owner.getByRole('table', { name: 'Commands' })).toContainText('Use anyway:');
  const named = owner.getByRole('table', { name: 'Egress sources' }).getByRole('row', { name: /tx-2/ });
  await expect(named).toContainText('127.0.10.2 has no reverse name');
  await expect(named).toContainText('Ask the owner of the network for a PTR record');
  await owner.goto('/pools');
  await expect(owner.getByRole('table', { name: 'Members of bulk' }).getByRole('row', { name: /bulk-1/ })).toContainText('Out on node-1');
});
