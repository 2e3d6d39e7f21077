// The arithmetic of one limit counter. Rates follow the generic cell rate algorithm: one number, the theoretical arrival time, says how
// far the counter is in debt, and in every window of T seconds at most rate * T + burst + 1 units pass. Bytes pass while the burst is not
// used up, a message whole: it may leave the counter in debt. Connections are a plain count; caps count a stretch of the calendar.
import { calendarStretch } from './calendar.ts';
import { inDebt, leaseBlock, type LeaseTerms } from './limit-lease.ts';
import { bindsAllSources, bindsPath, burstOf, type LimitRule } from './limit-set.ts';
import type { WaitingLine } from './waiting-line.ts';

/** Leased units of a counter; see limit-lease.ts. */
export type Leased = { left: number; untilMs: number; asked: boolean; notBeforeMs: number; returned: number; used: number };

/** Just before something was taken at `atMs` the debt was so many milliseconds, and never lower after it. */
type Low = { atMs: number; debtMs: number };
const maxLows = 8;

export type Counter = {
  readonly key: string;
  rule: LimitRule;
  /** Milliseconds per unit, and units at once on top of one (rates). */
  intervalMs: number;
  burst: number;
  /** Time at which the counter is out of debt (rates). */
  arrivalMs: number;
  /** The same of what went out: it may leave later than it was reserved, and not closer together than is allowed (rates). */
  departMs: number;
  /** How low the debt was since when, for what is given back (rates). */
  lows: Low[];
  /** Open connections; what passed of a cap in its stretch. */
  inUse: number;
  startMs: number;
  endMs: number;
  /** Null where units need no lease. */
  leased: Leased | null;
  bindsPath: boolean;
  bindsAllSources: boolean;
  line: WaitingLine | null;
  /** When the book looks at this counter again; Infinity when nothing is arranged. */
  lookAtMs: number;
  /** No waiter is woken before this: those at the head could not use their turns. */
  restUntilMs: number;
  /** False once its limit was removed: releases still reach it, nobody asks it. */
  live: boolean;
};

const intervalOf = ({ perSeconds, count }: LimitRule): number => (perSeconds * 1000) / count;
const isCap = ({ kind }: LimitRule): boolean => kind === 'hourly_cap' || kind === 'daily_cap';

export function newCounter(key: string, rule: LimitRule): Counter {
  return {
    ...{ key, rule, intervalMs: intervalOf(rule), burst: burstOf(rule) },
    ...{ arrivalMs: 0, departMs: 0, lows: [], inUse: 0, startMs: 0, endMs: 0, leased: null },
    ...{ bindsPath: bindsPath(rule), bindsAllSources: bindsAllSources(rule) },
    ...{ line: null, lookAtMs: Infinity, restUntilMs: 0, live: true },
  };
}

/** Of what an attempt counts: recipients or connections, and bytes. */
export type Amount = { readonly n: number; readonly bytes: number };

export const unitsOf = ({ rule }: Counter, { n, bytes }: Amount): number => (rule.kind === 'byte_rate' ? bytes : n);

/** Begins the stretch in which `nowMs` lies. One that has begun does not begin again: the clock may have been set back. */
function roll(counter: Counter, nowMs: number): void {
  if (nowMs < counter.endMs) return;
  const { rule } = counter;
  const stretch = calendarStretch(rule.kind === 'hourly_cap' ? 'hour' : 'day', rule.zone ?? 'UTC', nowMs);
  counter.startMs = Math.max(stretch.startMs, counter.endMs);
  counter.endMs = Math.max(stretch.endMs, nowMs + 1);
  counter.inUse = 0;
  if (counter.leased) Object.assign(counter.leased, { left: 0, returned: 0, used: 0, notBeforeMs: 0 });
}

/** When `n` units may pass, leases aside: a time not after `nowMs` means now; null means when something is given back, or never. */
export function availableAt(counter: Counter, n: number, nowMs: number): number | null {
  const { rule } = counter;
  switch (rule.kind) {
    case 'connections':
      return counter.inUse + n <= rule.count ? nowMs : null;
    case 'hourly_cap':
    case 'daily_cap':
      roll(counter, nowMs);
      return counter.inUse + n <= rule.count ? nowMs : n > rule.count ? null : counter.endMs;
    case 'message_rate':
    case 'connection_rate':
    case 'byte_rate': {
      const most = inDebt(rule) ? 1 : n;
      if (most > counter.burst + 1) return null;
      // Compared with a microsecond of slack: the interval is seldom a whole binary fraction.
      const at = Math.max(counter.arrivalMs, counter.departMs, nowMs) + (most - counter.burst - 1) * counter.intervalMs;
      return at <= nowMs + 0.001 ? nowMs : at;
    }
  }
}

const isRate = ({ kind }: LimitRule): boolean => kind === 'message_rate' || kind === 'connection_rate' || kind === 'byte_rate';

/** When `n` units that were reserved may go out: not before `nowMs`. */
export function departsAt({ rule, departMs, burst, intervalMs }: Counter, n: number, nowMs: number): number {
  if (!isRate(rule)) return nowMs;
  // Of units that were reserved together no more than may pass at once; a rule that was changed since must not hold them for ever.
  const most = inDebt(rule) ? 1 : Math.min(n, burst + 1);
  const at = Math.max(departMs, nowMs) + (most - burst - 1) * intervalMs;
  return at <= nowMs + 0.001 ? nowMs : at;
}

export function depart(counter: Counter, n: number, atMs: number): void {
  if (isRate(counter.rule)) counter.departMs = Math.max(counter.departMs, atMs) + n * counter.intervalMs;
}

/** Units that may be spent now without asking. */
export function leasedNow({ leased }: Counter, nowMs: number): number {
  return leased ? (nowMs < leased.untilMs ? leased.left : 0) : Infinity;
}

/** Whether more units should be asked for: those in hand are half used up, or `n` is wanted and not there. */
export function wantsLease(counter: Counter, n: number, nowMs: number): boolean {
  const { leased } = counter;
  if (!leased || leased.asked || nowMs < leased.notBeforeMs) return false;
  const left = leasedNow(counter, nowMs);
  return left < n || (n === 0 && left * 2 <= leaseBlock(termsOf(counter)) && leaseBlock(termsOf(counter)) > 1);
}

export function termsOf(counter: Counter): LeaseTerms {
  const { rule, intervalMs, burst, startMs, endMs } = counter;
  return isCap(rule) ? { kind: 'cap', count: rule.count, startMs, endMs } : { kind: 'rate', intervalMs, burst, inDebt: inDebt(rule) };
}

export function take(counter: Counter, n: number, nowMs: number): void {
  if (counter.leased) counter.leased.left -= n;
  if (counter.rule.kind === 'connections' || isCap(counter.rule)) counter.inUse += n;
  else {
    noteLow(counter, nowMs);
    counter.arrivalMs = Math.max(counter.arrivalMs, nowMs) + n * counter.intervalMs;
  }
}

/** What was taken of a rate at `takenMs` turns out to be `n` units more. */
export function takeMore(counter: Counter, n: number, takenMs: number, nowMs: number): void {
  const moreMs = n * counter.intervalMs;
  if (counter.leased) counter.leased.left -= n;
  counter.arrivalMs = Math.max(counter.arrivalMs, nowMs) + moreMs;
  for (const low of counter.lows) if (low.atMs > takenMs) low.debtMs += moreMs;
}

function noteLow({ arrivalMs, lows }: Counter, nowMs: number): void {
  const debtMs = Math.max(0, arrivalMs - nowMs);
  let last = lows.at(-1);
  while (last && last.debtMs >= debtMs) {
    lows.pop();
    last = lows.at(-1);
  }
  lows.push({ atMs: nowMs, debtMs });
  if (lows.length <= maxLows) return;
  // The two oldest become one, which says the less of them.
  const oldest = lows.shift();
  if (lows[0] && oldest) lows[0].debtMs = oldest.debtMs;
}

/** Of what was taken at `takenMs`, the milliseconds that still stand in debt: had it not been taken, the debt had been 0 at its lowest. */
function stillOwedMs({ arrivalMs, lows, intervalMs }: Counter, n: number, takenMs: number, nowMs: number): number {
  const low = lows.find(({ atMs }) => atMs > takenMs)?.debtMs ?? Infinity;
  return Math.max(0, Math.min(n * intervalMs, low, arrivalMs - nowMs));
}

/** Gives back what was taken at `takenMs` and, though it went out, was not heard. What time has given back since is not given twice. */
export function giveBack(counter: Counter, n: number, { takenMs, departed }: { takenMs: number; departed: boolean }, nowMs: number): void {
  const { rule, leased } = counter;
  if (rule.kind === 'connections') counter.inUse = Math.max(0, counter.inUse - n);
  else if (isCap(rule)) {
    if (takenMs < counter.startMs) return;
    counter.inUse = Math.max(0, counter.inUse - n);
  } else {
    const backMs = stillOwedMs(counter, n, takenMs, nowMs);
    counter.arrivalMs -= backMs;
    if (departed) counter.departMs -= Math.min(backMs, Math.max(0, counter.departMs - nowMs));
    for (const low of counter.lows) if (low.atMs > takenMs) low.debtMs -= Math.min(low.debtMs, backMs);
    if (backMs < n * counter.intervalMs) return;
  }
  if (leased) leased.left += n;
}

/** Takes over a changed rule of the same limit; debt is kept in units, not in time. */
export function changeRule(counter: Counter, rule: LimitRule, nowMs: number): void {
  const intervalMs = intervalOf(rule);
  const scaled = (atMs: number): number => nowMs + (Math.max(0, atMs - nowMs) / counter.intervalMs) * intervalMs;
  counter.arrivalMs = scaled(counter.arrivalMs);
  counter.departMs = scaled(counter.departMs);
  counter.intervalMs = intervalMs;
  counter.burst = burstOf(rule);
  counter.rule = rule;
  // Nothing that was taken at another rate is given back.
  counter.lows = [{ atMs: nowMs, debtMs: 0 }];
  if (counter.leased) counter.leased.notBeforeMs = 0;
  counter.bindsPath = bindsPath(rule);
  counter.bindsAllSources = bindsAllSources(rule);
}

/** How many units of it are taken, in a measure that only grows by taking: tells what a waiter used of its turn. */
export function used(counter: Counter, nowMs: number): number {
  if (counter.rule.kind === 'connections' || isCap(counter.rule)) return counter.inUse;
  return Math.max(counter.arrivalMs, nowMs) / counter.intervalMs;
}

/** What of it is used now, and of how much: open connections, what passed of a cap, what of a burst and one is in debt. */
export function useOf(counter: Counter, nowMs: number): { used: number; of: number } {
  const { rule, leased } = counter;
  if (rule.kind === 'connections') return { used: counter.inUse, of: rule.count };
  if (isCap(rule)) {
    if (nowMs >= counter.endMs) return { used: 0, of: rule.count };
    return { used: leased ? Math.max(counter.inUse, leased.used - leased.left) : counter.inUse, of: rule.count };
  }
  return { used: Math.ceil(Math.max(0, counter.arrivalMs - nowMs) / counter.intervalMs), of: counter.burst + 1 };
}

/** Nothing is remembered that a new counter would not know. */
export function isIdle(counter: Counter, nowMs: number): boolean {
  if (waiting(counter) > 0 || counter.leased?.asked) return false;
  if (isCap(counter.rule)) return nowMs >= counter.endMs || (counter.inUse === 0 && !(counter.leased && counter.leased.left > 0));
  return counter.inUse === 0 && counter.arrivalMs <= nowMs && counter.departMs <= nowMs;
}

export function waiting({ line }: Counter): number {
  return line ? line.size : 0;
}
