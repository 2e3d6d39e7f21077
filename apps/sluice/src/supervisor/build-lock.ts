// Installations of one checkout share the console's build. Whoever builds holds a lock beside the dependencies; others wait for it.
import { join } from 'node:path';
import { liveHolder, takeLock } from './lock.ts';

const pollIntervalMs = 200;

/** Runs `build` alone; answers without running it once another builder is through and `done` says that nothing is left to do. */
export async function buildAlone(root: string, done: () => boolean, signal: AbortSignal, build: () => Promise<void>): Promise<void> {
  const path = join(root, 'node_modules', '.sluice-console-build.lock');
  while (!signal.aborted && !done()) {
    const taken = takeLock(path);
    if (taken.ok) {
      try {
        return await build();
      } finally {
        taken.lock.release();
      }
    }
    while (!signal.aborted && liveHolder(path) !== null) await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
  }
}
