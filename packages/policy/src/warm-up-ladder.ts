// How far one source has come with one group of providers: its stage, and what became of each of its days. A day ends by the plan's clock
// alone, once; it counts when enough of its ceiling was attempted and no gate speaks against it. What may be sent now is in its account.
import type { LadderRecord, WarmUpCounts, WarmUpVerdict } from '@sluice/contract';
import { WarmUpAccount, type DayTerms, type WarmUpCommit, type WarmUpStop } from './warm-up-account.ts';
import { dayAt, type ZoneDay } from './calendar.ts';
import { dayNumber, endOfDay } from './warm-up-calendar.ts';
import { judge, stepsBack } from './warm-up-gates.ts';
import { countsOf, keepDay, noCounts, rowOfDay, type DayRow } from './warm-up-history.ts';
import type { WarmUpWay } from './warm-up-set.ts';
import { turnOf, type WarmUpTurn } from './warm-up-turn.ts';

const halfDayMs = 43_200_000;
const rememberedCommands = 16;

export type CountedOutcome = { deferred: boolean; blocked: boolean; hardBounced: boolean };
export type WarmUpAct = 'skip' | 'step_back' | 'restart';

export class WarmUpLadder {
  way: WarmUpWay;
  stage = 0;
  /** It has no ceiling any more. */
  finished = false;
  /** Its first day has come. */
  begun = false;
  /** Why the present day cannot count, from outside. */
  heldBy: string | null = null;
  /** What was decided last. */
  last: string | null = null;
  readonly history: DayRow[];
  readonly account: WarmUpAccount;
  #counts: WarmUpCounts = noCounts();
  /** The last day on which anything was attempted. */
  #lastDay = -1;
  #steppedBack = false;
  #commands: string[] = [];

  constructor(way: WarmUpWay, record: LadderRecord | null, history: DayRow[], nowMs: number) {
    this.way = way;
    this.history = history;
    let day = dayAt(way.plan.zone, Math.max(nowMs, startOf(way)));
    if (record) {
      const { finished, begun, heldBy, last, steppedBack, lastDay, commands } = record;
      this.stage = Math.min(record.stage, way.stages.length - 1);
      Object.assign(this, { finished, begun, heldBy, last });
      this.#counts = countsOf(record.counts);
      this.#lastDay = lastDay;
      this.#steppedBack = steppedBack;
      this.#commands = [...commands];
      if (begun) day = { number: record.day, startsMs: record.startsMs, endsMs: record.endsMs };
    }
    this.account = new WarmUpAccount(day, this.#terms(), record, nowMs);
  }

  record(): LadderRecord {
    const { stage, finished, begun, heldBy, last } = this;
    const { number: day, startsMs, endsMs } = this.account.day;
    const { attempted, deferred, blocked, hardBounced, complaints } = this.#counts;
    return {
      ...{ key: this.way.key, stage, finished, day, startsMs, endsMs, begun, heldBy, last, lastDay: this.#lastDay },
      ...this.account.record(),
      ...{ counts: [attempted, deferred, blocked, hardBounced, complaints], steppedBack: this.#steppedBack, commands: this.#commands },
    };
  }

  get counts(): Readonly<WarmUpCounts> {
    return this.#counts;
  }

  get ceiling(): number {
    return this.#terms().perDay;
  }

  get perHour(): number | null {
    return this.#terms().perHour;
  }

  /** The plan says something new; what was used stays used. */
  adopt(way: WarmUpWay, nowMs: number): void {
    const { zone } = this.way.plan;
    this.way = way;
    this.stage = Math.min(this.stage, way.stages.length - 1);
    const { account } = this;
    if (!this.begun) return account.begin(dayAt(way.plan.zone, Math.max(nowMs, startOf(way))), this.#terms(), nowMs);
    // Another midnight ends the present day, no less than 20 hours after it began.
    if (zone !== way.plan.zone) account.day = { ...account.day, endsMs: endOfDay(way.plan.zone, account.day.startsMs) };
    account.change(this.#terms(), nowMs);
  }

  /** Begins its first day, or ends one that is over; says what was decided by that. Costs nothing while a day lasts. */
  roll(nowMs: number): WarmUpTurn | null {
    const { account } = this;
    if (nowMs < (this.begun ? account.day.endsMs : account.day.startsMs)) return null;
    const today = dayAt(this.way.plan.zone, nowMs);
    if (!this.begun) {
      this.begun = true;
      this.#lastDay = today.number;
      account.begin(today, this.#terms(), nowMs);
      return null;
    }
    const turn = this.finished ? null : this.#endDay();
    const { rewarmAfterDays } = this.way.plan;
    const idle = rewarmAfterDays > 0 && today.number - this.#lastDay > rewarmAfterDays && (this.finished || this.stage > 0);
    const from = this.stage;
    if (idle) {
      this.finished = false;
      this.stage = 0;
    }
    this.#newDay(today);
    return idle ? this.#decided('rewarm', from, `nothing was sent for ${rewarmAfterDays} days`) : turn;
  }

  /** Nothing more is sent today: what was sent cannot be known. */
  useUp(nowMs: number): void {
    this.roll(nowMs);
    const { account } = this;
    if (!this.begun || this.finished) return;
    account.committed = Math.max(account.committed, this.ceiling);
    this.heldBy ??= 'what was sent of it is not known';
  }

  /** What stops one more recipient now; a day that is over must have ended before. */
  stop(marked: boolean, nowMs: number): WarmUpStop {
    if (this.finished) return 'none';
    return this.begun ? this.account.stop(marked, nowMs) : 'not_begun';
  }

  /** Up to where the next block is to be granted, for an envelope of `count` that waits; null while none is wanted. */
  wish(count = 0): number | null {
    return this.finished || !this.begun ? null : this.account.wish(count);
  }

  /** A grant is on disk; one for a day that is over since says nothing. */
  grant(to: number, dayStartsMs: number): void {
    const { account } = this;
    if (dayStartsMs === account.day.startsMs) account.granted = Math.max(account.granted, to);
  }

  /** An envelope leaves with so many recipients that were reserved. */
  commit(count: number, nowMs: number): WarmUpCommit {
    if (this.finished) this.account.reserved -= count;
    else if (!this.begun) return 'refused';
    else {
      const said = this.account.commit(count, nowMs);
      if (said !== 'done') return said;
    }
    this.#lastDay = this.account.day.number;
    return 'done';
  }

  /** Counts the outcome of an attempt; says so when that is a step back. */
  seen({ deferred, blocked, hardBounced }: CountedOutcome, nowMs: number): WarmUpTurn | null {
    const counts = this.#counts;
    counts.attempted++;
    if (deferred) counts.deferred++;
    if (blocked) counts.blocked++;
    if (hardBounced) counts.hardBounced++;
    // Nothing was judged before there were so many.
    const enough = counts.attempted === this.way.plan.gates.minimumAttempts;
    return deferred || blocked || hardBounced || enough ? this.#stepBackIfDue(nowMs) : null;
  }

  complained(complaints: number, nowMs: number): WarmUpTurn | null {
    this.#counts.complaints += complaints;
    return this.#stepBackIfDue(nowMs);
  }

  /** Today does not count, whatever it comes to. Null when that was said already. */
  hold(why: string): WarmUpTurn | null {
    if (this.finished || this.heldBy !== null) return null;
    this.heldBy = why.slice(0, 300);
    return this.#decided('hold', this.stage, why);
  }

  /** Why today will not count as things stand; null when nothing but attempts is missing. */
  speaksAgainst(): string | null {
    if (this.finished || !this.begun) return null;
    if (this.way.plan.paused) return 'the plan is paused';
    if (this.heldBy !== null) return this.heldBy;
    if (this.#steppedBack) return 'it stepped back today';
    const { state, reason } = judge(this.way.plan.gates, this.#counts);
    return state === 'fine' ? null : reason;
  }

  /** Done once for each command; null when it was done before, or changes nothing. */
  command(id: string, act: WarmUpAct, why: string, nowMs: number): WarmUpTurn | null {
    if (this.#commands.includes(id)) return null;
    this.#commands = [...this.#commands, id].slice(-rememberedCommands);
    const from = this.stage;
    if (act === 'skip') {
      if (this.finished) return null;
      if (from + 1 >= this.way.stages.length) return this.#finish(`skipped by an operator: ${why}`);
      this.#toStage(from + 1, nowMs);
      return this.#decided('skip', from, why);
    }
    // Warm already: back to its last day.
    const back = this.finished ? from : Math.max(0, from - 1);
    this.finished = false;
    this.#toStage(act === 'restart' ? 0 : back, nowMs);
    if (act === 'step_back') return this.#decided('step_back_told', from, why);
    this.heldBy = null;
    this.#steppedBack = false;
    // A clock that was wrong may have left it in a day that is long to come.
    if (this.begun && nowMs < this.account.day.startsMs) this.#newDay(dayAt(this.way.plan.zone, nowMs));
    return this.#decided('restart', from, why);
  }

  /** When one more may be taken that may not now; null when nothing is in the way. */
  opensMs(nowMs: number): number | null {
    if (this.finished) return null;
    return this.begun ? this.account.opensMs(nowMs) : this.account.day.startsMs;
  }

  #endDay(): WarmUpTurn | null {
    const { plan, stages } = this.way;
    const { stage, ceiling } = this;
    const { committed, day } = this.account;
    const keep = (verdict: WarmUpVerdict): void =>
      keepDay(this.history, rowOfDay(day.number, stage, ceiling, committed, this.#counts, verdict));
    const quiet = plan.paused ? 'paused' : this.#steppedBack ? 'stepped_back' : committed === 0 ? 'idle' : null;
    if (quiet !== null) {
      keep(quiet);
      return null;
    }
    if (this.heldBy !== null) {
      // That was told when it was held.
      keep('held');
      return null;
    }
    const { state, reason } = judge(plan.gates, this.#counts);
    if (state !== 'fine') {
      keep('held');
      return this.#decided('hold', stage, reason);
    }
    if (committed * 100 < plan.countsFromPercent * ceiling) {
      keep('short');
      return this.#decided('short', stage, `${committed} attempts are less than ${plan.countsFromPercent} % of it`);
    }
    if (stage + 1 >= stages.length) {
      keep('finished');
      return this.#finish('its last day counted');
    }
    keep('counted');
    this.stage++;
    return this.#decided('advance', stage, `${committed} attempts`);
  }

  #newDay(today: ZoneDay): void {
    this.heldBy = null;
    this.#steppedBack = false;
    this.#counts = noCounts();
    this.account.begin(today, this.#terms(), today.startsMs);
  }

  #stepBackIfDue(nowMs: number): WarmUpTurn | null {
    const { plan } = this.way;
    if (this.finished || this.#steppedBack || plan.paused || !stepsBack(plan.gates, this.#counts)) return null;
    this.#steppedBack = true;
    const from = this.stage;
    this.#toStage(Math.max(0, from - 1), nowMs);
    return this.#decided('step_back', from, judge(plan.gates, this.#counts).reason);
  }

  #toStage(stage: number, nowMs: number): void {
    this.stage = stage;
    this.account.change(this.#terms(), nowMs);
  }

  #finish(why: string): WarmUpTurn {
    this.finished = true;
    return this.#decided('finish', this.stage, why);
  }

  #decided(action: WarmUpTurn['action'], from: number, reason: string): WarmUpTurn {
    const turn = turnOf({ way: this.way, stage: this.stage, day: this.account.day.number }, action, from, reason);
    this.last = turn.text;
    return turn;
  }

  #terms(): DayTerms {
    const { perDay, perHour } = this.way.stages[this.stage] ?? { perDay: 1, perHour: null };
    const { spread, engagedPercent } = this.way.plan;
    return { perDay, perHour, spread, engagedPercent };
  }
}

/** The first midnight of the plan. */
function startOf({ plan }: WarmUpWay): number {
  const number = dayNumber(plan.startsOn);
  const noonMs = (number + 0.5) * 2 * halfDayMs;
  // Zones are up to 14 hours from UTC: noon of the date lies in it, or in a neighbour of it.
  for (const at of [noonMs, noonMs - halfDayMs, noonMs + halfDayMs]) {
    const day = dayAt(plan.zone, at);
    if (day.number === number) return day.startsMs;
  }
  return noonMs;
}
