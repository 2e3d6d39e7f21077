// When to try again. An entry follows its stream's list, whose last value repeats; a path that fails backs off by doubling. Both are
// spread a little, so that what failed together does not come back together.

/** Share of a delay that chance may add. */
export const jitterShare = 0.1;
const longestJitterMs = 60_000;

/** Time of the next attempt after `attempts` made. `fraction` is uniform in [0, 1). */
export function nextAttemptAt(retrySeconds: readonly number[], attempts: number, nowMs: number, fraction: number): number {
  const step = Math.min(Math.max(attempts, 1), retrySeconds.length) - 1;
  const delayMs = (retrySeconds[step] ?? 60) * 1000;
  return Math.round(nowMs + delayMs + fraction * Math.min(delayMs * jitterShare, longestJitterMs));
}

export const firstPathDelayMs = 15_000;
export const longestPathDelayMs = 900_000;

/** How long a path rests after its `failures`-th failure in a row (from 1). */
export function pathDelayMs(failures: number, fraction: number): number {
  const delay = Math.min(longestPathDelayMs, firstPathDelayMs * 2 ** Math.min(Math.max(failures, 1) - 1, 20));
  return Math.round(delay * (1 + fraction * jitterShare));
}
