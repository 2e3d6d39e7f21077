// Which limits bind a piece of mail of which only some things are known: those whose match is met, and those that may be once the rest is
// known (the node, say, or a pool), each with what is open. For operators who ask; the engine knows everything and uses limit-set.ts.
import { limitDimensions, type LimitBody, type LimitDimension } from '@sluice/contract';
import type { Dimensions } from './limit-set.ts';

type Matched<T> = { readonly limit: T; /** Named by the limit and not known of the mail. */ readonly open: readonly LimitDimension[] };

/** Of the enabled limits, those that bind for sure first; the order is kept otherwise. */
export function limitsThatMatch<T extends Pick<LimitBody, 'where' | 'enabled'>>(limits: readonly T[], known: Dimensions): Matched<T>[] {
  const matched: Matched<T>[] = [];
  for (const limit of limits) {
    if (!limit.enabled) continue;
    const named = limitDimensions.filter((dimension) => limit.where[dimension] !== undefined);
    const open = named.filter((dimension) => known[dimension] === undefined);
    if (named.every((dimension) => open.includes(dimension) || known[dimension] === limit.where[dimension])) matched.push({ limit, open });
  }
  return matched.toSorted((a, b) => Number(a.open.length > 0) - Number(b.open.length > 0));
}
