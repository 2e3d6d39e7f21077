// How many reports one sender and one tenant get: a list of dead addresses must not become a flood in somebody's mailbox. Two buckets,
// each refilled by time; a report needs a unit of both.

/** Reports to one address at once, and how long one more takes. */
export const senderBurst = 200;
const senderRefillMs = 5_000;
/** Reports of one tenant at once, and how long one more takes. */
export const tenantBurst = 2_000;
const tenantRefillMs = 50;
/** Buckets kept; those longest unused are forgotten first. */
const maxBuckets = 20_000;

/** `fullAtMs`: when the bucket is full again; a bucket that is full need not be known. */
class Buckets {
  readonly #fullAtMs = new Map<string, number>();
  readonly #burst: number;
  readonly #refillMs: number;

  constructor(burst: number, refillMs: number) {
    this.#burst = burst;
    this.#refillMs = refillMs;
  }

  holds(key: string, nowMs: number): boolean {
    const missingMs = Math.max((this.#fullAtMs.get(key) ?? 0) - nowMs, 0);
    return missingMs <= (this.#burst - 1) * this.#refillMs;
  }

  take(key: string, nowMs: number): void {
    const fullAtMs = Math.max(this.#fullAtMs.get(key) ?? 0, nowMs) + this.#refillMs;
    this.#fullAtMs.delete(key);
    this.#fullAtMs.set(key, fullAtMs);
    const [oldest] = this.#fullAtMs.keys();
    if (this.#fullAtMs.size > maxBuckets && oldest !== undefined) this.#fullAtMs.delete(oldest);
  }
}

export class ReportRate {
  readonly #senders = new Buckets(senderBurst, senderRefillMs);
  readonly #tenants = new Buckets(tenantBurst, tenantRefillMs);

  /** Whether one more report may be made; counts it when it may. */
  take(tenantId: string, sender: string, nowMs: number): boolean {
    const key = `${tenantId}\0${sender}`;
    if (!this.#senders.holds(key, nowMs) || !this.#tenants.holds(tenantId, nowMs)) return false;
    this.#senders.take(key, nowMs);
    this.#tenants.take(tenantId, nowMs);
    return true;
  }
}
