// When what was reserved may go out. Between the reservation and the wire lies work that takes its time, now more, now less (a connection,
// content read and signed, a transaction in front): what left later than the one behind it would come closer to it than the limit allows.
// So a rate is counted once more as mail goes out. In the steady state nothing waits here.
import { depart, departsAt, unitsOf, type Counter } from './limit-counter.ts';
import type { LimitToken } from './reservation.ts';

/**
 * When what the tokens hold may go out. That is `nowMs` when it may now: then it is booked as gone, so whoever asks sends at once. Else nothing
 * is booked, and at that time one asks again: a timer may come late, and what counts is when mail leaves.
 */
export function departure(tokens: readonly LimitToken[], nowMs: number): number {
  const [first] = tokens;
  if (!first || first.counters.length === 0) return nowMs;
  const units =
    tokens.length === 1 ? first.counters.map((counter) => [counter, unitsOf(counter, first.amount)] as const) : unitsOfAll(tokens);
  let at = nowMs;
  for (const [counter, n] of units) if (n > 0) at = Math.max(at, departsAt(counter, n, nowMs));
  if (at > nowMs) return at;
  for (const [counter, n] of units) depart(counter, n, nowMs);
  for (const token of tokens) token.departed = true;
  return nowMs;
}

function unitsOfAll(tokens: readonly LimitToken[]): Map<Counter, number> {
  const units = new Map<Counter, number>();
  for (const { counters, amount } of tokens)
    for (const counter of counters) units.set(counter, (units.get(counter) ?? 0) + unitsOf(counter, amount));
  return units;
}
