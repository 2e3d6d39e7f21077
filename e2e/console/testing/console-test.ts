// The test function of this tier: a console per worker, pages that are signed in, and a watch on everything a browser complains about.
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { test as base, expect, type BrowserContext, type Page } from '@playwright/test';
import type { WorldFacts } from './facts.ts';

const startLimitMs = 120_000;
const stopLimitMs = 20_000;

export type World = WorldFacts & { say: (line: string) => void };

function factsOf(child: ChildProcess): Promise<WorldFacts> {
  return new Promise((resolve, reject) => {
    const seen: string[] = [];
    const late = setTimeout(() => reject(new Error(`no console after ${startLimitMs} ms:\n${seen.join('\n')}`)), startLimitMs);
    child.once('exit', (code) => reject(new Error(`the console's process ended with ${code}:\n${seen.join('\n')}`)));
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        seen.push(line);
        if (!line.startsWith('world ')) return;
        clearTimeout(late);
        resolve(JSON.parse(line.slice('world '.length)) as WorldFacts);
      });
    }
  });
}

/** Starts one, hands it to `use`, and waits until its process is gone. */
export async function withWorld(args: string[], use: (world: World) => Promise<void>): Promise<void> {
  const script = new URL('world.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  try {
    const facts = await factsOf(child);
    await use({ ...facts, say: (line) => void child.stdin.write(`${line}\n`) });
  } finally {
    child.stdin.end();
    const cut = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
    await gone;
    clearTimeout(cut);
  }
}

/** Collects console errors, page errors and policy violations of a page. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || /content security policy/i.test(message.text())) complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
  return complaints;
}

export async function signIn(page: Page, url: string, account: { email: string; password: string }): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel('E-mail address').fill(account.email);
  await page.getByLabel('Password').fill(account.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
}

/** A dialog's way: fill the reason, confirm, read what it says was done. */
export async function confirmWith(page: Page, reason: string, button: string): Promise<string> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill(reason);
  await dialog.getByRole('button', { name: button, exact: true }).click();
  const status = dialog.getByRole('status').first();
  await expect(status).toBeVisible();
  return (await status.textContent()) ?? '';
}

type Fixtures = { owner: Page; analyst: Page };
type WorkerFixtures = { world: World; ownerState: BrowserState; analystState: BrowserState };
type BrowserState = Awaited<ReturnType<BrowserContext['storageState']>>;

export const ownerAccount = { email: 'owner@sluice.example', password: 'correct horse battery staple' };
export const analystAccount = { email: 'analyst@sluice.example', password: 'another long pass phrase' };

export const test = base.extend<Fixtures, WorkerFixtures>({
  world: [async ({}, use) => withWorld([], use), { scope: 'worker', timeout: startLimitMs + stopLimitMs }],
  ownerState: [async ({ browser, world }, use) => use(await stateOf(browser, world, ownerAccount)), { scope: 'worker' }],
  analystState: [async ({ browser, world }, use) => use(await stateOf(browser, world, analystAccount)), { scope: 'worker' }],
  owner: async ({ browser, world, ownerState }, use) => {
    const context = await browser.newContext({ storageState: ownerState, baseURL: world.url });
    await confirmLongAgo(context, world.url);
    await withPage(context, use);
  },
  analyst: async ({ browser, world, analystState }, use) =>
    withPage(await browser.newContext({ storageState: analystState, baseURL: world.url }), use),
});

/** What asks for a confirmation takes signing in for one, for ten minutes; the tests of a slow machine take longer. */
const confirmAgainMs = 5 * 60_000;
let confirmedMs = Date.now();

async function confirmLongAgo(context: BrowserContext, url: string): Promise<void> {
  if (Date.now() - confirmedMs < confirmAgainMs) return;
  const data = { secret: ownerAccount.password };
  const response = await context.request.post(`${url}/api/trpc/session.confirm`, { data, headers: { origin: url } });
  expect(response.status()).toBe(200);
  confirmedMs = Date.now();
}

async function stateOf(
  browser: { newContext: () => Promise<BrowserContext> },
  world: World,
  account: typeof ownerAccount,
): Promise<BrowserState> {
  const context = await browser.newContext();
  await signIn(await context.newPage(), world.url, account);
  const state = await context.storageState();
  await context.close();
  return state;
}

async function withPage(context: BrowserContext, use: (page: Page) => Promise<void>): Promise<void> {
  await use(await context.newPage());
  await context.close();
}

export { expect };
