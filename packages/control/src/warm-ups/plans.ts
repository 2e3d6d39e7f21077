// Warm-up plans as configuration: what they name exists, a source is in a pool and warms up under one plan for each provider, and the
// message says which source or provider it is that does not fit.
import { groupsProblem, warmUpBody, type WarmUpBody } from '@sluice/contract';
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { scheduleProblem } from '@sluice/policy';
import { v7 as newId } from 'uuid';
import { changeConfig, put, remove } from '../config/change.ts';
import { rows } from '../config/rows.ts';
import { found, notFound, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';

export async function createWarmUp(scope: Scope, input: z.output<typeof api.warmUpsCreate.input>) {
  const { reason, ...body } = input;
  const id = newId();
  const made = await changeConfig(scope, { action: 'warmUps.create', target: `warm_up:${id}`, reason }, async () => {
    await assertFits(scope, id, body);
    return [put('warm_up', id, null, body)];
  });
  return { id, ...made };
}

export async function updateWarmUp(scope: Scope, input: z.output<typeof api.warmUpsUpdate.input>) {
  const { id, reason, ...body } = input;
  return changeConfig(scope, { action: 'warmUps.update', target: `warm_up:${id}`, reason }, async () => {
    found(await rows.warm_up.read(scope.db, id), `warm-up plan ${id}`);
    await assertFits(scope, id, body);
    return [put('warm_up', id, null, body)];
  });
}

export async function deleteWarmUp(scope: Scope, { id, reason }: z.output<typeof api.warmUpsDelete.input>) {
  return changeConfig(scope, { action: 'warmUps.delete', target: `warm_up:${id}`, reason }, async () => {
    found(await rows.warm_up.read(scope.db, id), `warm-up plan ${id}`);
    return [remove('warm_up', id, null)];
  });
}

export async function setWarmUpPaused(scope: Scope, { id, paused, reason }: z.output<typeof api.warmUpsSetPaused.input>) {
  return changeConfig(scope, { action: 'warmUps.setPaused', target: `warm_up:${id}`, reason }, async () => {
    const body = found(await rows.warm_up.read(scope.db, id), `warm-up plan ${id}`);
    return [put('warm_up', id, null, { ...body, paused })];
  });
}

type Plan = Omit<WarmUpBody, 'schemaVersion' | 'minEngine'>;

async function assertFits(scope: Scope, id: string, plan: Plan): Promise<void> {
  const { db } = scope;
  const taken = await db.warmUpPlan.findUnique({ where: { name: plan.name } });
  if (taken && taken.id !== id) throw new Refusal('CONFLICT', `a warm-up plan named ${plan.name} exists`);
  const problem = groupsProblem(plan.groups);
  if (problem !== null) throw new Refusal('BAD_REQUEST', `groups: ${problem}`);
  const unusable = scheduleProblem(plan.schedule);
  if (unusable !== null) throw new Refusal('BAD_REQUEST', `schedule: ${unusable}`);
  await assertSources(scope, plan.sourceIds);
  await assertProviders(scope, plan);
  const others = (await db.warmUpPlan.findMany({ where: { sourceIds: { hasSome: plan.sourceIds } } })).filter((other) => other.id !== id);
  for (const row of others) await assertApart(scope, plan, warmUpBody.parse(row));
}

async function assertSources({ db }: Scope, ids: readonly string[]): Promise<void> {
  if (new Set(ids).size !== ids.length) throw new Refusal('BAD_REQUEST', 'sourceIds: a source is named twice');
  const known = await db.egressSource.findMany({ where: { id: { in: [...ids] } }, include: { memberships: { take: 1 } } });
  for (const id of ids) {
    const source = known.find((one) => one.id === id);
    if (!source) throw notFound(`source ${id}`);
    if (source.memberships.length === 0)
      throw new Refusal('BAD_REQUEST', `sourceIds: source ${source.name} is in no pool, so no mail would reach it`);
  }
}

async function assertProviders({ db }: Scope, { groups }: Plan): Promise<void> {
  const named = groups.flatMap(({ providers }) => providers ?? []);
  const known = new Set((await db.provider.findMany({ where: { key: { in: named } }, select: { key: true } })).map(({ key }) => key));
  const missing = named.find((key) => !known.has(key));
  if (missing !== undefined) throw new Refusal('BAD_REQUEST', `groups: there is no provider ${missing}`);
}

async function assertApart({ db }: Scope, plan: Plan, other: WarmUpBody): Promise<void> {
  const providersOf = ({ groups }: Pick<Plan, 'groups'>): string[] => groups.flatMap(({ providers }) => providers ?? ['']);
  const shared = providersOf(plan).find((key) => providersOf(other).includes(key));
  const sourceId = plan.sourceIds.find((id) => other.sourceIds.includes(id));
  if (shared === undefined || sourceId === undefined) return;
  const source = await db.egressSource.findUnique({ where: { id: sourceId } });
  const whom = shared === '' ? 'all other providers' : `provider ${shared}`;
  throw new Refusal('CONFLICT', `source ${source?.name ?? sourceId} warms up for ${whom} under plan ${other.name} already`);
}
