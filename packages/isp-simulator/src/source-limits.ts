// What one source address does at one provider: connections open now, and a token bucket of attempted recipients. All hosts of a
// provider share the account of a source, as they do in life.
import type { SimulatorClock } from './clock.ts';
import type { Profile } from './profiles.ts';

export type SourceCounters = {
  openConnections: number;
  connections: number;
  connectionsRefused: number;
  recipients: number;
  rateLimited: number;
  messages: number;
};

/** Past this many accounts the idle ones are forgotten. */
const maxAccounts = 10_000;

export class SourceLimits {
  readonly #clock: SimulatorClock;
  readonly #accounts = new Map<string, SourceAccount>();

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  /** The account of the source in the group; `open` it at once, or it may be forgotten. */
  of(group: string, source: string): SourceAccount {
    const key = `${group} ${source}`;
    const known = this.#accounts.get(key);
    if (known) return known;
    if (this.#accounts.size >= maxAccounts)
      for (const [old, { counters }] of this.#accounts) if (counters.openConnections === 0) this.#accounts.delete(old);
    const made = new SourceAccount(this.#clock);
    this.#accounts.set(key, made);
    return made;
  }

  /** Counters by `group source`. */
  counters(): ReadonlyMap<string, SourceCounters> {
    return new Map([...this.#accounts].map(([key, { counters }]) => [key, { ...counters }]));
  }
}

export class SourceAccount {
  readonly #clock: SimulatorClock;
  readonly counters: SourceCounters = {
    openConnections: 0,
    connections: 0,
    connectionsRefused: 0,
    recipients: 0,
    rateLimited: 0,
    messages: 0,
  };
  #tokens = Number.POSITIVE_INFINITY;
  #filledAt: number;

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
    this.#filledAt = clock.monotonicMs();
  }

  /** Counts a connection; false when it is one too many. Call `close` for each `open`, allowed or not. */
  open({ limits }: Profile): boolean {
    this.counters.openConnections += 1;
    this.counters.connections += 1;
    const allowed = limits.connections === null || this.counters.openConnections <= limits.connections;
    if (!allowed) this.counters.connectionsRefused += 1;
    return allowed;
  }

  close(): void {
    this.counters.openConnections -= 1;
  }

  /** Takes one token for one attempted recipient; false when the rate is spent. */
  take(profile: Profile): boolean {
    this.counters.recipients += 1;
    if (this.#refill(profile)) {
      this.#tokens -= 1;
      return true;
    }
    this.counters.rateLimited += 1;
    return false;
  }

  /** Whether the rate is spent now; takes nothing, but counts a sender turned away. */
  spent(profile: Profile): boolean {
    if (this.#refill(profile)) return false;
    this.counters.rateLimited += 1;
    return true;
  }

  /** Brings the bucket up to now; true when it holds a token. */
  #refill({ limits }: Profile): boolean {
    const rate = limits.messageRate;
    if (!rate) return true;
    const now = this.#clock.monotonicMs();
    const perSecond = rate.count / rate.perSeconds;
    this.#tokens = Math.min(rate.burst + Math.max(1, perSecond), this.#tokens + ((now - this.#filledAt) / 1000) * perSecond);
    this.#filledAt = now;
    return this.#tokens >= 1;
  }

  countMessage(): void {
    this.counters.messages += 1;
  }
}
