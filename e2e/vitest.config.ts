// The end-to-end tiers: each test file starts real processes, so files run one after the other, and nothing is retried.
import { defineConfig } from 'vitest/config';

const slow = { testTimeout: 120_000, hookTimeout: 300_000, fileParallelism: false, maxWorkers: 1 };

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'delivery', include: ['e2e/delivery/**/*.test.ts'], ...slow } },
      { test: { name: 'scenarios', include: ['e2e/scenarios/**/*.test.ts'], ...slow } },
      { test: { name: 'interop', include: ['e2e/interop/**/*.test.ts'], ...slow } },
    ],
  },
});
