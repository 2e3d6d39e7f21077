// What a simulation counts, by mailbox provider, from the events that the engine would have written: attempts and their outcomes, how long
// mail took, when the last of it was through, and for how long a provider took nothing of a source. Bounded: providers past the bound are
// counted together.
import type { UnplacedEvent } from '../../entry.ts';

const maxProviders = 200;
const rest = 'other providers';
/** Domains of no provider are counted together. */
const noProvider = 'no provider';
/** A source that a provider refused or put off and that got nothing through for so long is stopped there. */
export const blockedAfterMs = 5 * 60_000;
/** Upper ends of the classes into which times are counted, each a twelfth longer than the one before: percentiles are as exact as that. */
const classGrowth = 13 / 12;
const firstClassMs = 10;

export type ProviderReport = {
  provider: string;
  /** Recipients; `left`: neither delivered nor given up when the simulation ended. */
  accepted: number;
  delivered: number;
  bounced: number;
  expired: number;
  left: number;
  /** Attempts that reached a decision about a recipient, and those of them that were put off. */
  attempts: number;
  deferrals: number;
  /** Failures of a path: no connection, or refused before any mail. */
  pathFailures: number;
  /** Of the delivered: from acceptance to the end. */
  medianMs: number | null;
  ninetyFifthMs: number | null;
  /** From the last arrival until nothing waited any more; null: something still did. */
  drainMs: number | null;
  /** Minutes of sources in which nothing of a source got through while it tried, summed over sources. */
  blockedSourceMinutes: number;
};

type Gap = { fromMs: number; triedMs: number };

class Counts {
  accepted = 0;
  delivered = 0;
  bounced = 0;
  expired = 0;
  attempts = 0;
  deferrals = 0;
  pathFailures = 0;
  lastEndMs = 0;
  blockedMs = 0;
  readonly times: number[] = [];
  /** By source: since when it tries without success. */
  readonly gaps = new Map<string, Gap>();

  tookMs(ms: number): void {
    const at = ms <= firstClassMs ? 0 : Math.ceil(Math.log(ms / firstClassMs) / Math.log(classGrowth));
    this.times[at] = (this.times[at] ?? 0) + 1;
  }

  percentileMs(share: number): number | null {
    let left = this.delivered * share;
    for (let at = 0; at < this.times.length; at++) {
      left -= this.times[at] ?? 0;
      if (left <= 0 && this.delivered > 0) return Math.round(firstClassMs * classGrowth ** at);
    }
    return null;
  }

  refused(sourceId: string, atMs: number): void {
    const gap = this.gaps.get(sourceId);
    if (gap) gap.triedMs = atMs;
    else this.gaps.set(sourceId, { fromMs: atMs, triedMs: atMs });
  }

  passed(sourceId: string, atMs: number): void {
    const gap = this.gaps.get(sourceId);
    if (!gap) return;
    if (atMs - gap.fromMs >= blockedAfterMs) this.blockedMs += atMs - gap.fromMs;
    this.gaps.delete(sourceId);
  }

  endGaps(): void {
    for (const [sourceId, { triedMs }] of [...this.gaps]) this.passed(sourceId, triedMs);
  }
}

export class Tally {
  readonly #counts = new Map<string, Counts>();
  readonly #accepted = new Map<string, number>();
  readonly #providerOf: (domain: string) => string | null;

  /** `providerOf`: for mail that ends before any host was known. */
  constructor(providerOf: (domain: string) => string | null) {
    this.#providerOf = providerOf;
  }

  /** Under which provider it counts is known once something was tried. */
  accepted(domain: string): void {
    this.#accepted.set(domain, (this.#accepted.get(domain) ?? 0) + 1);
  }

  seen({ type, at, provider, domain, sourceId, reply }: UnplacedEvent, acceptedAt: number | null): void {
    const counts = this.#of(provider ?? (domain === null ? null : this.#providerOf(domain)));
    switch (type) {
      case 'delivered':
        counts.attempts++;
        counts.delivered++;
        if (acceptedAt !== null) counts.tookMs(at - acceptedAt);
        if (sourceId !== null) counts.passed(sourceId, at);
        break;
      case 'deferred':
        counts.attempts++;
        counts.deferrals++;
        if (sourceId !== null && reply !== null && reply.command !== 'rcpt') counts.refused(sourceId, at);
        return;
      case 'bounced':
        if (sourceId !== null && reply !== null) counts.attempts++;
        counts.bounced++;
        if (sourceId !== null && reply !== null && reply.command !== 'rcpt') counts.refused(sourceId, at);
        break;
      case 'expired':
      case 'cancelled':
        counts.expired++;
        break;
      case 'path_deferred':
        counts.pathFailures++;
        if (sourceId !== null && provider !== null) counts.refused(sourceId, at);
        return;
      case 'accepted':
        return;
    }
    counts.lastEndMs = Math.max(counts.lastEndMs, at);
  }

  /** By provider, those with most mail first. */
  reports(lastArrivalMs: number): ProviderReport[] {
    for (const [domain, count] of this.#accepted) this.#of(this.#providerOf(domain)).accepted += count;
    this.#accepted.clear();
    const reports = [...this.#counts].map(([provider, counts]): ProviderReport => {
      counts.endGaps();
      const { accepted, delivered, bounced, expired, attempts, deferrals, pathFailures, lastEndMs, blockedMs } = counts;
      const left = Math.max(0, accepted - delivered - bounced - expired);
      return {
        ...{ provider, accepted, delivered, bounced, expired, left, attempts, deferrals, pathFailures },
        ...{ medianMs: counts.percentileMs(0.5), ninetyFifthMs: counts.percentileMs(0.95) },
        drainMs: left > 0 ? null : Math.max(0, lastEndMs - lastArrivalMs),
        blockedSourceMinutes: Math.round(blockedMs / 60_000),
      };
    });
    return reports
      .filter(({ accepted, attempts, pathFailures }) => accepted + attempts + pathFailures > 0)
      .sort((a, b) => b.accepted - a.accepted);
  }

  #of(provider: string | null): Counts {
    const name = provider ?? noProvider;
    const known = this.#counts.get(name);
    if (known) return known;
    if (this.#counts.size >= maxProviders && name !== rest) return this.#of(rest);
    const made = new Counts();
    this.#counts.set(name, made);
    return made;
  }
}
