// When what was reserved may go out. Between the reservation and the wire lies work that takes its time, now more, now less (a connection,
// content read and signed, a transaction in front): what left later than the one behind it would come closer to it than the limit allows.
// So a rate is counted once more as mail goes out. In the steady state nothing waits here.
import { depart, departsAt, unitsOf, type Counter } from './limit-counter.ts';
import type { LimitToken } from './reservation.ts';

/**
 * Books the departure of what the tokens hold and returns its time: `nowMs`, or a little later. Null, and nothing is booked, when that
 * would be more than `patienceMs` from now.
 */
export function departure(tokens: readonly LimitToken[], nowMs: number, patienceMs: number): number | null {
  const [first] = tokens;
  if (!first || first.counters.length === 0) return nowMs;
  const units = new Map<Counter, number>();
  let at = nowMs;
  for (const { counters, amount } of tokens)
    for (const counter of counters) units.set(counter, (units.get(counter) ?? 0) + unitsOf(counter, amount));
  for (const [counter, n] of units) if (n > 0) at = Math.max(at, departsAt(counter, n, nowMs));
  if (at > nowMs + patienceMs) return null;
  for (const [counter, n] of units) depart(counter, n, at);
  return at;
}
