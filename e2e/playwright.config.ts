// The browser tier. Each worker starts a console of its own (console/testing/world.ts) on free ports; the pages must be built before
// (`next build apps/console`).
import { defineConfig } from '@playwright/test';
import { browserLaunch } from './browser.ts';

export default defineConfig({
  testDir: 'console',
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: 'list',
  outputDir: '../.tmp/playwright',
  // A trace of every test costs a quarter of the tier's time; `--trace on` makes one of the test that fails.
  use: { launchOptions: browserLaunch(), screenshot: 'only-on-failure', viewport: { width: 1440, height: 900 } },
});
