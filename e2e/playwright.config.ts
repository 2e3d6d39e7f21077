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
  use: { launchOptions: browserLaunch(), trace: 'retain-on-failure', viewport: { width: 1440, height: 900 } },
});
