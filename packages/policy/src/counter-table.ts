// The counters of a book. Only those in use or in debt need one: past a bound those that hold nothing any more are forgotten, a few at a
// time. What was found for a lane or a path stays with it, so that asking again costs no search.
import type { LimitDimension } from '@sluice/contract';
import { changeRule, isIdle, newCounter, termsOf, waiting, type Counter } from './limit-counter.ts';
import type { LimitStore } from './limit-lease.ts';
import { applicableLimits, burstOf, counterKey, type Dimensions, type LimitDoor, type LimitRule, type LimitSet } from './limit-set.ts';

/** Past so many, each new counter has a few others looked at that may hold nothing any more; at the bound some more. */
const forgetsFrom = 1024;
const looksForOne = 4;
const looksWhenFull = 64;

const noCounters: readonly Counter[] = [];

/** `version`: of the limits of the table that found it. */
type Found = { readonly version: object; readonly counters: readonly Counter[] };

/**
 * The values of a lane or a path, which asks with every message: what was found for them stays with them. A WeakMap costs the collector more
 * than the search does.
 */
export class LastingDimensions implements Dimensions {
  readonly node: string | undefined;
  readonly source: string | undefined;
  readonly provider: string | undefined;
  readonly site: string | undefined;
  readonly pool: string | undefined;
  readonly tenant: string | undefined;
  readonly stream: string | undefined;
  readonly campaign: string | undefined;
  readonly domain: string | undefined;
  readonly #found: Record<LimitDoor, Found | null> = { mail: null, connections: null, connection_rate: null };

  constructor({ node, source, provider, site, pool, tenant, stream, campaign, domain }: Dimensions) {
    this.node = node;
    this.source = source;
    this.provider = provider;
    this.site = site;
    this.pool = pool;
    this.tenant = tenant;
    this.stream = stream;
    this.campaign = campaign;
    this.domain = domain;
  }

  static found(dimensions: Dimensions, door: LimitDoor): Found | null {
    return #found in dimensions ? dimensions.#found[door] : null;
  }

  static keep(dimensions: Dimensions, door: LimitDoor, found: Found): void {
    if (#found in dimensions) dimensions.#found[door] = found;
  }
}

export class CounterTable {
  /** What the configuration says, and what was added to it at run time. */
  #sets: readonly LimitSet[];
  #version = {};
  #none = true;
  readonly #counters = new Map<string, Counter>();
  /** Of limits that count one dimension apart, by its value: found without making a key. */
  readonly #byValue = new Map<LimitRule, Map<string, Counter>>();
  /** Goes round all counters, for those that hold nothing any more. */
  #hand: Iterator<[string, Counter]>;
  readonly #bound: number;
  readonly #store: Pick<LimitStore, 'covers' | 'unknownUntilMs'> | null;
  readonly #orphaned: (counter: Counter, nowMs: number) => void;

  /** `orphaned`: the limit of a counter is gone, and somebody waits for it. */
  constructor(
    limits: LimitSet,
    bound: number,
    store: Pick<LimitStore, 'covers' | 'unknownUntilMs'> | null,
    orphaned: (counter: Counter, nowMs: number) => void,
  ) {
    this.#sets = [];
    this.swap(limits);
    this.#bound = bound;
    this.#store = store;
    this.#orphaned = orphaned;
    this.#hand = this.#counters.entries();
  }

  get size(): number {
    return this.#counters.size;
  }

  get none(): boolean {
    return this.#none;
  }

  entries(): Iterable<[string, Counter]> {
    return this.#counters;
  }

  get(key: string): Counter | undefined {
    return this.#counters.get(key);
  }

  add(counter: Counter): void {
    this.#counters.set(counter.key, counter);
  }

  swap(limits: LimitSet): void {
    this.#sets = [limits, ...this.#sets.slice(1)];
    this.#swapped();
  }

  swapExtra(limits: LimitSet): void {
    this.#sets = [...this.#sets.slice(0, 1), ...(limits.rules.size > 0 ? [limits] : [])];
    this.#swapped();
  }

  #swapped(): void {
    this.#version = {};
    this.#byValue.clear();
    this.#none = this.#sets.every(({ rules }) => rules.size === 0);
  }

  rule(id: string): LimitRule | undefined {
    for (const { rules } of this.#sets) {
      const rule = rules.get(id);
      if (rule) return rule;
    }
    return undefined;
  }

  /** The counters of all limits that apply, made where there is none; null when there is no room for one. */
  all(door: LimitDoor, dimensions: Dimensions, nowMs: number): readonly Counter[] | null {
    if (this.none) return noCounters;
    const found = LastingDimensions.found(dimensions, door);
    if (found && found.version === this.#version && allLive(found.counters)) return found.counters;
    const counters: Counter[] = [];
    for (const rule of applicableLimits(this.#sets, door, dimensions)) {
      const counter = this.#counter(rule, dimensions, nowMs);
      if (!counter) return null;
      counters.push(counter);
    }
    LastingDimensions.keep(dimensions, door, { version: this.#version, counters });
    return counters;
  }

  /** Those of them that there are. */
  known(door: LimitDoor, dimensions: Dimensions, nowMs: number): readonly Counter[] {
    const found = LastingDimensions.found(dimensions, door);
    if (found && found.version === this.#version && allLive(found.counters)) return found.counters;
    const counters: Counter[] = [];
    for (const rule of applicableLimits(this.#sets, door, dimensions)) {
      const counter = this.#known(rule, dimensions, nowMs);
      if (counter) counters.push(counter);
    }
    return counters;
  }

  /** Whether the counter goes on under the rule. */
  settle(key: string, counter: Counter, rule: LimitRule | undefined, nowMs: number): boolean {
    const { rule: before } = counter;
    if (rule === before) return true;
    if (rule?.id === before.id && rule.kind === before.kind && rule.by.join() === before.by.join()) {
      changeRule(counter, rule, nowMs);
      if (!counter.leased) this.#lease(counter);
      return true;
    }
    this.#forget(key, counter);
    if (waiting(counter) > 0) this.#orphaned(counter, nowMs);
    return false;
  }

  #counter(rule: LimitRule, dimensions: Dimensions, nowMs: number): Counter | null {
    const known = this.#known(rule, dimensions, nowMs);
    if (known) return known;
    const key = counterKey(rule, dimensions);
    if (this.#counters.size >= forgetsFrom) this.#forgetIdle(looksForOne, nowMs);
    if (this.#counters.size >= this.#bound) this.#forgetIdle(looksWhenFull, nowMs);
    if (this.#counters.size >= this.#bound) return null;
    const counter = newCounter(key, rule);
    this.#lease(counter);
    // A process before this one may have used up what it could: the rate holds from the start, what may pass at once does not.
    const unknownUntilMs = this.#store?.unknownUntilMs ?? 0;
    if (!counter.leased && nowMs < unknownUntilMs) counter.arrivalMs = nowMs + (burstOf(rule) + 1) * counter.intervalMs;
    this.#counters.set(key, counter);
    return counter;
  }

  #lease(counter: Counter): void {
    if (this.#store?.covers(termsOf(counter)) !== true) return;
    counter.leased = { left: 0, untilMs: 0, asked: false, notBeforeMs: 0, returned: 0, used: 0 };
  }

  /** The counter as it is under the rule: one that has not been told of a change yet is told here. */
  #known(rule: LimitRule, dimensions: Dimensions, nowMs: number): Counter | undefined {
    const value = rule.by.length === 1 ? (dimensions[rule.by[0] as LimitDimension] ?? '') : null;
    const found = value === null ? undefined : this.#byValue.get(rule)?.get(value);
    if (found) return found;
    const key = counterKey(rule, dimensions);
    const counter = this.#counters.get(key);
    if (!counter || !this.settle(key, counter, rule, nowMs)) return undefined;
    if (value !== null) this.#file(rule, value, counter);
    return counter;
  }

  #file(rule: LimitRule, value: string, counter: Counter): void {
    const byValue = this.#byValue.get(rule);
    if (byValue) byValue.set(value, counter);
    else this.#byValue.set(rule, new Map([[value, counter]]));
  }

  #forget(key: string, counter: Counter): void {
    counter.live = false;
    this.#counters.delete(key);
    this.#byValue.get(counter.rule)?.delete(key.slice(counter.rule.id.length + 1));
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
      this.#forget(key, counter);
    }
  }
}

function allLive(counters: readonly Counter[]): boolean {
  for (const counter of counters) if (!counter.live) return false;
  return true;
}
