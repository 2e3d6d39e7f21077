// How far warm-up has come, as the nodes say that send: each counts what leaves through it, and the sums are made here.
import { warmUpBody, type WarmUpDay, type WarmUpProgress } from '@sluice/contract';
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { builtInSchedules, dateOf, dayNumber, readScheduleCsv, scaledStages, scheduleProblem, stagesOf } from '@sluice/policy';
import { maxListRows } from '../bounds.ts';
import { askNodes, silentOf } from '../commands/ask-nodes.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';

type Sum = Omit<WarmUpProgress, 'planId'>;

export async function listWarmUps(scope: Scope): Promise<z.input<typeof api.warmUpsList.output>> {
  const stored = await scope.db.warmUpPlan.findMany({ orderBy: { name: 'asc' }, take: maxListRows });
  const names = await sourceNames(
    scope,
    stored.flatMap(({ sourceIds }) => sourceIds),
  );
  const answers = stored.length === 0 ? [] : await askNodes(scope, { kind: 'warm_ups', planId: null, sourceId: null, group: null });
  const sums = sumOf(answers.flatMap(({ answer }) => (answer?.kind === 'warm_ups' ? answer.plans : [])));
  return { plans: stored.map((row) => viewOf(row, names, sums)), silent: silentOf(answers) };
}

export async function getWarmUp(
  scope: Scope,
  { id, sourceId, group }: z.output<typeof api.warmUpsGet.input>,
): Promise<z.input<typeof api.warmUpsGet.output>> {
  const row = found(await scope.db.warmUpPlan.findUnique({ where: { id } }), `warm-up plan ${id}`);
  const names = await sourceNames(scope, row.sourceIds);
  const answers = await askNodes(scope, { kind: 'warm_ups', planId: id, sourceId: sourceId ?? null, group: group ?? null });
  const told = answers.flatMap(({ node, answer }) => (answer?.kind === 'warm_ups' ? [{ node, answer }] : []));
  const ladders = told.flatMap(({ node, answer }) =>
    answer.ladders.map(({ planId: _plan, ...ladder }) => ({ ...ladder, node, sourceName: names.get(ladder.sourceId) ?? ladder.sourceId })),
  );
  return {
    plan: viewOf(row, names, sumOf(told.flatMap(({ answer }) => answer.plans))),
    ladders,
    total: told.reduce((sum, { answer }) => sum + answer.total, 0),
    days: daysOf(told.flatMap(({ answer }) => answer.days)),
    silent: silentOf(answers),
  };
}

export function listSchedules(): z.input<typeof api.warmUpsSchedules.output> {
  return builtInSchedules.map(({ stages, ...schedule }) => ({ ...schedule, stages: [...stages] }));
}

export function previewSchedule({
  schedule,
  csv,
  percent,
  startsOn,
}: z.output<typeof api.warmUpsPreview.input>): z.input<typeof api.warmUpsPreview.output> {
  const read = csv === undefined ? null : readScheduleCsv(csv);
  if (!read && !schedule) throw new Refusal('BAD_REQUEST', 'give a schedule, or the text of one');
  const problem = schedule && !read ? scheduleProblem(schedule) : null;
  if (problem !== null) return { stages: [], finishesOn: null, problems: [{ line: 0, message: problem }] };
  const stages = scaledStages(read?.stages ?? (schedule && stagesOf(schedule)) ?? [], percent);
  const first = dayNumber(startsOn);
  let total = 0;
  const days = stages.map((stage, index) => ({ ...stage, day: index + 1, date: dateOf(first + index), total: (total += stage.perDay) }));
  return { stages: days, finishesOn: days.length === 0 ? null : dateOf(first + days.length), problems: read?.problems ?? [] };
}

function viewOf(row: { id: string }, names: ReadonlyMap<string, string>, sums: ReadonlyMap<string, Sum>): z.input<typeof api.warmUpView> {
  const body = warmUpBody.parse(row);
  const sources = body.sourceIds.map((id) => ({ id, name: names.get(id) ?? id }));
  return { ...body, id: row.id, sources, progress: sums.get(row.id) ?? null };
}

async function sourceNames({ db }: Scope, ids: readonly string[]): Promise<Map<string, string>> {
  const sources = await db.egressSource.findMany({ where: { id: { in: [...new Set(ids)] } }, select: { id: true, name: true } });
  return new Map(sources.map(({ id, name }) => [id, name]));
}

function sumOf(told: readonly WarmUpProgress[]): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const { planId, ...one } of told) {
    const sum = sums.get(planId);
    if (!sum) {
      sums.set(planId, { ...one });
      continue;
    }
    for (const name of ['ladders', 'finished', 'held', 'ceiling', 'used'] as const) sum[name] += one[name];
    sum.fromStage = [sum.fromStage, one.fromStage].filter((stage) => stage > 0).reduce((a, b) => Math.min(a, b), Infinity);
    if (!Number.isFinite(sum.fromStage)) sum.fromStage = 0;
    sum.toStage = Math.max(sum.toStage, one.toStage);
    sum.finishExpected = later(sum.finishExpected, one.finishExpected);
  }
  return sums;
}

/** Unknown for one is unknown for all. */
function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return null;
  return a > b ? a : b;
}

function daysOf(told: readonly WarmUpDay[]): WarmUpDay[] {
  const days = new Map<string, WarmUpDay>();
  for (const one of told) {
    const day = days.get(one.date);
    if (!day) {
      days.set(one.date, { ...one });
      continue;
    }
    for (const name of ['ceiling', 'attempted', 'deferred', 'blocked', 'hardBounced', 'complaints'] as const) day[name] += one[name];
    day.stage = Math.max(day.stage, one.stage);
    if (day.verdict !== one.verdict) day.verdict = null;
  }
  return [...days.values()].toSorted((a, b) => (a.date < b.date ? -1 : 1));
}
