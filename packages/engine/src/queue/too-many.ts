// "Too many recipients": a server takes some recipients of a transaction and tells the rest to come in another one. Nothing is wrong with
// them: they go on at once in the next transaction of the session, without an attempt, and later transactions to the site are kept to
// what it took. Ends, since each such transaction rids us of at least one recipient. RFC 5321 section 4.5.3.1.10
import type { Outcome } from '../entry.ts';

/** How long a site is sent no more recipients at once than it took. */
const rememberMs = 60 * 60_000;
const maxSites = 10_000;
/** X.5.3, too many recipients. RFC 3463 section 3.6 */
const tooMany = /^[45]\.5\.3$/;

const answeredAtRcpt = ({ reply }: Outcome): boolean => reply?.command === 'rcpt';

/** Places of the recipients that may go on at once, and how many the server took before the first of them. */
export function overTheLimit(outcomes: readonly Outcome[]): { again: ReadonlySet<number>; taken: number } {
  const again = new Set<number>();
  const lastTaken = outcomes.findLastIndex((outcome) => !answeredAtRcpt(outcome));
  let taken = 0;
  for (const [index, outcome] of outcomes.entries()) {
    if (!answeredAtRcpt(outcome)) {
      if (again.size === 0) taken++;
      continue;
    }
    if (taken === 0 || outcome.kind !== 'deferred' || !outcome.reply) continue;
    const { code, enhanced } = outcome.reply;
    // Without an enhanced code 452 may speak of one mailbox: only where nobody after it was taken does it count as a bound.
    if (enhanced === null ? (code === 452 || code === 552) && index > lastTaken : tooMany.test(enhanced)) again.add(index);
  }
  return { again, taken };
}

/** How many recipients sites took at most, by site; forgotten with time. */
export class RecipientBounds {
  readonly #sites = new Map<string, { most: number; untilMs: number }>();

  learn(site: string, most: number, nowMs: number): void {
    this.#sites.delete(site);
    this.#sites.set(site, { most, untilMs: nowMs + rememberMs });
    const [oldest] = this.#sites.keys();
    if (this.#sites.size > maxSites && oldest !== undefined) this.#sites.delete(oldest);
  }

  /** Infinity where nothing is known. */
  most(site: string, nowMs: number): number {
    if (this.#sites.size === 0) return Infinity;
    const known = this.#sites.get(site);
    if (!known) return Infinity;
    if (known.untilMs > nowMs) return known.most;
    this.#sites.delete(site);
    return Infinity;
  }
}
