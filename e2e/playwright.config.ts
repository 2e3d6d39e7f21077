// The browser tier. Pages that are not as their sources say are built first; then each worker starts a console of its own
// (console/testing/world.ts) on free ports.
import { defineConfig } from '@playwright/test';
import { browserLaunch } from './browser.ts';

export default defineConfig({
  testDir: 'console',
  globalSetup: './console/testing/built-pages.ts',
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
