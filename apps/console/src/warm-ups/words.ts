// Warm-up in words: how far, what is wrong, what a schedule is.
import { warmUpSchedule, type WarmUpGateName, type WarmUpGroup, type WarmUpSchedule, type WarmUpVerdict } from '@sluice/contract';
import { count } from '../format/number.ts';
import type { Tone } from '../ui/status.tsx';

type Progress = { ladders: number; finished: number; held: number; fromStage: number; toStage: number; stages: number };

/** State of a plan. */
export function stateOf({ paused, progress }: { paused: boolean; progress: Progress | null }): { tone: Tone; word: string } {
  if (paused) return { tone: 'quiet', word: 'Paused' };
  if (!progress || progress.ladders === 0) return { tone: 'quiet', word: 'No node reports it' };
  if (progress.finished === progress.ladders) return { tone: 'good', word: 'Finished' };
  return progress.held > 0 ? { tone: 'warn', word: `${progress.held} held today` } : { tone: 'info', word: 'Warming' };
}

/** `day 4 of 45`, `days 4 to 9 of 45` */
export function dayWords({ ladders, finished, fromStage, toStage, stages }: Progress): string {
  if (ladders > 0 && finished === ladders) return 'warm';
  return fromStage === toStage ? `day ${toStage} of ${stages}` : `days ${fromStage} to ${toStage} of ${stages}`;
}

export const gateWords: Readonly<Record<WarmUpGateName, string>> = {
  deferral: 'Deferred',
  block: 'Blocked',
  hardBounce: 'Hard bounces',
  complaint: 'Complaints',
};

export const verdictWords: Readonly<Record<WarmUpVerdict, string>> = {
  counted: 'counted',
  short: 'too few attempts',
  held: 'held',
  stepped_back: 'stepped back',
  paused: 'paused',
  finished: 'finished',
  idle: 'no mail',
};

export function percentWords(percent: number | null): string {
  if (percent === null) return 'too few yet';
  return `${percent >= 10 ? percent.toFixed(0) : percent.toFixed(2)}%`;
}

export function scheduleWords(schedule: WarmUpSchedule, builtIn: readonly { key: string; name: string }[]): string {
  switch (schedule.kind) {
    case 'built_in':
      return builtIn.find(({ key }) => key === schedule.key)?.name ?? schedule.key;
    case 'linear':
      return `${count(schedule.first)}, then ${count(schedule.step)} more each day, ${schedule.days} days`;
    case 'geometric':
      return `${count(schedule.first)}, then ${schedule.factor} times as much each day, ${schedule.days} days`;
    case 'table':
      return `own table, ${schedule.stages.length} days`;
  }
}

/** `Gmail = gmail` on each line, `Others = *`, with a share behind: `Yahoo = yahoo, aol : 50%`. Null: the line says no group. */
export function groupOfLine(line: string): WarmUpGroup | null {
  const parts = /^(?<name>[^=]{1,80})=(?<providers>[^:]+)(?::\s*(?<percent>\d{1,4})\s*%?)?$/.exec(line.trim())?.groups;
  if (!parts) return null;
  const providers = (parts['providers'] ?? '').split(/[\s,]+/).filter(Boolean);
  const others = providers.length === 1 && providers[0] === '*';
  if (providers.length === 0) return null;
  return { name: (parts['name'] ?? '').trim(), providers: others ? null : providers, percent: Number(parts['percent'] ?? 100) };
}

export function lineOfGroup({ name, providers, percent }: WarmUpGroup): string {
  return `${name} = ${providers === null ? '*' : providers.join(', ')}${percent === 100 ? '' : ` : ${percent}%`}`;
}

/** What the fields of the form say; null while they say no schedule. */
export function scheduleOfFields(kind: string, fields: Readonly<Record<string, string>>): WarmUpSchedule | null {
  const number = (name: string): number => Number(fields[name] ?? '');
  const said =
    kind === 'linear'
      ? { kind, first: number('first'), step: number('step'), days: number('days') }
      : kind === 'geometric'
        ? { kind, first: number('first'), factor: number('factor'), days: number('days') }
        : { kind: 'built_in', key: kind };
  const parsed = warmUpSchedule.safeParse(said);
  return parsed.success ? parsed.data : null;
}
