// Two tiers by file name: `x.test.ts` is pure and quick, `x.int.test.ts` uses real Postgres and real sockets. The end-to-end tier has its
// own configuration in e2e, since it starts whole installations.
import { defineConfig } from 'vitest/config';

const everywhere = ['packages/*/src/**', 'apps/*/src/**', 'prisma/src/**', 'e2e/gates/**'];
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: everywhere.map((where) => `${where}/*.test.ts`),
          exclude: ['**/*.int.test.ts', '**/node_modules/**'],
        },
      },
      {
        test: {
          name: 'integration',
          include: everywhere.map((where) => `${where}/*.int.test.ts`),
          globalSetup: ['./prisma/src/testing/cluster.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
