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
type Account = SourceCounters & { tokens: number; filledAt: number };

/** Past this many accounts the idle ones are forgotten. */
const maxAccounts = 10_000;

export class SourceLimits {
  readonly #clock: SimulatorClock;
  readonly #accounts = new Map<string, Account>();

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  #account(group: string, source: string): Account {
    const key = `${group} ${source}`;
    const known = this.#accounts.get(key);
    if (known) return known;
    if (this.#accounts.size >= maxAccounts)
      for (const [old, account] of this.#accounts) if (account.openConnections === 0) this.#accounts.delete(old);
    const made: Account = {
      openConnections: 0,
      connections: 0,
      connectionsRefused: 0,
      recipients: 0,
      rateLimited: 0,
      messages: 0,
      tokens: Number.POSITIVE_INFINITY,
      filledAt: this.#clock.monotonicMs(),
    };
    this.#accounts.set(key, made);
    return made;
  }

  /** Counts a connection; false when it is one too many. Call `close` for each `open`, allowed or not. */
  open(group: string, source: string, profile: Profile): boolean {
    const account = this.#account(group, source);
    account.openConnections += 1;
    account.connections += 1;
    const allowed = profile.limits.connections === null || account.openConnections <= profile.limits.connections;
    if (!allowed) account.connectionsRefused += 1;
    return allowed;
  }

  close(group: string, source: string): void {
    this.#account(group, source).openConnections -= 1;
  }

  /** Takes one token for one attempted recipient; false when the rate is spent. */
  take(group: string, source: string, profile: Profile): boolean {
    const account = this.#account(group, source);
    account.recipients += 1;
    if (this.#refill(account, profile)) {
      account.tokens -= 1;
      return true;
    }
    account.rateLimited += 1;
    return false;
  }

  /** Whether the rate is spent now; takes nothing, but counts a sender turned away. */
  spent(group: string, source: string, profile: Profile): boolean {
    const account = this.#account(group, source);
    if (this.#refill(account, profile)) return false;
    account.rateLimited += 1;
    return true;
  }

  /** Brings the bucket up to now; true when it holds a token. */
  #refill(account: Account, profile: Profile): boolean {
    const rate = profile.limits.messageRate;
    if (!rate) return true;
    const now = this.#clock.monotonicMs();
    const perSecond = rate.count / rate.perSeconds;
    account.tokens = Math.min(rate.burst + Math.max(1, perSecond), account.tokens + ((now - account.filledAt) / 1000) * perSecond);
    account.filledAt = now;
    return account.tokens >= 1;
  }

  countMessage(group: string, source: string): void {
    this.#account(group, source).messages += 1;
  }

  /** Counters by `group source`. */
  counters(): ReadonlyMap<string, SourceCounters> {
    return new Map([...this.#accounts].map(([key, { tokens, filledAt, ...counters }]) => [key, counters]));
  }
}
