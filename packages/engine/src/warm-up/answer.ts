// What operators are shown of warm-up: each plan in one row, the ladders of one plan, and their past days as sums. Read from the ladders as
// they stand, in steps; bounded by the contract.
import {
  maxLaddersAnswered,
  maxWarmUpHistory,
  type Question,
  type WarmUpDay,
  type WarmUpLadderRow,
  type WarmUpProgress,
  type WarmUpsAnswer,
} from '@sluice/contract';
import { dateOf, dayOfRow, forecast, gateStates, type WarmUpLadder } from '@sluice/policy';
import type { Sliced } from '../queue/slices.ts';
import type { WarmUpSlot } from './warm-up-slot.ts';
import type { WarmUps } from './warm-ups.ts';

type Asked = Extract<Question, { kind: 'warm_ups' }>;
type Sum = WarmUpProgress & { expected: number | null; unsure: boolean };

/** Ladders looked at in one step. */
const atOnce = 16;
const maxPlans = 500;

export function* answeringWarmUps(warmUps: WarmUps, { planId, sourceId, group }: Asked): Sliced<WarmUpsAnswer> {
  const plans = new Map<string, Sum>();
  const ladders: WarmUpLadderRow[] = [];
  const days = new Map<number, WarmUpDay>();
  let total = 0;
  let looked = 0;
  for (const slot of warmUps.ladders.all()) {
    if (++looked % atOnce === 0) yield;
    const { plan, group: ofGroup } = slot.ladder.way;
    if (planId !== null && plan.id !== planId) continue;
    warmUps.ladders.roll(slot);
    const nowMs = warmUps.ladders.now();
    if (plans.has(plan.id) || plans.size < maxPlans) addTo(plans, slot, nowMs);
    if (planId === null || (sourceId !== null && slot.sourceId !== sourceId) || (group !== null && ofGroup.name !== group)) continue;
    total++;
    if (ladders.length < maxLaddersAnswered) ladders.push(rowOf(slot, nowMs));
    for (const row of slot.ladder.history) addDay(days, dayOfRow(row));
    if (slot.ladder.begun && !slot.ladder.finished) addDay(days, today(slot.ladder));
  }
  const past = [...days.entries()].toSorted(([a], [b]) => a - b).map(([, day]) => day);
  return { plans: [...plans.values()].map(shown), ladders, total, days: past.slice(-(maxWarmUpHistory + 1)) };
}

function today({ account, stage, ceiling, counts }: WarmUpLadder): WarmUpDay & { day: number } {
  const { number: day } = account.day;
  return { day, date: dateOf(day), stage: stage + 1, ceiling, ...counts, attempted: account.committed, verdict: null };
}

function addDay(days: Map<number, WarmUpDay>, { day, ...added }: WarmUpDay & { day: number }): void {
  const sum = days.get(day);
  if (!sum) return void days.set(day, added);
  sum.stage = Math.max(sum.stage, added.stage);
  for (const name of ['ceiling', 'attempted', 'deferred', 'blocked', 'hardBounced', 'complaints'] as const) sum[name] += added[name];
  if (sum.verdict !== added.verdict) sum.verdict = null;
}

function rowOf({ ladder, sourceId }: WarmUpSlot, nowMs: number): WarmUpLadderRow {
  const { way, account, finished, begun, stage, ceiling, perHour, history } = ladder;
  const { earliest, expected } = forecast(history, stage, way.stages.length, account.day.number);
  const stop = ladder.stop(false, nowMs);
  const open = finished || !begun ? 0 : Math.max(0, Math.min(ladder.account.open(nowMs), ceiling) - account.used);
  return {
    ...{ planId: way.plan.id, sourceId, group: way.group.name, status: finished ? 'finished' : begun ? 'warming' : 'waiting' },
    ...{ stage: stage + 1, stages: way.stages.length, date: dateOf(account.day.number), ceiling },
    ...{ used: account.committed, reserved: account.reserved, open },
    hour: perHour === null ? null : { ceiling: perHour, used: account.hourUsed(nowMs) },
    today: { ...ladder.counts },
    gates: gateStates(way.plan.gates, ladder.counts),
    heldBy: ladder.speaksAgainst(),
    last: ladder.last,
    opensAt: finished || stop === 'none' ? null : Math.ceil(ladder.opensMs(nowMs) ?? nowMs),
    finishEarliest: finished ? null : dateOf(earliest),
    finishExpected: finished || expected === null ? null : dateOf(expected),
  };
}

function addTo(plans: Map<string, Sum>, { ladder }: WarmUpSlot, nowMs: number): void {
  const { way, account, finished, stage, history } = ladder;
  const sum = plans.get(way.plan.id) ?? {
    ...{ planId: way.plan.id, ladders: 0, finished: 0, held: 0, fromStage: 0, toStage: 0, stages: way.stages.length },
    ...{ ceiling: 0, used: 0, finishExpected: null, expected: null, unsure: false },
  };
  plans.set(way.plan.id, sum);
  sum.ladders++;
  if (finished) {
    sum.finished++;
    return;
  }
  sum.fromStage = sum.fromStage === 0 ? stage + 1 : Math.min(sum.fromStage, stage + 1);
  sum.toStage = Math.max(sum.toStage, stage + 1);
  if (ladder.begun || nowMs >= account.day.startsMs) sum.ceiling += ladder.ceiling;
  sum.used += account.committed;
  if (ladder.speaksAgainst() !== null) sum.held++;
  const { expected } = forecast(history, stage, way.stages.length, account.day.number);
  if (expected === null) sum.unsure = true;
  else sum.expected = Math.max(sum.expected ?? expected, expected);
}

function shown({ expected, unsure, ...sum }: Sum): WarmUpProgress {
  return { ...sum, finishExpected: expected === null || unsure ? null : dateOf(expected) };
}
