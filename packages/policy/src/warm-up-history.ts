// Past days of a ladder, as rows of numbers: several thousand ladders are kept in memory.
import {
  maxWarmUpHistory,
  warmUpVerdicts,
  type LadderRecord,
  type WarmUpCounts,
  type WarmUpDay,
  type WarmUpVerdict,
} from '@sluice/contract';
import { dateOf } from './warm-up-calendar.ts';

/** As `ladderDay` of the contract. */
export type DayRow = readonly number[];

export function countsOf([attempted, deferred, blocked, hardBounced, complaints]: LadderRecord['counts']): WarmUpCounts {
  return { attempted, deferred, blocked, hardBounced, complaints };
}

export function noCounts(): WarmUpCounts {
  return countsOf([0, 0, 0, 0, 0]);
}

export function rowOfDay(day: number, stage: number, ceiling: number, used: number, counts: WarmUpCounts, verdict: WarmUpVerdict): DayRow {
  const { deferred, blocked, hardBounced, complaints } = counts;
  return [day, stage, ceiling, used, deferred, blocked, hardBounced, complaints, warmUpVerdicts.indexOf(verdict)];
}

/** The day's number and what is told of it. */
export function dayOfRow(row: DayRow): WarmUpDay & { day: number } {
  const [day = 0, stage = 0, ceiling = 0, attempted = 0, deferred = 0, blocked = 0, hardBounced = 0, complaints = 0, verdict = 0] = row;
  const counts = { attempted, deferred, blocked, hardBounced, complaints };
  return { day, date: dateOf(day), stage: stage + 1, ceiling, ...counts, verdict: warmUpVerdicts[verdict] ?? null };
}

export function keepDay(history: DayRow[], row: DayRow): void {
  history.push(row);
  if (history.length > maxWarmUpHistory) history.shift();
}
