// The bar of one set. The best of the others is the one with the lowest deferral share among those that deliver about as much as any of
// them: who delivers little and is deferred little is no sender to compare with, and neither is who gets all through by insisting, when
// another gets as much through without.
import type { Figures } from './one-run.ts';

/** Of the most deliveries, from which a sender delivers about as much. */
const aboutAsMuch = 0.95;
const halfShare = 0.5;
const leastDeliveries = 0.95;

export type Verdict = {
  best: string;
  holds: boolean;
  /** Ours as parts of the best of the others: deliveries, deferral share. */
  deliveries: number;
  share: number;
  /** Whether it would hold with greylisting and the provider's own troubles counted as deferrals. */
  holdsWithAll: boolean;
};

export function judge(ours: Figures, others: readonly Figures[]): Verdict {
  const most = Math.max(...others.map(({ delivered }) => delivered));
  const near = others.filter(({ delivered }) => delivered >= most * aboutAsMuch);
  const bestBy = (share: (figures: Figures) => number): Figures => near.toSorted((a, b) => share(a) - share(b))[0] ?? ours;
  const best = bestBy(({ deferralShare }) => deferralShare);
  const bestOfAll = bestBy(({ allDeferralsShare }) => allDeferralsShare);
  const delivers = (than: Figures): boolean => ours.delivered >= than.delivered * leastDeliveries;
  return {
    best: best.sender,
    holds: delivers(best) && ours.deferralShare <= best.deferralShare * halfShare,
    deliveries: best.delivered === 0 ? 1 : ours.delivered / best.delivered,
    share: best.deferralShare === 0 ? (ours.deferralShare === 0 ? 0 : Infinity) : ours.deferralShare / best.deferralShare,
    holdsWithAll: delivers(bestOfAll) && ours.allDeferralsShare <= bestOfAll.allDeferralsShare * halfShare,
  };
}
