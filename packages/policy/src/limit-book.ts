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
  type Dimensions,
  type LimitKind,
  type LimitRule,
  type LimitSet,
} from './limit-set.ts';
import type { Binding, LimitToken, Refusal, Reservation } from './reservation.ts';
import { everyFew, type Steps } from './steps.ts';

/** Counters in memory at once. Only counters in use or in debt need one; past the bound reservations are refused for a second. */
export const maxCounters = 200_000;
/** Past so many, each new counter has a few others looked at that may hold nothing any more; at the bound some more. */
const forgetsFrom = 1024;
const looksForOne = 4;
const looksWhenFull = 64;
const fullRetryMs = 1000;
/**
 * Turns in a row that may be passed on unused, and the rest after that. Waiters of two limits that bind by turns (a rate and a connection
 * count) would else all move from one to the other and back with every unit.
 */
const maxPassedTurns = 16;
const passedRestMs = 5;
/** Turns that one call gives away in any case, over all counters. */
const turnsAtOnce = 64;
/** Binding key when the book itself is full: nobody wakes its waiters but time. */
export const fullKey = 'limits:full';

export class LimitBook {
  /** What the configuration says, and what was added to it at run time. */
  #sets: readonly LimitSet[];
  readonly #counters = new Map<string, Counter>();
  readonly #looks = new DueHeap<{ at: number; counter: Counter }>((look) => look.at);
  #waking: Counter | null = null;
  /** Goes round all counters, for those that hold nothing any more. */
  #hand: Iterator<[string, Counter]>;
  readonly #maxCounters: number;

  constructor(limits: LimitSet, bound: number = maxCounters) {
    this.#sets = [limits];
    this.#maxCounters = bound;
    this.#hand = this.#counters.entries();
  }

  get counters(): number {
    return this.#counters.size;
  }

  /** No limit is set at all. */
  get none(): boolean {
    return this.#sets.every(({ rules }) => rules.size === 0);
  }

  /** Reserves `n` units of every limit of `kind` that applies, or none. With waiters in front of the caller it is refused. */
  reserve(kind: LimitKind, dimensions: Dimensions, n: number, nowMs: number): Reservation {
    const rules = applicableLimits(this.#sets, kind, dimensions);
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
    for (const rule of applicableLimits(this.#sets, kind, dimensions)) {
      const counter = bindsAllSources(rule) ? this.#known(counterKey(rule, dimensions), rule, nowMs) : undefined;
      if (counter) counters.push(counter);
    }
    return this.#refusal(counters, 1, nowMs);
  }

  /** The limits of `kind` that let nothing pass now, each with its use and when it lets something pass again. Changes nothing. */
  binding(kind: LimitKind, dimensions: Dimensions, nowMs: number): Binding[] {
    const found: Binding[] = [];
    for (const rule of applicableLimits(this.#sets, kind, dimensions)) {
      const counter = this.#known(counterKey(rule, dimensions), rule, nowMs);
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
    for (const rule of applicableLimits(this.#sets, kind, dimensions)) {
      const counter = this.#known(counterKey(rule, dimensions), rule, nowMs);
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

  /**
   * Wakes, in turn, the waiters for whom there is something to take. Call it after releases and when `nextLookMs` has come. A limit that
   * goes can set very many free: when `goesOn` says no, those that are left are due a moment later.
   */
  wakeDue(nowMs: number, goesOn: () => boolean = () => true): void {
    if (this.#waking) return;
    let given = 0;
    const more = (): boolean => ++given <= turnsAtOnce || goesOn();
    for (let next = this.nextLookMs(); next !== null && next <= nowMs; next = this.nextLookMs()) {
      if (given >= turnsAtOnce && !goesOn()) return;
      const look = this.#looks.pop();
      if (!look) continue;
      look.counter.lookAtMs = Infinity;
      if (look.counter.live && look.counter.restUntilMs > nowMs) this.#lookAt(look.counter, look.counter.restUntilMs);
      else this.#wake(look.counter, look.at, nowMs, more);
    }
  }

  /** Swaps the limits of the configuration; from now on they hold for whoever asks. Tell the counters with `settling`. */
  swap(limits: LimitSet): void {
    this.#sets = [limits, ...this.#sets.slice(1)];
  }

  /** The same of the limits that were added at run time. */
  swapExtra(limits: LimitSet): void {
    const [configured] = this.#sets;
    this.#sets = [...(configured ? [configured] : []), ...(limits.rules.size > 0 ? [limits] : [])];
  }

  /** The limit with this id that holds now. */
  rule(id: string): LimitRule | undefined {
    for (const { rules } of this.#sets) {
      const rule = rules.get(id);
      if (rule) return rule;
    }
    return undefined;
  }

  /** Tells all counters of the limits that hold now, in steps: those that count the same way keep their state, and all waiters try again. */
  *settling(now: () => number): Steps<void> {
    const due = everyFew();
    for (const [key, counter] of this.#counters) {
      const nowMs = now();
      this.#settle(key, counter, this.rule(counter.rule.id), nowMs);
      if (counter.live && waiting(counter) > 0) this.#lookAt(counter, nowMs);
      if (due()) yield;
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

  /** Whether the counter goes on under the rule. */
  #settle(key: string, counter: Counter, rule: LimitRule | undefined, nowMs: number): boolean {
    const { rule: before } = counter;
    if (rule === before) return true;
    if (rule?.id === before.id && rule.kind === before.kind && rule.by.join() === before.by.join()) {
      changeRule(counter, rule, nowMs);
      return true;
    }
    counter.live = false;
    this.#counters.delete(key);
    if (waiting(counter) > 0) this.#lookAt(counter, nowMs);
    return false;
  }

  /** `dueMs`: when it was to be. What became free since is owed to those in line. */
  #wake(counter: Counter, dueMs: number, nowMs: number, more: () => boolean): void {
    this.#waking = counter;
    counter.owedFromMs = Math.max(dueMs, nowMs - maxOwedMs);
    // Who parks again goes to the end: each of those here now gets at most one turn.
    let passed = 0;
    for (let turns = waiting(counter); turns > 0 && passed < maxPassedTurns; turns--) {
      const at = counter.live ? availableAt(counter, 1, nowMs) : nowMs;
      if (at === null || at > nowMs || !more()) break;
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
    // Those that are left had a turn and cannot use what is left now (another limit binds them), or have theirs in a moment.
    if (at !== null) this.#lookAt(counter, at > nowMs ? at : nowMs + 1);
  }

  #lookAt(counter: Counter, at: number): void {
    if (at >= counter.lookAtMs) return;
    counter.lookAtMs = at;
    this.#looks.push({ at, counter });
  }

  #counter(rule: LimitRule, dimensions: Dimensions, nowMs: number): Counter | null {
    const key = counterKey(rule, dimensions);
    const known = this.#known(key, rule, nowMs);
    if (known) return known;
    if (this.#counters.size >= forgetsFrom) this.#forgetIdle(looksForOne, nowMs);
    if (this.#counters.size >= this.#maxCounters) this.#forgetIdle(looksWhenFull, nowMs);
    if (this.#counters.size >= this.#maxCounters) return null;
    const counter = newCounter(key, rule);
    this.#counters.set(key, counter);
    return counter;
  }

  /** The counter as it is under the rule: one that `settling` has not reached yet is told here. */
  #known(key: string, rule: LimitRule, nowMs: number): Counter | undefined {
    const counter = this.#counters.get(key);
    return counter && this.#settle(key, counter, rule, nowMs) ? counter : undefined;
  }

  /** Where waiters wait that no counter could be made for: a counter of its own, looked at as time passes. */
  #fullCounter(): Counter {
    const rule: LimitRule = { id: fullKey, where: {}, by: [], kind: 'connections', count: 1, perSeconds: 1, burst: 0, enabled: true };
    const counter = this.#counters.get(fullKey) ?? newCounter(fullKey, rule);
    this.#counters.set(fullKey, counter);
    return counter;
  }

  /** Looks at some of the counters in turn and forgets those that hold nothing: a new one would say the same. */
  #forgetIdle(looks: number, nowMs: number): void {
    for (let left = looks; left > 0; left--) {
      const next = this.#hand.next();
      if (next.done === true) {
        this.#hand = this.#counters.entries();
        continue;
      }
      const [key, counter] = next.value;
      if (!isIdle(counter, nowMs)) continue;
      counter.live = false;
      this.#counters.delete(key);
    }
  }
}
