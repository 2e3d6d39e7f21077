// The books of a limit store: what was given out for each key. Pure; whoever holds it keeps its records. Rates follow the generic cell rate
// algorithm on what was leased, each unit counted as late as it may be spent; caps count what was given in a stretch of the calendar.
import type { LeaseRecord } from '@sluice/contract';
import { leaseLifeMs, type Lease, type LeaseRequest, type LeaseTerms } from './limit-lease.ts';

/** Keys in a ledger at once; past it none is given for a second. */
const maxRecords = 250_000;
const fullRetryMs = 1_000;
/** A limit of bytes is never further in debt than by one message. */
const maxMessageBytes = 200_000_000;
const looksForOne = 4;

type Terms<K> = Extract<LeaseTerms, { kind: K }>;

export class LimitLedger {
  readonly #records = new Map<string, LeaseRecord>();
  #hand = this.#records.entries();

  get size(): number {
    return this.#records.size;
  }

  get(key: string): LeaseRecord | undefined {
    return this.#records.get(key);
  }

  records(): Iterable<LeaseRecord> {
    return this.#records.values();
  }

  /** As it was kept. */
  restore(key: string, record: LeaseRecord | undefined): void {
    if (record) this.#records.set(key, record);
    else this.#records.delete(key);
  }

  lease({ key, n, returned, terms }: LeaseRequest, nowMs: number): Lease {
    for (let looks = looksForOne; looks > 0; looks--) this.#forgetOne(nowMs);
    const known = this.#records.get(key);
    if (!known && this.#records.size >= maxRecords) return { granted: 0, untilMs: nowMs + fullRetryMs };
    return terms.kind === 'cap' ? this.#ofCap(key, known, n, returned, terms, nowMs) : this.#ofRate(key, known, n, returned, terms, nowMs);
  }

  #ofRate(key: string, known: LeaseRecord | undefined, n: number, returned: number, terms: Terms<'rate'>, nowMs: number): Lease {
    const { intervalMs, burst } = terms;
    const lifeMs = leaseLifeMs(terms);
    // Debt is kept in units when the rate changes, and is never more than the limit and one lease allow: the clock may have been set back.
    const debt = known && 'at' in known ? Math.max(0, known.at - nowMs) / known.intervalMs - returned : 0;
    const most = burst + 1 + lifeMs / intervalMs + (terms.inDebt ? maxMessageBytes : 0);
    const fromMs = nowMs + Math.min(Math.max(0, debt), most) * intervalMs;
    const room = terms.inDebt
      ? fromMs - burst * intervalMs <= nowMs
        ? n
        : 0
      : Math.floor((nowMs - fromMs) / intervalMs + burst + 1 + 1e-6);
    const granted = Math.min(n, Math.max(0, room));
    const untilMs = nowMs + lifeMs;
    const at = granted > 0 ? Math.max(fromMs, untilMs) + granted * intervalMs : fromMs;
    this.#records.set(key, { key, at, intervalMs });
    return granted > 0 || n === 0 ? { granted, untilMs } : { granted: 0, untilMs: Math.max(nowMs + 1, fromMs - burst * intervalMs) };
  }

  #ofCap(key: string, known: LeaseRecord | undefined, n: number, returned: number, terms: Terms<'cap'>, nowMs: number): Lease {
    let { startMs, endMs } = terms;
    let used = 0;
    // What overlaps is one stretch: a clock that was set back, or a zone that was changed, opens no second one.
    if (known && 'used' in known && known.endMs > startMs) {
      used = Math.max(0, known.used - (known.startMs <= startMs && known.endMs >= endMs ? returned : 0));
      startMs = Math.max(startMs, known.startMs);
      endMs = Math.max(endMs, known.endMs);
    }
    const granted = Math.min(n, Math.max(0, terms.count - used));
    used += granted;
    this.#records.set(key, { key, used, startMs, endMs });
    return { granted, untilMs: granted > 0 || n === 0 ? endMs : Math.max(endMs, nowMs + 1), used };
  }

  #forgetOne(nowMs: number): void {
    const next = this.#hand.next();
    if (next.done === true) {
      this.#hand = this.#records.entries();
      return;
    }
    const [key, record] = next.value;
    if (('at' in record ? record.at : record.endMs) <= nowMs) this.#records.delete(key);
  }
}
