// Schedules of warm-up plans as lists of days. The built-in ones are published figures, named by who published them; what a key says never
// changes, since plans that are under way go by it. A figure that its source leaves open is filled evenly, and its name says so.
import { maxDailyCeiling, maxWarmUpDays, type WarmUpSchedule, type WarmUpStage } from '@sluice/contract';

export type BuiltInSchedule = {
  readonly key: string;
  readonly name: string;
  readonly note: string;
  readonly stages: readonly WarmUpStage[];
};

const clamp = (count: number): number => Math.min(maxDailyCeiling, Math.max(1, Math.round(count)));
const perDay = (counts: readonly number[]): WarmUpStage[] => counts.map((count) => ({ perDay: clamp(count), perHour: null }));
/** Figures by the hour; the day has 24 of them. */
const perHour = (counts: readonly number[]): WarmUpStage[] => counts.map((count) => ({ perDay: clamp(count * 24), perHour: clamp(count) }));
const geometric = (first: number, factor: number, days: number): number[] =>
  Array.from({ length: days }, (_, day) => first * factor ** day);

/** Levels of three days: from 500, doubled below 50,000, then half, a fifth, a tenth more, to a million. */
function levels(): number[] {
  const counts: number[] = [];
  for (let level = 500; level < 1_000_000 && counts.length <= maxWarmUpDays - 3;) {
    counts.push(level, level, level);
    level = Math.round(level * (level < 50_000 ? 2 : level < 100_000 ? 1.5 : level < 250_000 ? 1.2 : 1.1));
  }
  return counts;
}

const k = 1_000;
const hourly = [20, 28, 39, 55, 77, 108, 151, 211, 295, 413, 579, 810, 1000, 1587, 2222, 3111, 4356, 6098, 8583, 11_953, 16_734, 23_427];
const stages30 = [
  ...[200, 500, k, 2 * k, 5 * k, 10 * k, 20 * k, 40 * k, 50 * k, 75 * k, 100 * k, 150 * k, 200 * k, 250 * k, 325 * k, 400 * k, 500 * k],
  ...[600 * k, 750 * k, 1000 * k, 1250 * k, 1750 * k, 2000 * k, 3000 * k, 4250 * k, 5000 * k, 6000 * k, 7500 * k, 10_000 * k],
];
const threeWeeks = [
  ...[50, 100, 250, 500, k, 2500, 5 * k, 7500, 10 * k, 15 * k, 20 * k, 30 * k, 40 * k, 55 * k, 70 * k, 100 * k],
  ...[158 * k, 251 * k, 398 * k, 631 * k, 1000 * k],
];

export const builtInSchedules: readonly BuiltInSchedule[] = [
  {
    key: 'forty-five-days',
    name: '45 days to 50,000 a day',
    note: 'as Amazon SES describes for a standard address; between its first and last day evenly in proportion',
    stages: perDay(geometric(50, 1000 ** (1 / 44), 45)),
  },
  {
    key: 'hourly',
    name: 'By the hour, 1.4 times as much each day',
    note: 'as SendGrid publishes for its automated warm-up, the first 22 days',
    stages: perHour(hourly),
  },
  {
    key: 'thirty-stages',
    name: '30 stages to 10 million a day',
    note: 'as SparkPost publishes for its automatic warm-up',
    stages: perDay(stages30),
  },
  {
    key: 'doubling',
    name: 'Doubled each day from 1,000',
    note: 'as the first stages that Mailgun publishes, 15 days; the rest doubled likewise',
    stages: perDay(geometric(1000, 2, 15)),
  },
  {
    key: 'levels',
    name: 'Levels of three days to a million',
    note: 'by the rule that iPost publishes: doubled below 50,000, then half, a fifth and a tenth more',
    stages: perDay(levels()),
  },
  {
    key: 'three-weeks',
    name: 'Three weeks from 50 to a million',
    note: 'as SiteVibes publishes; its third week filled evenly in proportion',
    stages: perDay(threeWeeks),
  },
  {
    key: 'week-large',
    name: 'One week, 10,000 to 12,500',
    note: 'as Oracle Responsys publishes for Gmail and for small providers',
    stages: perDay([10, 10, 10, 10, 10, 12.5, 12.5].map((count) => count * k)),
  },
  {
    key: 'week-middle',
    name: 'One week, 7,500 to 15,000',
    note: 'as Oracle Responsys publishes for Hotmail',
    stages: perDay([7.5, 7.5, 7.5, 10, 10, 15, 15].map((count) => count * k)),
  },
  {
    key: 'week-small',
    name: 'One week, 5,000 to 10,000',
    note: 'as Oracle Responsys publishes for Yahoo',
    stages: perDay([5, 5, 5, 7.5, 7.5, 10, 10].map((count) => count * k)),
  },
];

const byKey = new Map(builtInSchedules.map((schedule) => [schedule.key, schedule]));

/** The days of a schedule, first to last; null for a built-in one that this version does not have. */
export function stagesOf(schedule: WarmUpSchedule): readonly WarmUpStage[] | null {
  switch (schedule.kind) {
    case 'built_in':
      return byKey.get(schedule.key)?.stages ?? null;
    case 'linear':
      return perDay(Array.from({ length: schedule.days }, (_, day) => schedule.first + day * schedule.step));
    case 'geometric':
      return perDay(geometric(schedule.first, schedule.factor, schedule.days));
    case 'table':
      return schedule.stages;
  }
}

/** The figures of one group, `percent` of the schedule's, at least 1. */
export function scaledStages(stages: readonly WarmUpStage[], percent: number): readonly WarmUpStage[] {
  if (percent === 100) return stages;
  const scaled = (count: number): number => clamp((count * percent) / 100);
  return stages.map((stage) => ({ perDay: scaled(stage.perDay), perHour: stage.perHour === null ? null : scaled(stage.perHour) }));
}

/** Why the schedule cannot be used; null when it can. */
export function scheduleProblem(schedule: WarmUpSchedule): string | null {
  const stages = stagesOf(schedule);
  if (!stages) return `no schedule ${schedule.kind === 'built_in' ? schedule.key : ''} comes with this version`;
  const at = stages.findIndex(({ perDay: day, perHour: hour }) => hour !== null && hour > day);
  return at < 0 ? null : `day ${at + 1}: the ceiling of an hour is above that of the day`;
}
