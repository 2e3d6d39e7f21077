// The last door before the wire: waits until limits let out what they granted, and books it as gone. See policy/departure.ts.
import { departure, type LimitToken } from '@sluice/policy';
import type { Clock } from '../ports.ts';

/** True when it has to leave at once; false when that would take longer than `patienceMs`, and nothing is booked. Mostly known now. */
export function departing(clock: Clock, tokens: readonly LimitToken[], patienceMs: number): boolean | Promise<boolean> {
  const nowMs = clock.nowMs();
  return departure(tokens, nowMs) <= nowMs || waiting(clock, tokens, patienceMs);
}

async function waiting(clock: Clock, tokens: readonly LimitToken[], patienceMs: number): Promise<boolean> {
  const untilMs = clock.nowMs() + patienceMs;
  for (;;) {
    const nowMs = clock.nowMs();
    const atMs = departure(tokens, nowMs);
    if (atMs <= nowMs) return true;
    if (atMs > untilMs) return false;
    await new Promise<void>((resolve) => void clock.setTimer(atMs - nowMs, resolve));
  }
}
