// Which source of a pool takes the next transaction: smooth weighted round robin. Over any run of choices every source gets its share
// by weight, as evenly spread as the weights allow, without any randomness.
import type { PoolBody } from '@sluice/contract';

type Pool = Pick<PoolBody, 'members'> & { readonly id: string };

/** Keeps, per pool, how far each source is from its share. Forget a pool when it is gone. */
export class SourceChooser {
  readonly #owed = new Map<string, Map<string, number>>();

  /** The source whose turn it is among members that are enabled, weigh something and are usable; null when there is none. */
  choose(pool: Pool, usable: (sourceId: string) => boolean): string | null {
    let owed = this.#owed.get(pool.id);
    if (!owed) {
      owed = new Map();
      this.#owed.set(pool.id, owed);
    }
    let total = 0;
    let best: string | null = null;
    let bestOwed = -Infinity;
    for (const member of pool.members) {
      if (!member.enabled || member.weight === 0 || !usable(member.sourceId)) continue;
      const now = (owed.get(member.sourceId) ?? 0) + member.weight;
      owed.set(member.sourceId, now);
      total += member.weight;
      if (now > bestOwed) {
        bestOwed = now;
        best = member.sourceId;
      }
    }
    if (best !== null) owed.set(best, bestOwed - total);
    return best;
  }

  /** Forgets what is owed: after a change of pools, so that a member that returns has no old claims. */
  reset(): void {
    this.#owed.clear();
  }
}
