// All limits of one worker: reserve before an attempt or a connection, all of the limits that apply or none. Who is refused learns which
// counter binds and may wait for that one; the counter wakes its waiters in turn, each when there is something for it to take. Time
// comes in as an argument and only `nextLookMs` asks for a timer, so the book itself is pure.
import { DueHeap } from './due-heap.ts';
import {
  addFirst,
  availableAt,
  changeRule,
  giveBack,
  isIdle,
  maxOwedMs,
  newCounter,
  nextWaiter,
  take,
  waiting,
  type Counter,
  type Waiter,
  used,
} from './limit-counter.ts';
import {
  applicableLimits,
  bindsAllSources,
  counterKey,
  limitSet,
  type Dimensions,
  type LimitKind,
  type LimitRule,
  type LimitSet,
} from './limit-set.ts';

/** Counters in memory at once. Only counters in use or in debt need one; past the bound reservations are refused for a second. */
export const maxCounters = 200_000;
const firstSweepAt = 1024;
const fullRetryMs = 1000;
/**
 * Turns in a row that may be passed on unused, and the rest after that. Waiters of two limits that bind by turns (a rate and a connection
 * count) would else all move from one to the other and back with every unit.
 */
const maxPassedTurns = 16;
const passedRestMs = 5;
/** Turns given in one go; the event loop has its own before the next. A limit that is gone may have a hundred thousand in its line. */
export const maxTurnsAtOnce = 200;
/** Binding key when the book itself is full: nobody wakes its waiters but time. */
export const fullKey = 'limits:full';

/** What was reserved; hand it to `release` to give it back. */
export type LimitToken = { readonly counters: readonly Counter[]; readonly n: number };
/** A limit that binds. `used` of `of` units: open connections, or, for a rate, what of its burst is in debt. */
export type Binding = {
  id: string;
  kind: LimitKind;
  used: number;
  of: number;
  count: number;
  perSeconds: number;
  /** When the next unit may pass; null when something has to be given back first. */
  clearsAt: number | null;
};
export type Refusal = { ok: false; bindingKey: string; bindsPath: boolean; bindsAllSources: boolean; retryAtMs: number | null };
export type Reservation = { ok: true; token: LimitToken } | Refusal;

export class LimitBook {
  #set: LimitSet;
  readonly #counters = new Map<string, Counter>();
  readonly #looks = new DueHeap<{ at: number; counter: Counter }>((look) => look.at);
  #waking: Counter | null = null;
  #sweepAt = firstSweepAt;
  readonly #maxCounters: number;

  constructor(limits: readonly LimitRule[], bound: number = maxCounters) {
    this.#set = limitSet(limits);
    this.#maxCounters = bound;
  }

  get counters(): number {
    return this.#counters.size;
  }

  /** No limit is set at all. */
  get none(): boolean {
    return this.#set.rules.size === 0;
  }

  /** Reserves `n` units of every limit of `kind` that applies, or none. With waiters in front of the caller it is refused. */
  reserve(kind: LimitKind, dimensions: Dimensions, n: number, nowMs: number): Reservation {
    const rules = applicableLimits(this.#set, kind, dimensions);
    const counters: Counter[] = [];
    for (const rule of rules) {
      const counter = this.#counter(rule, dimensions, nowMs);
      if (!counter) return { ok: false, bindingKey: fullKey, bindsPath: false, bindsAllSources: false, retryAtMs: nowMs + fullRetryMs };
      counters.push(counter);
    }
    const refusal = this.#refusal(counters, n, nowMs);
    if (refusal) return refusal;
    for (const counter of counters) take(counter, n, nowMs);
    return { ok: true, token: { counters, n } };
  }

  /** The refusal by limits of `kind` that are the same whichever source mail takes; null while they let one unit pass. Changes nothing. */
  refusedToAll(kind: LimitKind, dimensions: Dimensions, nowMs: number): Refusal | null {
    const counters: Counter[] = [];
    for (const rule of applicableLimits(this.#set, kind, dimensions)) {
      const counter = bindsAllSources(rule) ? this.#counters.get(counterKey(rule, dimensions)) : undefined;
      if (counter) counters.push(counter);
    }
    return this.#refusal(counters, 1, nowMs);
  }

  /** The limits of `kind` that let nothing pass now, each with its use and when it lets something pass again. Changes nothing. */
  binding(kind: LimitKind, dimensions: Dimensions, nowMs: number): Binding[] {
    const found: Binding[] = [];
    for (const rule of applicableLimits(this.#set, kind, dimensions)) {
      const counter = this.#counters.get(counterKey(rule, dimensions));
      if (!counter) continue;
      const clearsAt = availableAt(counter, 1, nowMs);
      if (clearsAt !== null && clearsAt <= nowMs && waiting(counter) === 0) continue;
      const units = kind === 'connections' ? counter.inUse : Math.ceil(Math.max(0, counter.arrivalMs - nowMs) / counter.intervalMs);
      const of = kind === 'connections' ? rule.count : rule.burst + 1;
      found.push({ id: rule.id, kind, used: units, of, count: rule.count, perSeconds: rule.perSeconds, clearsAt });
    }
    return found;
  }

  /** Whether every limit of `kind` that applies lets one unit pass now, with nobody in front. Changes nothing. */
  passes(kind: LimitKind, dimensions: Dimensions, nowMs: number): boolean {
    for (const rule of applicableLimits(this.#set, kind, dimensions)) {
      const counter = this.#counters.get(counterKey(rule, dimensions));
      if (!counter) continue;
      const at = availableAt(counter, 1, nowMs);
      if (at === null || at > nowMs || this.#lineBefore(counter)) return false;
    }
    return true;
  }

  /** Gives back what was not used (rates) or is closed (connections). Waiters hear of it at the next `wakeDue`. */
  release(token: LimitToken, nowMs: number): void {
    for (const counter of token.counters) {
      giveBack(counter, token.n);
      if (waiting(counter) > 0) this.#lookAt(counter, nowMs);
    }
  }

  /** Whether somebody waits for a limit that this reservation holds. */
  contended(token: LimitToken): boolean {
    return token.counters.some((counter) => waiting(counter) > 0);
  }

  /**
   * Lets `waiter` wait for the counter that refused it. It is woken once; a waiter waits in one place at a time. `again`: it was woken and
   * could not act at once, so it is the first in line now.
   */
  park(refusal: Refusal, waiter: Waiter, nowMs: number, again = false): void {
    const counter = this.#counters.get(refusal.bindingKey) ?? this.#fullCounter();
    if (again) addFirst(counter, waiter);
    else counter.waiters.push(waiter);
    const at = refusal.retryAtMs ?? availableAt(counter, 1, nowMs);
    if (at !== null) this.#lookAt(counter, Math.max(at, nowMs));
  }

  /** When `wakeDue` should next be called; null when nobody waits for time to pass. */
  nextLookMs(): number | null {
    for (;;) {
      const look = this.#looks.peek();
      if (!look) return null;
      if (look.counter.lookAtMs === look.at) return look.at;
      this.#looks.pop();
    }
  }

  /** Wakes, in turn, the waiters for whom there is something to take. Call it after releases and when `nextLookMs` has come. */
  wakeDue(nowMs: number): void {
    if (this.#waking) return;
    for (let next = this.nextLookMs(); next !== null && next <= nowMs; next = this.nextLookMs()) {
      const look = this.#looks.pop();
      if (!look) continue;
      look.counter.lookAtMs = Infinity;
      if (look.counter.live && look.counter.restUntilMs > nowMs) this.#lookAt(look.counter, look.counter.restUntilMs);
      else this.#wake(look.counter, look.at, nowMs);
    }
  }

  /** Swaps the limits. Counters of limits that count the same way keep their state; all waiters try again. */
  swap(limits: readonly LimitRule[], nowMs: number): void {
    const before = this.#set.rules;
    this.#set = limitSet(limits);
    // Decided once a rule: counters can be very many.
    const same = new Map<string, LimitRule>();
    for (const [id, rule] of this.#set.rules) {
      const known = before.get(id);
      if (known?.kind === rule.kind && known.by.join() === rule.by.join()) same.set(id, rule);
    }
    for (const [key, counter] of this.#counters) {
      const rule = same.get(counter.rule.id);
      if (rule) changeRule(counter, rule, nowMs);
      else {
        counter.live = false;
        this.#counters.delete(key);
      }
      if (waiting(counter) > 0) this.#lookAt(counter, nowMs);
    }
  }

  /** Of the counter that lets `n` units pass last; null when all of them do now. */
  #refusal(counters: readonly Counter[], n: number, nowMs: number): Refusal | null {
    let binding: Counter | null = null;
    let retryAtMs: number | null = nowMs;
    for (const counter of counters) {
      const at = availableAt(counter, n, nowMs);
      if (at !== null && at <= nowMs && !this.#lineBefore(counter)) continue;
      if (!binding || at === null || (retryAtMs !== null && at > retryAtMs)) {
        binding = counter;
        retryAtMs = at;
      }
    }
    if (!binding) return null;
    return { ok: false, bindingKey: binding.key, bindsPath: binding.bindsPath, bindsAllSources: binding.bindsAllSources, retryAtMs };
  }

  /** Others wait for it, and it is not their turn that the caller acts in. */
  #lineBefore(counter: Counter): boolean {
    return waiting(counter) > 0 && this.#waking !== counter;
  }

  /** `dueMs`: when it was to be. What became free since is owed to those in line. */
  #wake(counter: Counter, dueMs: number, nowMs: number): void {
    this.#waking = counter;
    counter.owedFromMs = Math.max(dueMs, nowMs - maxOwedMs);
    // Who parks again goes to the end: each of those here now gets at most one turn.
    let passed = 0;
    for (let turns = Math.min(waiting(counter), maxTurnsAtOnce); turns > 0 && passed < maxPassedTurns; turns--) {
      const at = counter.live ? availableAt(counter, 1, nowMs) : nowMs;
      if (at === null || at > nowMs) break;
      const before = used(counter, nowMs);
      nextWaiter(counter)?.wake(nowMs);
      if (!counter.live || used(counter, nowMs) > before + 0.001) passed = 0;
      else passed++;
    }
    if (passed >= maxPassedTurns) counter.restUntilMs = nowMs + passedRestMs;
    this.#waking = null;
    counter.owedFromMs = Infinity;
    if (waiting(counter) === 0) return;
    const at = counter.live ? availableAt(counter, 1, nowMs) : nowMs;
    // Something is left: nobody could use it now (another limit binds them), or others have still to come. In a moment.
    if (at !== null) this.#lookAt(counter, at > nowMs ? at : nowMs + 1);
  }

  #lookAt(counter: Counter, at: number): void {
    if (at >= counter.lookAtMs) return;
    counter.lookAtMs = at;
    this.#looks.push({ at, counter });
  }

  #counter(rule: LimitRule, dimensions: Dimensions, nowMs: number): Counter | null {
    const key = counterKey(rule, dimensions);
    const known = this.#counters.get(key);
    if (known) return known;
    if (this.#counters.size >= this.#sweepAt) this.#sweep(nowMs);
    if (this.#counters.size >= this.#maxCounters) return null;
    const counter = newCounter(key, rule);
    this.#counters.set(key, counter);
    return counter;
  }

  /** Where waiters wait that no counter could be made for: a counter of its own, looked at as time passes. */
  #fullCounter(): Counter {
    const known = this.#counters.get(fullKey);
    if (known) return known;
    const rule: LimitRule = { id: fullKey, where: {}, by: [], kind: 'connections', count: 1, perSeconds: 1, burst: 0, enabled: true };
    const counter = newCounter(fullKey, rule);
    this.#counters.set(fullKey, counter);
    return counter;
  }

  /** Forgets counters that hold nothing. Costs nothing in accuracy: a new counter would say the same. */
  #sweep(nowMs: number): void {
    for (const [key, counter] of this.#counters) {
      if (!isIdle(counter, nowMs)) continue;
      counter.live = false;
      this.#counters.delete(key);
    }
    this.#sweepAt = Math.min(this.#maxCounters, Math.max(firstSweepAt, this.#counters.size * 2));
  }
}
