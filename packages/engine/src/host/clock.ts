// The one place of the engine that asks the machine for the time. Everything else receives a Clock, so that tests can own time.
import type { Clock } from '../ports.ts';

/** Longest delay that a Node timer can hold; anything longer fires at once there. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The machine's clock. Timers do not keep the process alive. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(delayMs, fn) {
    const timer = setTimeout(fn, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
