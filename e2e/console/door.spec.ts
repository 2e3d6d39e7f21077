// The way in: sign-in, the set-up link, and what the front door does with requests that lie about themselves.
import { request as httpRequest } from 'node:http';
import { complaintsOf, expect, ownerAccount, signIn, test, withWorld } from './testing/console-test.ts';

test('a page without a session leads to sign-in and back to that page', async ({ page, world }) => {
  const complaints = complaintsOf(page);
  await page.goto(`${world.url}/messages?recipient=@gmail.com`);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByLabel('E-mail address').fill(ownerAccount.email);
  await page.getByLabel('Password').fill(ownerAccount.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(`${world.url}/messages?recipient=@gmail.com`);
  expect(complaints).toEqual([]);
});

test('a wrong password is refused in words that do not say whether the account exists', async ({ page, world }) => {
  const said: string[] = [];
  for (const email of ['analyst@sluice.example', 'nobody@sluice.example']) {
    await page.goto(`${world.url}/sign-in`);
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill('this is not it at all');
    await page.getByRole('button', { name: 'Sign in' }).click();
    said.push((await page.locator('form [role=alert]').textContent()) ?? '');
  }
  expect(said[0]).toBe('E-mail address or password is wrong.');
  expect(said[1]).toBe(said[0]);
});

test('signing out ends the session', async ({ page, world }) => {
  await signIn(page, world.url, ownerAccount);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await page.goto(`${world.url}/pools`);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
});

test('the set-up link makes the first Owner, signs in, and works once', async ({ page, browser }) => {
  test.setTimeout(180_000);
  await withWorld(['--fresh'], async (world) => {
    const complaints = complaintsOf(page);
    await page.goto(world.setupUrl ?? '');
    await page.getByLabel('Name').fill('Olive Owner');
    await page.getByLabel('E-mail address').fill('first@sluice.example');
    await page.getByLabel('Password', { exact: true }).fill('a sentence is a fine password');
    await page.getByLabel('Password again').fill('a sentence is a fine password');
    await page.getByRole('button', { name: 'Make the Owner and sign in' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
    await expect(page.getByRole('banner')).toContainText('first@sluice.example');
    await expect(page.getByText('No mail yet').or(page.getByText('No events are arriving'))).toBeVisible();
    expect(complaints).toEqual([]);
    const other = await (await browser.newContext()).newPage();
    await other.goto(world.setupUrl ?? '');
    await other.getByLabel('Name').fill('Mallory');
    await other.getByLabel('E-mail address').fill('mallory@sluice.example');
    await other.getByLabel('Password', { exact: true }).fill('a sentence is a fine password');
    await other.getByLabel('Password again').fill('a sentence is a fine password');
    await other.getByRole('button', { name: 'Make the Owner and sign in' }).click();
    await expect(other.locator('form [role=alert]')).toContainText('used, expired or not whole');
    await other.context().close();
  });
});

type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string };

/** A request as no browser would send it. */
function raw(
  url: string,
  options: { method?: string; headers?: Record<string, string>; localAddress?: string; body?: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      { method: options.method ?? 'GET', headers: options.headers, localAddress: options.localAddress },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (body += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      },
    );
    request.on('error', reject);
    request.end(options.body);
  });
}

const attempt = (email: string): string => JSON.stringify({ email, password: 'this is not it at all' });

async function addressesInAudit(world: { url: string; localToken: string }): Promise<string[]> {
  const answer = await raw(`${world.url}/api/trpc/audit.list?input=${encodeURIComponent('{"limit":5}')}`, {
    headers: { authorization: `Bearer ${world.localToken}` },
  });
  const parsed = JSON.parse(answer.body) as { result: { data: { items: { address: string | null }[] } } };
  return parsed.result.data.items.map((item) => item.address ?? '');
}

test('a forged X-Forwarded-For changes neither the recorded address nor the sign-in limit', async ({ world }) => {
  const headers = { 'content-type': 'application/json', origin: world.url };
  const body = JSON.stringify(ownerAccount);
  const forged = await raw(`${world.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { ...headers, 'x-forwarded-for': '203.0.113.66' },
    body,
  });
  expect(forged.status).toBe(200);
  expect((await addressesInAudit(world))[0]).toBe('127.0.0.1');
  // 127.0.0.2 is a trusted proxy of this console: what it forwards is believed.
  const proxied = await raw(`${world.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { ...headers, 'x-forwarded-for': '6.6.6.6, 203.0.113.66' },
    body,
    localAddress: '127.0.0.2',
  });
  expect(proxied.status).toBe(200);
  expect((await addressesInAudit(world))[0]).toBe('203.0.113.66');
  const statuses = new Set<number>();
  for (let index = 0; index < 40 && !statuses.has(429); index += 1) {
    const forwarded = { ...headers, 'x-forwarded-for': `203.0.113.${index}`, 'x-real-ip': `203.0.113.${index}` };
    statuses.add(
      (await raw(`${world.url}/api/auth/sign-in/email`, { method: 'POST', headers: forwarded, body: attempt('victim@sluice.example') }))
        .status,
    );
  }
  expect([...statuses].sort()).toEqual([401, 429]);
});

test('the local token is worth nothing through a proxy on this machine', async ({ world }) => {
  const authorization = `Bearer ${world.localToken}`;
  const url = `${world.url}/api/trpc/session.me`;
  expect((await raw(url, { headers: { authorization } })).status).toBe(200);
  expect((await raw(url, { headers: { authorization, 'x-forwarded-for': '127.0.0.1' } })).status).toBe(401);
});

test('a name that is not ours is refused before anything is looked up', async ({ world }) => {
  for (const path of ['/', '/sign-in', '/api/trpc/setup.status', '/_next/static/x.js']) {
    expect((await raw(`${world.url}${path}`, { headers: { host: 'evil.example' } })).status).toBe(421);
  }
  expect((await raw(`${world.url}/healthz`, { headers: { host: 'evil.example' } })).status).toBe(200);
});

test('a page carries a policy with a nonce of its own, and the client cannot choose it', async ({ world }) => {
  const first = await raw(`${world.url}/sign-in`, { headers: { 'x-nonce': 'mine', 'content-security-policy': "script-src 'nonce-mine'" } });
  const second = await raw(`${world.url}/sign-in`, {});
  const nonceOf = (answer: Answer): string => /'nonce-([^']+)'/.exec(String(answer.headers['content-security-policy']))?.[1] ?? '';
  expect(nonceOf(first)).not.toBe('');
  expect(nonceOf(first)).not.toBe('mine');
  expect(nonceOf(first)).not.toBe(nonceOf(second));
  expect(first.body).not.toContain('nonce="mine"');
  const scripts = [...first.body.matchAll(/<script(?![^>]*\bnonce=)[^>]*>/g)].map(([tag]) => tag);
  expect(scripts).toEqual([]);
  expect(first.headers['x-content-type-options']).toBe('nosniff');
  expect(first.headers['x-powered-by']).toBeUndefined();
});

test('a body over the limit and a method that pages do not know are refused', async ({ world }) => {
  const headers = { 'content-type': 'application/json', origin: world.url };
  const huge = await raw(`${world.url}/api/trpc/setup.complete`, { method: 'POST', headers, body: `"${'x'.repeat(1_100_000)}"` });
  expect(huge.status).toBe(413);
  expect((await raw(`${world.url}/sign-in`, { method: 'POST', body: 'x=y' })).status).toBe(405);
});
