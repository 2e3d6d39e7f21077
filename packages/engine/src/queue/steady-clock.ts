// Wall time that neither stands still nor goes back. Limits and due times are compared with it; when the machine's clock is set back, it
// goes on at half speed until the machine has caught up, so that nothing stalls and no limit is exceeded.
import type { Clock } from '../ports.ts';

export function steadyClock(clock: Clock): Clock {
  let last = clock.nowMs();
  let lastMonotonic = clock.monotonicMs();
  return {
    nowMs() {
      const monotonic = clock.monotonicMs();
      last = Math.max(clock.nowMs(), last + (monotonic - lastMonotonic) / 2);
      lastMonotonic = monotonic;
      return Math.floor(last);
    },
    monotonicMs: () => clock.monotonicMs(),
    setTimer: (delayMs, fn) => clock.setTimer(delayMs, fn),
  };
}
