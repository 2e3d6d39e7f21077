// What an operator does to a plan that is under way: go on to the next day, go back one, begin again. A command, since it is about what the
// nodes have counted, not about how things are configured.
import type { CommandScope, EngineCommand, WarmUpCommandKind } from '@sluice/contract';
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { issueCommand, nodes } from '@sluice/plane/console';
import { v7 as newId } from 'uuid';
import { rows } from '../config/rows.ts';
import { found, notFound } from '../refusal.ts';
import type { Scope } from '../scope.ts';

/** A node that was away this long does not do it any more: its day is another by then. */
const lastsMs = 3_600_000;
const mostNodes = 100;
const kinds: Readonly<Record<z.output<typeof api.warmUpsAct.input>['act'], WarmUpCommandKind>> = {
  skip: 'warm_up_skip',
  step_back: 'warm_up_step_back',
  restart: 'warm_up_restart',
};

export async function actOnWarmUp(scope: Scope, { id, act, sourceId, group, reason }: z.output<typeof api.warmUpsAct.input>) {
  const plan = found(await rows.warm_up.read(scope.db, id), `warm-up plan ${id}`);
  if (sourceId !== undefined && !plan.sourceIds.includes(sourceId)) throw notFound(`source ${sourceId} in plan ${plan.name}`);
  if (group !== undefined && !plan.groups.some(({ name }) => name === group)) throw notFound(`group ${group} in plan ${plan.name}`);
  const commands: EngineCommand[] = [];
  for (const within of await scopesOf(scope, sourceId, group)) {
    const command: EngineCommand = {
      ...{ id: newId(), kind: kinds[act], scope: within, reason, issuedBy: scope.actor.name, issuedAt: scope.now.toISOString() },
      expiresAt: new Date(scope.now.getTime() + lastsMs).toISOString(),
      ...{ cutoffAt: null, startsAt: null, poolId: null, targetId: id },
    };
    await issueCommand(scope.sql, command);
    commands.push(command);
  }
  const commandIds = commands.map((command) => command.id);
  await scope.audit({
    action: `warmUps.${act}`,
    target: `warm_up:${id}`,
    reason,
    after: { plan: plan.name, sourceId: sourceId ?? null, group: group ?? null, commandIds },
  });
  return { commandIds };
}

/** A command names at least one thing: the whole plan is that of each node. */
async function scopesOf({ sql }: Scope, source: string | undefined, group: string | undefined): Promise<CommandScope[]> {
  if (source !== undefined || group !== undefined)
    return [{ ...(source !== undefined && { source }), ...(group !== undefined && { group }) }];
  return (await nodes(sql)).slice(0, mostNodes).map(({ name }) => ({ node: name }));
}
