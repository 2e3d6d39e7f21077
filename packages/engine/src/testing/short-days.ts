// A clock whose days are short, for engines whose entries wait for hours.
import { systemClock } from '../host/index.ts';
import type { Clock } from '../ports.ts';

/** A wall clock that runs `speed` times as fast as the machine's while it is told to. */
export function shortDays(speed: number): Clock & { run(): void; halt(): void } {
  let [wallMs, sinceMs] = [systemClock.nowMs(), Number.NaN];
  const nowMs = (): number => (Number.isNaN(sinceMs) ? wallMs : wallMs + (systemClock.monotonicMs() - sinceMs) * speed);
  return {
    nowMs,
    monotonicMs: () => systemClock.monotonicMs(),
    setTimer: (delayMs, fn) => systemClock.setTimer(delayMs / speed, fn),
    run: () => void (sinceMs = systemClock.monotonicMs()),
    halt: () => void ([wallMs, sinceMs] = [nowMs(), Number.NaN]),
  };
}
