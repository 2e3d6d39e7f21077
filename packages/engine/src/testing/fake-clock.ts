// Time that only moves when a test moves it. Timers fire in order of time; after each one the promises that it settled run, so that a
// test sees the engine as it would stand after that moment.
import { DueHeap } from '@sluice/policy';
import type { Clock, Random } from '../ports.ts';

export type FakeClock = Clock & { advance(ms: number): Promise<void>; settle(): Promise<void>; readonly timers: number };

type Timer = { at: number; order: number; fn: (() => void) | null };

/** Lets all promise reactions run that are ready, and those they make ready in turn. */
export function settlePromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function fakeClock(startMs = 1_800_000_000_000): FakeClock {
  let nowMs = startMs;
  let order = 0;
  const timers = new DueHeap<Timer>((timer) => timer.at);
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    setTimer(delayMs, fn) {
      const timer: Timer = { at: nowMs + Math.max(0, delayMs), order: order++, fn };
      timers.push(timer);
      return () => {
        timer.fn = null;
      };
    },
    get timers() {
      return [...timers.values()].filter((timer) => timer.fn !== null).length;
    },
    settle: settlePromises,
    async advance(ms) {
      const until = nowMs + ms;
      await settlePromises();
      for (let next = timers.peek(); next && next.at <= until; next = timers.peek()) {
        nowMs = Math.max(nowMs, next.at);
        // All timers of one moment run before promises are waited for: the real wait would dominate the test's time.
        for (let same = timers.peek(); same && same.at <= nowMs; same = timers.peek()) {
          timers.pop();
          same.fn?.();
        }
        await settlePromises();
      }
      nowMs = until;
      await settlePromises();
    },
  };
}

/** Repeatable chance: a small linear congruential generator. */
export function seededRandom(seed = 1): Random {
  let state = seed >>> 0;
  let count = 0;
  const fraction = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return {
    fraction,
    bytes: (length) => Uint8Array.from({ length }, () => Math.floor(fraction() * 256)),
    uuid: () => `00000000-0000-7000-8000-${(count++).toString(16).padStart(12, '0')}`,
  };
}
