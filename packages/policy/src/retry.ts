// When to try again. An entry follows its stream's list, whose last value repeats, or the schedule that a delivery setting names for it; a
// path that fails backs off by doubling. All are spread a little, so that what failed together does not come back together.
import type { RetrySchedule } from '@sluice/contract';

/** Share of a delay that chance may add. */
export const jitterShare = 0.1;
const longestJitterMs = 60_000;
const lastResortSeconds = 300;

/** The wait before the attempt that follows `attempts` made, without jitter. */
function delaySeconds(schedule: RetrySchedule, attempts: number): number {
  const step = Math.max(attempts, 1) - 1;
  switch (schedule.kind) {
    case 'list':
      return schedule.seconds[Math.min(step, schedule.seconds.length - 1)] ?? lastResortSeconds;
    case 'exponential':
      return Math.min(schedule.firstSeconds * schedule.factor ** step, schedule.capSeconds);
  }
}

/** Time of the next attempt after `attempts` made. `fraction` is uniform in [0, 1). */
export function nextAttemptAt(schedule: RetrySchedule, attempts: number, nowMs: number, fraction: number): number {
  const delayMs = delaySeconds(schedule, attempts) * 1000;
  return Math.round(nowMs + delayMs + fraction * Math.min(delayMs * jitterShare, longestJitterMs));
}

export const firstPathDelayMs = 15_000;
export const longestPathDelayMs = 900_000;

/** How long a path rests after its `failures`-th failure in a row (from 1). */
export function pathDelayMs(failures: number, fraction: number): number {
  const delay = Math.min(longestPathDelayMs, firstPathDelayMs * 2 ** Math.min(Math.max(failures, 1) - 1, 20));
  return Math.round(delay * (1 + fraction * jitterShare));
}
