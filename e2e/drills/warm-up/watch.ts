// Looks at a warm-up once an hour, as an operator could, and holds what the engine says against what the receiver counted.
import type { WarmUpLadderRow } from '@sluice/contract';
import type { WarmUpRun } from '@sluice/engine/testing';
import { providers, type CountingReceivers } from './receivers.ts';

const dayMs = 86_400_000;
const examples = 3;

type Options = { warming: number; startMs: number; forecastDay: number };

export class WarmUpWatch {
  readonly #run: WarmUpRun;
  readonly #receivers: CountingReceivers;
  readonly #options: Options;
  /** `provider/address/day` -> the highest ceiling that the day had. */
  readonly #ceilings = new Map<string, number>();
  readonly #forecasts = new Map<string, number>();
  readonly #finished = new Map<string, number>();

  constructor(run: WarmUpRun, receivers: CountingReceivers, options: Options) {
    this.#run = run;
    this.#receivers = receivers;
    this.#options = options;
  }

  async look(): Promise<void> {
    for (const ladder of await this.#run.ladders()) {
      const day = dayOf(ladder.date);
      const key = `${ladder.group}/${this.#addressOf(ladder)}/${day}`;
      const name = `${ladder.group}/${ladder.sourceId}`;
      if (ladder.status === 'finished') {
        if (!this.#finished.has(name)) this.#finished.set(name, day);
        this.#ceilings.set(key, Infinity);
        continue;
      }
      this.#ceilings.set(key, Math.max(this.#ceilings.get(key) ?? 0, ladder.ceiling));
      const passed = Math.floor((this.#run.nowMs() - this.#options.startMs) / dayMs);
      if (passed === this.#options.forecastDay && ladder.finishExpected !== null && !this.#forecasts.has(name))
        this.#forecasts.set(name, dayOf(ladder.finishExpected));
    }
  }

  figures(days: number, bad: string) {
    const warm = this.#run.addressOf(this.#options.warming + 1);
    const total = { warming: 0, warm: 0 };
    let [overCeiling, ladderDays, usedDays] = [0, 0, 0];
    let largestShare = 0;
    const first = Math.floor(this.#options.startMs / dayMs);
    const weeks = { first: { warm: 0, all: 0 }, last: { warm: 0, all: 0 } };
    for (const [key, { offered }] of this.#receivers.counts) {
      const [, address = '', day = '0'] = key.split('/');
      const age = Number(day) - first;
      const week = age < 7 ? weeks.first : age >= days - 7 ? weeks.last : null;
      if (week) week.all += offered;
      if (address === warm) {
        total.warm += offered;
        if (week) week.warm += offered;
        continue;
      }
      total.warming += offered;
      const ceiling = this.#ceilings.get(key) ?? 0;
      ladderDays++;
      if (ceiling === Infinity) continue;
      if (offered > ceiling) overCeiling++;
      usedDays += offered / ceiling >= 0.9 ? 1 : 0;
      largestShare = Math.max(largestShare, offered / ceiling);
    }
    const decided = this.#run.decisions();
    const held = decided.filter(({ action, alert }) => action === 'hold' && alert);
    const back = decided.filter(({ action, alert }) => action === 'step_back' && alert);
    const goodLadders = this.#options.warming * (providers.length - 1);
    const good = [...this.#finished].filter(([name]) => !name.startsWith(`${bad}/`));
    const errors = good.flatMap(([name, day]) => {
      const expected = this.#forecasts.get(name);
      return expected === undefined ? [] : [Math.abs(day - expected)];
    });
    const share = ({ warm: part, all }: { warm: number; all: number }): number => Math.round((part / Math.max(1, all)) * 1000) / 10;
    return {
      overCeiling,
      ladderDays,
      fullDays: usedDays,
      largestShareOfACeiling: Math.round(largestShare * 1000) / 1000,
      attemptsThroughWarming: total.warming,
      attemptsThroughWarm: total.warm,
      overflowPercentFirstWeek: share(weeks.first),
      overflowPercentLastWeek: share(weeks.last),
      holds: held.length,
      stepBacks: back.length,
      byTheBadProvider: [...held, ...back].filter(({ subject }) => subject.provider === bad).length,
      goodLadders,
      finished: good.length,
      forecastErrorDays: errors.length === 0 ? null : Math.max(...errors),
      sentences: [...held.slice(0, examples), ...back.slice(0, examples)].map(({ sentence }) => sentence),
    };
  }

  #addressOf({ sourceId }: WarmUpLadderRow): string {
    for (let source = 1; source <= this.#options.warming; source++)
      if (this.#run.sourceId(source) === sourceId) return this.#run.addressOf(source);
    throw new Error(`no source ${sourceId} warms up`);
  }
}

const dayOf = (date: string): number => Math.floor(Date.parse(`${date}T00:00:00Z`) / dayMs);
