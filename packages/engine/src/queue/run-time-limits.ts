// Limits that are added while the engine runs, beside those of the configuration: what the engine itself decides (to slow down, to wait)
// is a limit like any other, with an id that stays the same while it is stepped up or down. A limit whose id, kind and `by` stay keeps
// what is counted; those who wait try again under what holds now. Compiled and told in slices; of several sets of one giver the last holds.
import { compilingLimits, type LimitRule } from '@sluice/policy';
import { stepwise } from './slices.ts';
import type { Worker } from './worker.ts';

/** Further ones than so many are not taken: whoever decides keeps to fewer. */
export const maxExtraLimits = 20_000;

/** Who gives them: automation, or who runs the engine. */
export type LimitGiver = 'automation' | 'host';

export class RunTimeLimits {
  readonly #worker: Worker;
  readonly #moved: (nowMs: number) => void;
  readonly #rules = new Map<LimitGiver, readonly LimitRule[]>();
  #given = 0;

  constructor(worker: Worker, moved: (nowMs: number) => void) {
    this.#worker = worker;
    this.#moved = moved;
  }

  /** In place of those that the same giver gave before. */
  async set(giver: LimitGiver, rules: readonly LimitRule[]): Promise<void> {
    if (rules.length > maxExtraLimits) throw new Error(`${rules.length} limits at run time; at most ${maxExtraLimits}`);
    this.#rules.set(giver, rules);
    const turn = ++this.#given;
    const compiled = await this.#worker.slices.run(compilingLimits([...this.#rules.values()].flat()));
    if (turn !== this.#given) return;
    this.#worker.limits.swapExtra(compiled);
    await this.settle();
  }

  /** Tells all counters what holds now. */
  settle(): Promise<void> {
    const { clock, limits, slices } = this.#worker;
    const settling = limits.settling(() => clock.nowMs());
    return slices.run(stepwise(settling, () => this.#moved(clock.nowMs())));
  }
}
