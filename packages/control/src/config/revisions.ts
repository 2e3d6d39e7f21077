// Revisions as operators read them: one, the difference of two, what changed since the last look, how far the nodes are, and back to one.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { configHead, entityChanges, nodes, revisions } from '@sluice/plane/console';
import type { EntityKind } from '@sluice/contract';
import { maxDiffItems } from '@sluice/contract/api';
import { nodeHealth } from '../mail/node-health.ts';
import { notFound } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { diffOf, type Edit } from './edits.ts';
import { planOf } from './plan.ts';
import { rollBackTo } from './roll-back.ts';
import { Names } from './text/names.ts';
import { writeEdits } from './write-edits.ts';

/** Most changes that are counted; more are there than anybody reads. */
const maxCounted = 5_000;

async function between(scope: Scope, from: number, to: number, skip = 0) {
  const changes = await entityChanges(scope.sql, { from, to, limit: maxCounted });
  const edits = changes.map(({ kind, id, tenantId, before, after }): Edit => ({
    kind: kind as EntityKind,
    id,
    tenantId,
    before: before ?? null,
    after: after ?? null,
  }));
  return { items: await diffOf(edits.slice(skip, skip + maxDiffItems), new Names(scope, Math.max(from, to))), total: edits.length };
}

/** A tenant-bound operator meets its own tenant's entities only, and revisions that touched none of them are not there. */
export async function getRevision(scope: Scope, { number, skip }: z.output<typeof api.configRevision.input>) {
  const [row] = await revisions(scope.sql, { before: number + 1, limit: 1 });
  if (row?.number !== number) throw notFound(`revision ${number}`);
  const { at, author, reason, contentRoot } = row;
  return { number, at: at.toISOString(), author, reason, contentRoot, ...(await between(scope, number - 1, number, skip)) };
}

export async function diffRevisions(scope: Scope, { from, to, skip }: z.output<typeof api.configDiff.input>) {
  const { number: head } = await configHead(scope.sql);
  for (const number of [from, to]) if (number > head) throw notFound(`revision ${number}`);
  return { from, to, ...(await between(scope, from, to, skip)) };
}

export async function sinceLook(scope: Scope): Promise<z.input<typeof api.configSinceLook.output>> {
  const { number: head } = await configHead(scope.sql);
  const look = await scope.db.configLook.findUnique({ where: { actorId: scope.actor.id } });
  if (!look) return { since: null, at: null, head, items: [], total: 0 };
  return { since: look.revision, at: look.at.toISOString(), head, ...(await between(scope, Math.min(look.revision, head), head)) };
}

export async function noteLook(scope: Scope, { revision }: z.output<typeof api.configLooked.input>) {
  const { number: head } = await configHead(scope.sql);
  if (revision > head) throw notFound(`revision ${revision}`);
  const look = { revision, at: scope.now };
  await scope.db.configLook.upsert({ where: { actorId: scope.actor.id }, create: { actorId: scope.actor.id, ...look }, update: look });
  const { tenantId } = scope.actor;
  await scope.audit({ action: 'config.looked', target: `revision:${revision}`, reason: 'looked at what changed', tenantId });
  return { revision };
}

/** A node has it when what it runs is as new; one that refused it says why. */
export async function waitForRevision(scope: Scope, { revision }: z.output<typeof api.configWait.input>) {
  const { number: head } = await configHead(scope.sql);
  if (revision > head) throw notFound(`revision ${revision}`);
  const { egress } = scope.installation;
  const told = (await nodes(scope.sql)).map((row) => {
    const { state, revision: runs } = nodeHealth(row, egress, scope.now);
    const has = (runs ?? 0) >= revision;
    const refused = row.ackStatus === 'refused' && (row.revision ?? 0) >= revision;
    const [first] = row.problems;
    const word =
      has && !refused ? ('has' as const) : refused ? ('refused' as const) : state === 'stale' ? ('away' as const) : ('waiting' as const);
    const problem = refused && scope.actor.tenantId === null && first ? `${first.kind} ${first.field}: ${first.message}` : null;
    return { node: row.name, state: word, runs, problem };
  });
  const live = told.filter(({ state }) => state !== 'away');
  return { revision, done: live.length > 0 && live.every(({ state }) => state === 'has'), nodes: told };
}

export async function planRollBack(scope: Scope, { to, entities }: z.output<typeof api.configRollBackPlan.input>) {
  return planOf(scope, await rollBackTo(scope, to, entities));
}

export async function rollBack(scope: Scope, { to, entities, baseRevision, lock, reason }: z.output<typeof api.configRollBack.input>) {
  const why = { action: 'config.rollBack', target: `revision:${to}`, reason };
  const { revision, notes } = await writeEdits(scope, why, { baseRevision, lock, intend: () => rollBackTo(scope, to, entities) });
  return { revision, notes };
}
