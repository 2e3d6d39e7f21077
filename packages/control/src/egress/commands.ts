// Suspending and resuming a source: a stored command to all nodes, as against a change of configuration. A suspension always ends by
// itself at a stated time; resuming ends it before.
import type { EngineCommand } from '@sluice/contract';
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { issueCommand, listCommands as readCommands, nodes } from '@sluice/plane/console';
import { v7 as newId } from 'uuid';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { suspensionsInForce } from './suspensions.ts';

async function sourceNamed({ db }: Scope, id: string) {
  return found(await db.egressSource.findUnique({ where: { id }, include: { memberships: { include: { pool: true } } } }), `source ${id}`);
}

export async function previewSuspend(scope: Scope, { sourceId }: z.output<typeof api.commandsPreviewSuspend.input>) {
  const source = await sourceNamed(scope, sourceId);
  const reporting = (await nodes(scope.sql)).flatMap((node) => node.frame?.sources.filter((entry) => entry.sourceId === sourceId) ?? []);
  return {
    sourceName: source.name,
    pools: source.memberships.map((member) => member.pool.name).toSorted(),
    ready: reporting.reduce((sum, entry) => sum + entry.ready, 0),
    inFlight: reporting.reduce((sum, entry) => sum + entry.inFlight, 0),
    nodes: reporting.length,
  };
}

export async function suspendSource(scope: Scope, { sourceId, minutes, reason }: z.output<typeof api.commandsSuspend.input>) {
  const expiresAt = new Date(scope.now.getTime() + minutes * 60_000).toISOString();
  const command = await issue(scope, 'suspend', sourceId, reason, expiresAt);
  return { commandId: command.id, expiresAt };
}

export async function resumeSource(scope: Scope, { sourceId, reason }: z.output<typeof api.commandsResume.input>) {
  await sourceNamed(scope, sourceId);
  if (!(await suspensionsInForce(scope)).has(sourceId)) throw new Refusal('CONFLICT', 'this source is not suspended');
  const command = await issue(scope, 'resume', sourceId, reason, null);
  return { commandId: command.id };
}

async function issue(
  scope: Scope,
  kind: EngineCommand['kind'],
  sourceId: string,
  reason: string,
  expiresAt: string | null,
): Promise<EngineCommand> {
  const source = await sourceNamed(scope, sourceId);
  const issuedAt = scope.now.toISOString();
  const command: EngineCommand = { id: newId(), kind, scope: { sourceId }, reason, issuedBy: scope.actor.name, issuedAt, expiresAt };
  await issueCommand(scope.sql, command);
  const after = { commandId: command.id, source: source.name, expiresAt };
  await scope.audit({ action: `commands.${kind}`, target: `source:${sourceId}`, reason, after });
  return command;
}

export async function listCommands(scope: Scope, { limit }: z.output<typeof api.commandsList.input>) {
  const commands = await readCommands(scope.sql, { limit });
  const names = new Map((await scope.db.egressSource.findMany({ select: { id: true, name: true } })).map(({ id, name }) => [id, name]));
  const inForce = new Set([...(await suspensionsInForce(scope)).values()].map((suspension) => suspension.commandId));
  return commands.map((command) => ({
    ...command,
    sourceName: names.get(command.scope.sourceId) ?? null,
    active: inForce.has(command.id),
  }));
}
