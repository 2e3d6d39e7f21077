// All warm-up plans of a configuration, indexed by the question that the hot path asks: under which plan does this source send to this
// provider. Compiled off the hot path, in steps, then only read.
import type { WarmUpBody, WarmUpGroup, WarmUpStage } from '@sluice/contract';
import { everyFew, type Steps } from './steps.ts';
import { scaledStages, stagesOf } from './warm-up-schedule.ts';

export type WarmUpPlan = WarmUpBody & { readonly id: string };

/** One ladder as configured: a source x a group of providers. */
export type WarmUpWay = {
  readonly key: string;
  readonly plan: WarmUpPlan;
  readonly sourceId: string;
  readonly group: WarmUpGroup;
  readonly stages: readonly WarmUpStage[];
};

type OfSource = { byProvider: Map<string, WarmUpWay>; others: WarmUpWay | null };

export class WarmUpSet {
  readonly plans: readonly WarmUpPlan[];
  readonly #bySource: ReadonlyMap<string, OfSource>;
  readonly #byKey: ReadonlyMap<string, WarmUpWay>;

  constructor(plans: readonly WarmUpPlan[], bySource: ReadonlyMap<string, OfSource>, byKey: ReadonlyMap<string, WarmUpWay>) {
    this.plans = plans;
    this.#bySource = bySource;
    this.#byKey = byKey;
  }

  /** Nothing warms up. */
  get none(): boolean {
    return this.#byKey.size === 0;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Null: no plan says anything of this source's mail to the provider (null: to none that is known). */
  way(sourceId: string, provider: string | null): WarmUpWay | null {
    const ways = this.#bySource.get(sourceId);
    if (!ways) return null;
    return (provider === null ? undefined : ways.byProvider.get(provider)) ?? ways.others;
  }

  byKey(key: string): WarmUpWay | undefined {
    return this.#byKey.get(key);
  }

  ways(): IterableIterator<WarmUpWay> {
    return this.#byKey.values();
  }
}

export function wayKey(planId: string, sourceId: string, group: string): string {
  return `${planId}/${sourceId}/${group}`;
}

export const noWarmUps = new WarmUpSet([], new Map(), new Map());

/** Of two plans that name the same source and provider the one with the lower id holds; what is configured is checked for that before. */
export function* compilingWarmUps(plans: Iterable<WarmUpPlan>): Steps<WarmUpSet> {
  const due = everyFew();
  const sorted = [...plans].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const bySource = new Map<string, OfSource>();
  const byKey = new Map<string, WarmUpWay>();
  for (const plan of sorted) {
    const stages = stagesOf(plan.schedule);
    if (!stages) continue;
    const groups = plan.groups.map((group) => ({ group, stages: scaledStages(stages, group.percent) }));
    for (const sourceId of plan.sourceIds) {
      const ways = bySource.get(sourceId) ?? { byProvider: new Map<string, WarmUpWay>(), others: null };
      bySource.set(sourceId, ways);
      for (const { group, stages: scaled } of groups) {
        if (due()) yield;
        const way: WarmUpWay = { key: wayKey(plan.id, sourceId, group.name), plan, sourceId, group, stages: scaled };
        byKey.set(way.key, way);
        if (group.providers === null) ways.others ??= way;
        for (const provider of group.providers ?? []) if (!ways.byProvider.has(provider)) ways.byProvider.set(provider, way);
      }
    }
  }
  return byKey.size === 0 ? noWarmUps : new WarmUpSet(sorted, bySource, byKey);
}
