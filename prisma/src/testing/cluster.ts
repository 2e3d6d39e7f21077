// vitest's global set-up of the integration tier: one throw-away cluster a run, its addresses provided to every test file.
import type { TestProject } from 'vitest/node';
import { startTestCluster, type TestCluster } from './throwaway.ts';

declare module 'vitest' {
  interface ProvidedContext {
    sluiceTestCluster: TestCluster;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { cluster, stop } = await startTestCluster();
  project.provide('sluiceTestCluster', cluster);
  return stop;
}
