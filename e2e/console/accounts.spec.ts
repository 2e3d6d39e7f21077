// Accounts from the invitation to the end of a session: accepting it, an authenticator app, signing in with its codes and without it,
// being asked again who one is, and what a role without its second factor can still do.
import type { Page } from '@playwright/test';
import { createSluiceClient } from '@sluice/client';
import pg from 'pg';
import { Authenticator } from './testing/authenticator.ts';
import { complaintsOf, confirmWith, expect, test, type World } from './testing/console-test.ts';
import { violationsOn } from './testing/violations.ts';

const password = 'a long sentence for tests';

/** What axe finds in either theme. */
async function clean(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await violationsOn(page)).toEqual([]);
  }
}

async function sql(world: World, text: string, values: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: world.databaseUrl });
  await client.connect();
  try {
    await client.query(`select set_config('sluice.tenant', '*', false)`);
    expect((await client.query(text, values)).rowCount).toBeGreaterThan(0);
  } finally {
    await client.end();
  }
}

async function givePassword(page: Page, url: string, email: string): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function giveCode(page: Page, code: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Code' }).fill(code);
  await page.getByRole('button', { name: 'Go on' }).click();
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
}

const overview = (page: Page) => page.getByRole('heading', { level: 1, name: 'Overview' });

/** On a page that offers it: sets an app up, and keeps the recovery codes. */
async function enrol(page: Page): Promise<{ app: Authenticator; recoveryCodes: string[] }> {
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
  await expect(page.getByRole('img', { name: 'QR code of the key' })).toBeVisible();
  await clean(page);
  const app = new Authenticator((await page.locator('code').first().textContent()) ?? '');
  await page.getByRole('textbox', { name: 'Code' }).fill(await app.code());
  await page.getByRole('button', { name: 'Switch it on' }).click();
  await expect(page.getByText('These are your recovery codes')).toBeVisible();
  await clean(page);
  const recoveryCodes = ((await page.locator('code').first().textContent()) ?? '').split('\n');
  expect(recoveryCodes).toHaveLength(10);
  await page.getByRole('button', { name: 'I have kept them' }).click();
  return { app, recoveryCodes };
}

test('from an invitation to a session that is ended', async ({ owner, page, world }) => {
  test.setTimeout(240_000);
  const complaints = complaintsOf(page);
  const local = createSluiceClient({ url: world.url, token: world.localToken });
  const spare = { name: 'Sam Spare', email: 'spare@sluice.example', password };
  await local.users.create.mutate({ ...spare, role: 'analyst' });

  await owner.goto('/settings/users');
  await owner.getByRole('button', { name: 'Invite' }).click();
  await owner.getByLabel('E-mail address').fill('ada@sluice.example');
  await owner.getByRole('dialog').getByLabel('Role').selectOption('admin');
  await confirmWith(owner, 'runs the accounts', 'Make the link');
  const link = (await owner.getByRole('dialog').locator('code').textContent()) ?? '';
  await owner.getByRole('button', { name: 'Close' }).first().click();
  await expect(owner.getByRole('table', { name: 'Invitations' })).toContainText('ada@sluice.example');

  await page.goto(link);
  await expect(page.getByRole('heading', { name: 'Welcome to Sluice' })).toBeVisible();
  await expect(page).toHaveURL(`${world.url}/invitation`);
  await clean(page);
  await page.getByLabel('Name').fill('Ada Admin');
  await page.getByLabel('Password', { exact: true }).fill('password1234');
  await page.getByLabel('Password again').fill('password1234');
  await page.getByRole('button', { name: 'Make the account and sign in' }).click();
  await expect(page.locator('form [role=alert]')).toContainText('first that anyone would try');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('Password again').fill(password);
  await page.getByRole('button', { name: 'Make the account and sign in' }).click();
  await expect(overview(page)).toBeVisible();
  await expect(page.getByTestId('grace')).toContainText('You have 13 d');

  await page.getByRole('link', { name: 'Set it up now' }).click();
  const { app, recoveryCodes } = await enrol(page);
  await expect(page.getByText('10 recovery codes left')).toBeVisible();
  await expect(page.getByTestId('grace')).toHaveCount(0);

  await signOut(page);
  await givePassword(page, world.url, 'ada@sluice.example');
  await expect(page.getByRole('heading', { name: 'Second factor' })).toBeVisible();
  await clean(page);
  await giveCode(page, '000000');
  await expect(page.locator('form [role=alert]')).toContainText('This code is wrong');
  await giveCode(page, await app.code());
  await expect(overview(page)).toBeVisible();

  await signOut(page);
  await givePassword(page, world.url, 'ada@sluice.example');
  await giveCode(page, recoveryCodes[0] ?? '');
  await expect(overview(page)).toBeVisible();

  // Ten minutes later.
  const forget = `update session set confirmed_at = confirmed_at - interval '11 minutes' from "user" u where u.id = user_id and u.email = $1`;
  await sql(world, forget, ['ada@sluice.example']);
  await page.goto(`${world.url}/settings/users`);
  await page.getByRole('button', { name: 'Manage spare@sluice.example' }).click();
  await page.getByRole('button', { name: 'Change role' }).click();
  const edit = page.getByRole('dialog', { name: 'Role of spare@sluice.example' });
  await edit.getByLabel('Role').selectOption('operator');
  await edit.getByLabel('Reason').fill('on duty from today');
  await edit.getByRole('button', { name: 'Change it' }).click();
  const again = page.getByRole('dialog', { name: 'Confirm that it is you' });
  await expect(again).toBeVisible();
  await clean(page);
  await again.getByRole('textbox', { name: 'Code' }).fill(await app.code());
  await again.getByRole('button', { name: 'It is me' }).click();
  await expect(edit.getByRole('status')).toContainText('Now Operator');
  await edit.getByRole('button', { name: 'Close' }).first().click();
  await expect(page.getByRole('table', { name: 'Accounts' }).getByRole('row', { name: /spare@sluice.example/ })).toContainText('Operator');

  const answer = await fetch(`${world.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: world.url },
    body: JSON.stringify({ email: spare.email, password }),
  });
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const theirs = createSluiceClient({ url: world.url, cookie });
  expect((await theirs.session.me.query()).actor.role).toBe('operator');
  await page.reload();
  const sessions = page.getByRole('table', { name: 'Sessions of spare@sluice.example' });
  await expect(sessions.getByRole('row')).toHaveCount(2);
  await sessions.getByRole('button', { name: /^End the session/ }).click();
  expect(await confirmWith(page, 'a phone was lost', 'End')).toBe('1 session ended.');
  await expect(theirs.session.me.query()).rejects.toThrow('sign in first');
  expect(complaints.filter((line) => !/40[01379]|412|status of/.test(line))).toEqual([]);
});

test('when the grace period is over, nothing is offered but setting a second factor up', async ({ page, world }) => {
  test.setTimeout(180_000);
  const local = createSluiceClient({ url: world.url, token: world.localToken });
  const email = 'eve@sluice.example';
  await local.users.create.mutate({ name: 'Eve Engineer', email, password, role: 'engineer' });
  await sql(world, `update "user" set second_factor_due_at = now() - interval '1 minute' where email = $1`, [email]);
  await givePassword(page, world.url, email);
  await expect(page.getByRole('heading', { name: 'Set up a second factor' })).toBeVisible();
  await page.goto(`${world.url}/pools`);
  await expect(page.getByRole('heading', { name: 'Set up a second factor' })).toBeVisible();
  await expect(page.getByRole('navigation')).toHaveCount(0);
  await clean(page);
  await enrol(page);
  await expect(page.getByRole('heading', { level: 1, name: 'IP pools' })).toBeVisible();
});

test('one’s own password changes with the present one, and other sessions are ended from the page of the account', async ({
  page,
  browser,
  world,
}) => {
  const local = createSluiceClient({ url: world.url, token: world.localToken });
  const email = 'otto@sluice.example';
  await local.users.create.mutate({ name: 'Otto Operator', email, password, role: 'operator' });
  const elsewhere = await (await browser.newContext()).newPage();
  for (const one of [page, elsewhere]) {
    await givePassword(one, world.url, email);
    await expect(overview(one)).toBeVisible();
  }
  await page.goto(`${world.url}/settings/account`);
  await expect(page.getByRole('table', { name: 'Your sessions' }).getByRole('row')).toHaveCount(3);
  await page.getByRole('button', { name: 'Change password' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Present password').fill(password);
  await dialog.getByLabel('New password', { exact: true }).fill('another sentence for tests');
  await dialog.getByLabel('New password again').fill('another sentence for tests');
  await dialog.getByRole('button', { name: 'Change it' }).click();
  await expect(dialog.getByRole('status')).toHaveText('Changed. 1 other sessions ended.');
  await elsewhere.goto(`${world.url}/pools`);
  await expect(elsewhere).toHaveURL(/\/sign-in/);
  await elsewhere.context().close();
});
