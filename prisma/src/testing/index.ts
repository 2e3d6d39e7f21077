// Databases for tests. Inside vitest: `testDatabase()`, a clone in the cluster of the run. Anywhere else: `startTestCluster()` and
// `cloneDatabase(cluster)`.
import type {} from './cluster.ts';
import { cloneDatabase, type TestDatabase } from './throwaway.ts';

export { startTestCluster, cloneDatabase } from './throwaway.ts';
export type { TestCluster, TestDatabase } from './throwaway.ts';

/** A fresh database in the cluster of this vitest run. */
export async function testDatabase(kind: 'template' | 'empty' = 'template'): Promise<TestDatabase> {
  const { inject } = await import('vitest');
  return cloneDatabase(inject('sluiceTestCluster'), kind);
}
