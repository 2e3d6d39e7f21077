// The arithmetic of one limit counter. Rates follow the generic cell rate algorithm: one number, the theoretical arrival time, says how
// far the counter is in debt, and in every window of T seconds at most rate * T + burst + 1 units pass, and what a wake that came late owed
// before it (at most `maxOwedMs` of the rate). Connections are a plain count.
import { bindsAllSources, bindsPath, type LimitRule } from './limit-set.ts';

/** A wake may come later than it was arranged for. Units whose time passed since are owed to those in line, of at most so long. */
export const maxOwedMs = 25;

/** Something that waits for a limit. `wake` may reserve at once; it gets one turn. */
export interface Waiter {
  wake(nowMs: number): void;
}

export type Counter = {
  readonly key: string;
  rule: LimitRule;
  /** Milliseconds per unit (rates). */
  intervalMs: number;
  /** Time at which the counter is out of debt (rates). */
  arrivalMs: number;
  /** While its waiters are woken: since when nothing that became free is lost. Infinity: what was not taken until now is. */
  owedFromMs: number;
  /** Open connections (connections). */
  inUse: number;
  bindsPath: boolean;
  bindsAllSources: boolean;
  /** In turn; `first` is the index of the next one. */
  waiters: (Waiter | undefined)[];
  first: number;
  /** When the book looks at this counter again; Infinity when nothing is arranged. */
  lookAtMs: number;
  /** No waiter is woken before this: those at the head could not use their turns. */
  restUntilMs: number;
  /** False once its limit was removed: releases still reach it, nobody asks it. */
  live: boolean;
};

export function newCounter(key: string, rule: LimitRule): Counter {
  const intervalMs = (rule.perSeconds * 1000) / rule.count;
  return {
    key,
    rule,
    intervalMs,
    arrivalMs: 0,
    owedFromMs: Infinity,
    inUse: 0,
    bindsPath: bindsPath(rule),
    bindsAllSources: bindsAllSources(rule),
    waiters: [],
    first: 0,
    lookAtMs: Infinity,
    restUntilMs: 0,
    live: true,
  };
}

/** From where the next units of a rate are counted. */
function countsFrom({ arrivalMs, owedFromMs }: Counter, nowMs: number): number {
  return Math.max(arrivalMs, Math.min(nowMs, owedFromMs));
}

/** When `n` units may pass: a time not after `nowMs` means now; null means when something is given back, or never. */
export function availableAt(counter: Counter, n: number, nowMs: number): number | null {
  const { rule } = counter;
  if (rule.kind === 'connections') return counter.inUse + n <= rule.count ? nowMs : null;
  if (n > rule.burst + 1) return null;
  // The sum is compared with a microsecond of slack: the interval is seldom a whole binary fraction.
  const at = countsFrom(counter, nowMs) + (n - rule.burst - 1) * counter.intervalMs;
  return at <= nowMs + 0.001 ? nowMs : at;
}

export function take(counter: Counter, n: number, nowMs: number): void {
  if (counter.rule.kind === 'connections') counter.inUse += n;
  else counter.arrivalMs = countsFrom(counter, nowMs) + n * counter.intervalMs;
}

export function giveBack(counter: Counter, n: number): void {
  if (counter.rule.kind === 'connections') counter.inUse = Math.max(0, counter.inUse - n);
  else counter.arrivalMs -= n * counter.intervalMs;
}

/** Takes over a changed rule of the same limit; debt is kept in units, not in time. */
export function changeRule(counter: Counter, rule: LimitRule, nowMs: number): void {
  const intervalMs = (rule.perSeconds * 1000) / rule.count;
  const debt = Math.max(0, counter.arrivalMs - nowMs) / counter.intervalMs;
  counter.arrivalMs = nowMs + debt * intervalMs;
  counter.intervalMs = intervalMs;
  counter.rule = rule;
  counter.bindsPath = bindsPath(rule);
  counter.bindsAllSources = bindsAllSources(rule);
}

/** How much is taken, in a measure that only grows by taking: tells whether a waiter used its turn. */
export function used(counter: Counter, nowMs: number): number {
  return counter.rule.kind === 'connections' ? counter.inUse : countsFrom(counter, nowMs);
}

/** Nothing is remembered that a new counter would not know. */
export function isIdle(counter: Counter, nowMs: number): boolean {
  return counter.first >= counter.waiters.length && counter.inUse === 0 && counter.arrivalMs <= nowMs;
}

export function waiting(counter: Counter): number {
  return counter.waiters.length - counter.first;
}

export function addFirst(counter: Counter, waiter: Waiter): void {
  if (counter.first === 0) counter.waiters.unshift(waiter);
  else counter.waiters[--counter.first] = waiter;
}

export function nextWaiter(counter: Counter): Waiter | undefined {
  const waiter = counter.waiters[counter.first];
  // The place stays for a while; who stood there must not be kept by it.
  counter.waiters[counter.first] = undefined;
  counter.first++;
  if (counter.first > 64 && counter.first * 2 > counter.waiters.length) {
    counter.waiters = counter.waiters.slice(counter.first);
    counter.first = 0;
  }
  return waiter;
}
