// Between a book and its store: what counters want is gathered, asked for in one call, and told to them when the answer comes. Asking ahead:
// once half of what a counter has is spent, so that whoever sends seldom waits for a store.
import type { CounterTable } from './counter-table.ts';
import { leasedNow, termsOf, wantsLease, type Counter } from './limit-counter.ts';
import { leaseBlock, type Lease, type LeaseRequest } from './limit-lease.ts';

/** Requests of one call. */
const maxAtOnce = 1_000;
/** After a call that failed. */
const failedRetryMs = 1_000;

export type Asked = { readonly counter: Counter; readonly request: LeaseRequest };

export class LeaseDesk {
  readonly #table: CounterTable;
  readonly #granted: (counter: Counter, atMs: number) => void;
  readonly #wanting = new Map<Counter, number>();
  /** Told when there is something to ask. */
  onWant: () => void = () => undefined;

  constructor(table: CounterTable, granted: (counter: Counter, atMs: number) => void) {
    this.#table = table;
    this.#granted = granted;
  }

  /** Counters that want something. */
  get wanting(): number {
    return this.#wanting.size;
  }

  /** The counter has too little in hand for `n` units. */
  wanted(counter: Counter, n: number, nowMs: number): void {
    if (!wantsLease(counter, n, nowMs) || !counter.leased) return;
    counter.leased.asked = true;
    this.#wanting.set(counter, n);
    if (this.#wanting.size === 1) this.onWant();
  }

  spent(counter: Counter, nowMs: number): void {
    this.wanted(counter, 0, nowMs);
  }

  /** What is to be asked of the store now, at most so much as one call takes. */
  take(nowMs: number): Asked[] {
    const asked: Asked[] = [];
    for (const [counter, n] of this.#wanting) {
      if (asked.length >= maxAtOnce) break;
      this.#wanting.delete(counter);
      asked.push({ counter, request: this.#request(counter, n, nowMs) });
    }
    return asked;
  }

  /** The answers, in the order of what was asked. */
  answered(asked: readonly Asked[], leases: readonly Lease[], nowMs: number): void {
    asked.forEach(({ counter, request }, index) => {
      const { leased } = counter;
      const lease = leases[index];
      if (!leased) return;
      leased.asked = false;
      // The stretch of a cap may have ended meanwhile: what was given of it is over with it.
      const { terms } = request;
      if (!lease || (terms.kind === 'cap' && terms.startMs !== counter.startMs)) return this.#granted(counter, nowMs);
      leased.used = lease.used ?? 0;
      if (lease.granted > 0) {
        leased.left += lease.granted;
        leased.untilMs = lease.untilMs;
        leased.notBeforeMs = 0;
      } else leased.notBeforeMs = lease.untilMs;
      this.#granted(counter, Math.max(nowMs, leased.notBeforeMs));
    });
  }

  /** The store could not be asked: nothing passes that needs it, and it is asked again in a while. */
  failed(asked: readonly Asked[], nowMs: number): void {
    for (const { counter, request } of asked) {
      const { leased } = counter;
      if (!leased) continue;
      leased.asked = false;
      leased.returned += request.returned;
      leased.notBeforeMs = nowMs + failedRetryMs;
      this.#granted(counter, leased.notBeforeMs);
    }
  }

  /** Hands all that is not spent back, at an orderly end; nothing that needs a lease passes after it. */
  returning(): LeaseRequest[] {
    const requests: LeaseRequest[] = [];
    for (const [, counter] of this.#table.entries()) {
      const { leased } = counter;
      if (!leased) continue;
      const returned = leased.left + leased.returned;
      if (returned > 0) requests.push({ key: leaseKey(counter), n: 0, returned, terms: termsOf(counter) });
      Object.assign(leased, { left: 0, returned: 0, asked: true });
    }
    return requests;
  }

  #request(counter: Counter, n: number, nowMs: number): LeaseRequest {
    const terms = termsOf(counter);
    const { leased } = counter;
    let returned = 0;
    if (leased) {
      returned = leased.returned;
      leased.returned = 0;
      // What was not spent in time, or is too little for what waits, goes back.
      if (leasedNow(counter, nowMs) === 0) {
        returned += leased.left;
        leased.left = 0;
      }
    }
    return { key: leaseKey(counter), n: Math.max(leaseBlock(terms), n), returned, terms };
  }
}

/** A limit that becomes one of another kind counts anew. */
function leaseKey({ key, rule }: Counter): string {
  return `${rule.kind}\0${key}`;
}
