// Every screen in both themes: nothing on the console, nothing against the policy, nothing that axe finds; and a remote server's reply
// that tries to be markup stays text.
import { complaintsOf, expect, test } from './testing/console-test.ts';
import { violationsOn } from './testing/violations.ts';

const screens = [
  ['/', 'Overview'],
  ['/?view=table', 'Overview'],
  ['/pools', 'IP pools'],
  ['/sources', 'Sources'],
  ['/messages', 'Messages'],
  ['/messages?recipient=nobody@nowhere.example', 'Messages'],
  ['/queues', 'Queues'],
  ['/queues?by=domain&value=nowhere.example', 'Queues'],
  ['/warm-ups', 'Warm-up'],
  ['/tenants', 'Tenants'],
  ['/providers', 'Providers'],
  ['/limits', 'Limits'],
  ['/delivery-settings', 'Delivery settings'],
  ['/routes', 'Routes'],
  ['/automations', 'Automation'],
  ['/decisions', 'Decisions'],
  ['/decisions?show=alerts', 'Decisions'],
  ['/traces', 'Traces'],
  ['/nodes', 'Nodes'],
  ['/config', 'Configuration'],
  ['/config?view=text', 'Configuration'],
  ['/config?view=drafts', 'Configuration'],
  ['/config?view=locks', 'Configuration'],
  ['/config?view=checks', 'Configuration'],
  ['/config/1', 'Revision 1'],
  ['/settings/roles', 'Roles'],
  ['/settings/users', 'Users'],
  ['/settings/account', 'Your account'],
  ['/audit', 'Audit'],
  ['/audit?text=nowhere', 'Audit'],
  ['/api/docs', 'Sluice API'],
] as const;

for (const [path, heading] of screens) {
  test(`${path} has no console error, no policy violation and no accessibility violation, in light and in dark`, async ({ owner }) => {
    const complaints = complaintsOf(owner);
    await owner.emulateMedia({ colorScheme: 'light' });
    await owner.goto(path);
    await expect(owner.getByRole('heading', { level: 1, name: heading })).toBeVisible();
    await expect(owner.getByRole('status', { name: /^Loading/ })).toHaveCount(0);
    expect(await violationsOn(owner)).toEqual([]);
    await owner.emulateMedia({ colorScheme: 'dark' });
    // Of all rules only those of colours depend on the theme.
    expect(await violationsOn(owner, { colours: true })).toEqual([]);
    expect(complaints).toEqual([]);
  });
}

test('links to what was the Activity page lead to its two halves', async ({ owner }) => {
  await owner.goto('/activity');
  await expect(owner.getByRole('heading', { level: 1, name: 'Configuration' })).toBeVisible();
  await owner.goto('/activity?view=audit');
  await expect(owner.getByRole('heading', { level: 1, name: 'Audit' })).toBeVisible();
});

test('the chart is drawn and its numbers are in the table view, chosen in the URL', async ({ owner }) => {
  await owner.goto('/?range=15m');
  await expect(owner.locator('.recharts-area')).toHaveCount(5);
  await owner.getByRole('radio', { name: 'table' }).click();
  await expect(owner).toHaveURL(/range=15m.*view=table|view=table.*range=15m/);
  await expect(owner.getByRole('table', { name: 'Outcomes per minute' }).getByRole('row')).toHaveCount(16);
});

test('a reply with markup in it is shown as text and runs nothing', async ({ owner, world }) => {
  const complaints = complaintsOf(owner);
  await owner.goto(`/messages/${world.hostileEntryId}`);
  await expect(owner.getByTestId('reply')).toContainText(
    '<img src=x onerror="window.__hit=1"><script>window.__hit=1</script> <b>bold</b> & "quoted"',
  );
  expect(await owner.getByTestId('reply').locator('*').count()).toBe(0);
  expect(await owner.evaluate('window.__hit')).toBeUndefined();
  expect(complaints).toEqual([]);
});

test('a search by recipient is in the URL, finds its mail, and leads to the timeline', async ({ owner }) => {
  await owner.goto('/messages');
  await owner.getByRole('textbox', { name: 'Recipient' }).fill('hostile@gmail.com');
  await owner.getByRole('button', { name: 'Search' }).click();
  await expect(owner).toHaveURL(/recipient=hostile@gmail\.com|recipient=hostile%40gmail\.com/);
  await owner.getByRole('table', { name: 'Messages' }).getByRole('link', { name: 'hostile@gmail.com' }).click();
  await expect(owner.getByRole('list', { name: 'Events, oldest first' }).getByRole('listitem')).toHaveCount(2);
  await expect(owner.getByText('TLSv1.3').first()).toBeVisible();
});

test('the skip link leads past the navigation', async ({ owner }) => {
  await owner.goto('/pools');
  await expect(owner.getByRole('heading', { level: 1, name: 'IP pools' })).toBeVisible();
  await owner.keyboard.press('Tab');
  await expect(owner.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await owner.keyboard.press('Enter');
  await expect(owner.locator('#content')).toBeFocused();
});
