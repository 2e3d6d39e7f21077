// The live picture: one stream for all tabs of a browser, none for hidden ones, and silence is said aloud.
import { expect, test } from './testing/console-test.ts';
import type { BrowserContext, Page, Request } from '@playwright/test';

const tabs = 7;

/**
 * Streams that tabs of a browser hold now, and the most that they held at once. One that was broken off and begun again is one; that of a tab
 * that is about to be closed is `leaving`: who takes over may be quicker than the news of its end.
 */
function openStreams(context: BrowserContext) {
  const open = new Map<Request, Page>();
  let most = 0;
  const ended = (request: Request): void => void open.delete(request);
  context.on('request', (request) => {
    if (!request.url().includes('/api/trpc/live.stream')) return;
    open.set(request, request.frame().page());
    most = Math.max(most, open.size);
  });
  context.on('requestfinished', ended);
  context.on('requestfailed', ended);
  return {
    now: (): number => open.size,
    most: (): number => most,
    holder: (): Page | undefined => [...open.values()][0],
    leaving(page: Page): void {
      for (const [request, holder] of open) if (holder === page) open.delete(request);
    },
  };
}

const isLive = async (page: Page): Promise<void> => {
  await expect(page.getByText(/1 node running/)).toBeVisible();
  await expect(page.getByText(/Live figures updated [0-6] s ago/)).toBeVisible();
};

test('seven tabs all stay live over one stream', async ({ browser, world, ownerState }) => {
  test.setTimeout(180_000);
  const context = await browser.newContext({ storageState: ownerState, baseURL: world.url });
  const streams = openStreams(context);
  const pages: Page[] = [];
  for (let index = 0; index < tabs; index += 1) {
    const page = await context.newPage();
    await page.goto('/');
    pages.push(page);
  }
  for (const page of pages) await isLive(page);
  expect(streams.now()).toBe(1);
  const leader = streams.holder() as Page;
  streams.leaving(leader);
  await leader.close();
  // The others look live for some seconds on the last frames of the tab that is gone; what shows that one took over is its stream.
  await expect.poll(streams.now, { timeout: 15_000 }).toBe(1);
  for (const page of pages) if (page !== leader) await isLive(page);
  expect(streams.most()).toBe(1);
  await context.close();
});

test('when frames stop the page says so with the time of the last one, and recovers', async ({ owner, world }) => {
  await owner.goto('/');
  await isLive(owner);
  world.say('frames off');
  try {
    await expect(owner.getByTestId('stale')).toContainText('No delivery node is reporting', { timeout: 15_000 });
    await expect(owner.getByTestId('stale')).toContainText(/the last frame came at \d\d:\d\d:\d\d UTC/);
    await expect(owner.getByRole('link', { name: /Silent: node-1/ })).toBeVisible();
  } finally {
    world.say('frames on');
  }
  await expect(owner.getByTestId('stale')).toHaveCount(0, { timeout: 15_000 });
  await isLive(owner);
});

test('a paused page keeps its figures until it is resumed', async ({ owner }) => {
  await owner.goto('/');
  await isLive(owner);
  await owner.getByRole('button', { name: 'Pause updates' }).click();
  const figures = owner.getByRole('region', { name: 'Queue now' }).locator('dl');
  const before = await figures.innerText();
  await owner.waitForTimeout(3_000);
  // The age of the oldest entry goes on with the clock; the counted figures must not.
  const still = (text: string): string => text.replace(/Oldest entry\s+.*/u, '');
  expect(still(await figures.innerText())).toBe(still(before));
  await owner.getByRole('button', { name: 'Resume updates' }).click();
  await isLive(owner);
});

test('the sandbox is named on every page', async ({ owner }) => {
  for (const path of ['/', '/messages', '/config']) {
    await owner.goto(path);
    await expect(owner.getByRole('banner').getByText('Sandbox')).toBeVisible();
  }
});
