// All limits of one worker: reserve before an attempt or a connection, all of the limits that apply or none. Who is refused learns which
// counter binds and may wait for that one; the counter wakes its waiters in fair turns, each when there is something for it to take. Time
// comes in as an argument, only `nextLookMs` asks for a timer and only `wants` for a store, so the book itself is pure.
import type { LimitInUse } from '@sluice/contract';
import { CounterTable } from './counter-table.ts';
import { DueHeap } from './due-heap.ts';
import type { Standing } from './fair-shares.ts';
import {
  availableAt,
  giveBack,
  leasedNow,
  newCounter,
  take,
  takeMore,
  unitsOf,
  used,
  useOf,
  waiting,
  type Amount,
  type Counter,
} from './limit-counter.ts';
import type { LimitStore } from './limit-lease.ts';
import { type Dimensions, type LimitDoor, type LimitRule, type LimitSet } from './limit-set.ts';
import { LeaseDesk } from './lease-desk.ts';
import { usingLimits } from './limit-use.ts';
import type { Binding, LimitToken, Refusal, Reservation } from './reservation.ts';
import { everyFew, type Steps } from './steps.ts';
import { WaitingLine, type Waiter } from './waiting-line.ts';

/** Counters in memory at once. Only counters in use or in debt need one; past the bound reservations are refused for a second. */
export const maxCounters = 200_000;
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
const one: Amount = { n: 1, bytes: 0 };

export type BookOptions = { bound?: number; store?: Pick<LimitStore, 'covers' | 'unknownUntilMs'> | null };

const whenFull = { ok: false, bindingKey: fullKey, bindsPath: false, bindsAllSources: false, asks: false } as const;

export class LimitBook {
  readonly #table: CounterTable;
  readonly #looks = new DueHeap<{ at: number; counter: Counter }>((look) => look.at);
  #waking: Counter | null = null;
  /** What is to be asked of the store, and what it answered. */
  readonly leases: LeaseDesk;

  constructor(limits: LimitSet, { bound = maxCounters, store = null }: BookOptions = {}) {
    this.#table = new CounterTable(limits, bound, store, (counter, atMs) => this.#lookAt(counter, atMs));
    this.leases = new LeaseDesk(this.#table, (counter, atMs) => {
      if (waiting(counter) > 0) this.#lookAt(counter, atMs);
    });
  }

  get counters(): number {
    return this.#table.size;
  }

  /** No limit is set at all. */
  get none(): boolean {
    return this.#table.none;
  }

  /** Reserves `n` units of every limit at the door that applies, and `bytes` of those that count bytes, or none of them. */
  reserve(door: LimitDoor, dimensions: Dimensions, n: number, nowMs: number, bytes = 0): Reservation {
    const counters = this.#table.all(door, dimensions, nowMs);
    if (!counters) return { ...whenFull, retryAtMs: nowMs + fullRetryMs };
    const amount = n === 1 && bytes === 0 ? one : { n, bytes };
    const refusal = this.#refusal(counters, amount, nowMs, true);
    if (refusal) return refusal;
    for (const counter of counters) {
      const units = unitsOf(counter, amount);
      if (units > 0) take(counter, units, nowMs);
      if (counter.leased) this.leases.spent(counter, nowMs);
    }
    return { ok: true, token: { counters, amount, atMs: nowMs, departed: false } };
  }

  /** The refusal by limits that are the same whichever source mail takes; null while they let one unit pass. Changes nothing. */
  refusedToAll(door: LimitDoor, dimensions: Dimensions, nowMs: number): Refusal | null {
    const counters = this.#table.known(door, dimensions, nowMs).filter((counter) => counter.bindsAllSources);
    return this.#refusal(counters, one, nowMs, false);
  }

  /** The limits that let nothing pass now, each with its use and when it lets something pass again. Changes nothing. */
  binding(door: LimitDoor, dimensions: Dimensions, nowMs: number): Binding[] {
    const found: Binding[] = [];
    for (const counter of this.#table.known(door, dimensions, nowMs)) {
      const at = this.#readyAt(counter, 1, nowMs);
      if (at !== null && at <= nowMs && waiting(counter) === 0) continue;
      const { id, kind, count, perSeconds } = counter.rule;
      found.push({ id, kind, ...useOf(counter, nowMs), count, perSeconds, clearsAt: at });
    }
    return found;
  }

  /** Whether every limit at the door that applies lets one unit pass now, with nobody in front. Changes nothing. */
  passes(door: LimitDoor, dimensions: Dimensions, nowMs: number): boolean {
    for (const counter of this.#table.known(door, dimensions, nowMs)) {
      const at = this.#readyAt(counter, 1, nowMs);
      if (at === null || at > nowMs || this.#lineBefore(counter)) return false;
    }
    return true;
  }

  /** Gives back what was not used (mail, connections begun) or is closed (connections). Waiters hear of it at the next `wakeDue`. */
  release({ counters, amount, atMs, departed }: LimitToken, nowMs: number): void {
    for (const counter of counters) {
      giveBack(counter, unitsOf(counter, amount), { takenMs: atMs, departed }, nowMs);
      if (waiting(counter) > 0) this.#lookAt(counter, nowMs);
    }
  }

  /** What was reserved by another size has so many `bytes` on the wire; known once it is signed, and told before it goes out. */
  weigh(token: LimitToken, bytes: number, nowMs: number): void {
    const more = bytes - token.amount.bytes;
    if (token.amount.bytes === 0 || more === 0) return;
    for (const counter of token.counters) {
      if (counter.rule.kind !== 'byte_rate') continue;
      if (more > 0) takeMore(counter, more, token.atMs, nowMs);
      else giveBack(counter, -more, { takenMs: token.atMs, departed: false }, nowMs);
      if (more < 0 && waiting(counter) > 0) this.#lookAt(counter, this.#readyAt(counter, 1, nowMs) ?? nowMs);
    }
    token.amount = { ...token.amount, bytes };
  }

  /** Whether somebody waits for a limit that this reservation holds. */
  contended(token: LimitToken): boolean {
    return token.counters.some((counter) => waiting(counter) > 0);
  }

  /**
   * Lets `waiter` wait for the counter that refused it. It is woken once; a waiter waits in one place at a time. `again`: it was woken and
   * could not act at once, so it is the first of its stream in line now.
   */
  park(refusal: Refusal, waiter: Waiter, standing: Standing, nowMs: number, again = false): void {
    const counter = this.#table.get(refusal.bindingKey) ?? this.#fullCounter();
    const line = (counter.line ??= new WaitingLine());
    if (again) line.addFirst(waiter, standing);
    else line.add(waiter, standing);
    const at = refusal.retryAtMs ?? this.#readyAt(counter, 1, nowMs);
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
      else this.#wake(look.counter, nowMs, more);
    }
  }

  /** Swaps the limits of the configuration; from now on they hold for whoever asks. Tell the counters with `settling`. */
  swap(limits: LimitSet): void {
    this.#table.swap(limits);
  }

  /** The same of the limits that were added at run time. */
  swapExtra(limits: LimitSet): void {
    this.#table.swapExtra(limits);
  }

  /** The limit with this id that holds now. */
  rule(id: string): LimitRule | undefined {
    return this.#table.rule(id);
  }

  /** Tells all counters of the limits that hold now, in steps: those that count the same way keep their state, and all waiters try again. */
  *settling(now: () => number): Steps<void> {
    const due = everyFew();
    for (const [key, counter] of this.#table.entries()) {
      const nowMs = now();
      this.#table.settle(key, counter, this.#table.rule(counter.rule.id), nowMs);
      if (counter.live && waiting(counter) > 0) this.#lookAt(counter, nowMs);
      if (due()) yield;
    }
  }

  /** All limits that have counters, by id, each with its `most` fullest. */
  inUse(most: number, nowMs: number): Steps<Map<string, LimitInUse>> {
    return usingLimits(this.#table, most, nowMs);
  }

  /** Of the counter that lets the amount pass last; null when all of them do now. Leases are asked for once nothing else is in the way. */
  #refusal(counters: readonly Counter[], amount: Amount, nowMs: number, asks: boolean): Refusal | null {
    let binding: Counter | null = null;
    let retryAtMs: number | null = nowMs;
    for (const counter of counters) {
      const units = unitsOf(counter, amount);
      if (units === 0) continue;
      const at = availableAt(counter, units, nowMs);
      if (at !== null && at <= nowMs && !this.#lineBefore(counter)) continue;
      if (!binding || at === null || (retryAtMs !== null && at > retryAtMs)) {
        binding = counter;
        retryAtMs = at;
      }
    }
    if (!binding) {
      binding = asks ? this.#unleased(counters, amount, nowMs) : null;
      if (!binding) return null;
      const notBeforeMs = binding.leased?.notBeforeMs ?? 0;
      retryAtMs = notBeforeMs > nowMs ? notBeforeMs : null;
    }
    const { key: bindingKey, bindsPath, bindsAllSources, leased } = binding;
    const asked = leased?.asked === true && availableAt(binding, 1, nowMs) === nowMs;
    return { ok: false, bindingKey, bindsPath, bindsAllSources, retryAtMs, asks: asked };
  }

  /** One of them for which units have to be leased first; they are asked for, of all of them. */
  #unleased(counters: readonly Counter[], amount: Amount, nowMs: number): Counter | null {
    let found: Counter | null = null;
    for (const counter of counters) {
      if (!counter.leased || leasedNow(counter, nowMs) >= unitsOf(counter, amount)) continue;
      this.leases.wanted(counter, unitsOf(counter, amount), nowMs);
      found = counter;
    }
    return found;
  }

  /** When `n` units may pass as far as is known: by the limit, and by what the store said; null while it is being asked. */
  #readyAt(counter: Counter, n: number, nowMs: number): number | null {
    const at = availableAt(counter, n, nowMs);
    if (at === null || !counter.leased || leasedNow(counter, nowMs) >= n) return at;
    return counter.leased.asked ? null : Math.max(at, counter.leased.notBeforeMs);
  }

  /** Others wait for it, and it is not their turn that the caller acts in. */
  #lineBefore(counter: Counter): boolean {
    return waiting(counter) > 0 && this.#waking !== counter;
  }

  #wake(counter: Counter, nowMs: number, more: () => boolean): void {
    const { line } = counter;
    if (!line) return;
    this.#waking = counter;
    // Who parks again stands behind: each of those here now gets at most one turn.
    let passed = 0;
    for (let turns = line.size; turns > 0 && passed < maxPassedTurns; turns--) {
      const at = counter.live ? this.#readyAt(counter, 1, nowMs) : nowMs;
      if (at === null || at > nowMs || !more()) break;
      const before = used(counter, nowMs);
      line.next()?.wake(nowMs);
      const units = used(counter, nowMs) - before;
      line.charge(units);
      if (!counter.live || units > 0.0001) passed = 0;
      else passed++;
    }
    if (passed >= maxPassedTurns) counter.restUntilMs = nowMs + passedRestMs;
    this.#waking = null;
    if (line.size === 0) return;
    const at = counter.live ? this.#readyAt(counter, 1, nowMs) : nowMs;
    // Those that are left had a turn and cannot use what is left now (another limit binds them), or have theirs in a moment.
    if (at !== null) this.#lookAt(counter, at > nowMs ? at : nowMs + 1);
  }

  #lookAt(counter: Counter, at: number): void {
    if (at >= counter.lookAtMs) return;
    counter.lookAtMs = at;
    this.#looks.push({ at, counter });
  }

  /** Where waiters wait that no counter could be made for: a counter of its own, looked at as time passes. */
  #fullCounter(): Counter {
    const rule: LimitRule = { id: fullKey, where: {}, by: [], kind: 'connections', count: 1, perSeconds: 1, burst: 0, enabled: true };
    const counter = this.#table.get(fullKey) ?? newCounter(fullKey, rule);
    this.#table.add(counter);
    return counter;
  }
}
