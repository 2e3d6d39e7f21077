// What this node says of its limits: those in use, the ones that somebody waits for first.
import { maxCountersAnswered, maxLimitsAnswered, type Answer, type LimitInUse } from '@sluice/contract';
import { FirstFew } from '../first-few.ts';
import type { Sliced } from '../queue/slices.ts';
import type { Worker } from '../queue/worker.ts';

const rank = ({ waiting, fullest: [first] }: LimitInUse): number => waiting + (first ? first.used / Math.max(1, first.of) : 0);

export function* limitsAnswer({ limits, clock, generation }: Worker): Sliced<Answer> {
  const used = yield* limits.inUse(maxCountersAnswered, clock.nowMs());
  const told = new FirstFew<LimitInUse>(maxLimitsAnswered, (a, b) => rank(b) - rank(a));
  for (const limit of used.values()) {
    told.offer(generation().limit(limit.id) ? { ...limit, setBySelf: null } : { ...limit, setBySelf: limit.setBySelf ?? limit.id });
    yield;
  }
  return { kind: 'limits', limits: [...told.items()], total: used.size };
}
