// Commands to all nodes, as against changes of configuration: seen before they are given, given with a reason, kept with what each node
// answered, and withdrawn. What cannot be undone is confirmed by its count and begins after a moment in which it can be withdrawn.
import { isEnding, type CommandKind, type CommandScope, type EngineCommand } from '@sluice/contract';
import type { z } from 'zod';
import * as api from '@sluice/contract/api';
import { issueCommand, listCommands as readCommands } from '@sluice/plane/console';
import { v7 as newId } from 'uuid';
import { visibleEgress } from '../egress/visible.ts';
import { found, notFound, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { askNodes } from './ask-nodes.ts';
import { inWords, narrowed } from './narrowed.ts';

const minuteMs = 60_000;
/** A retry and a flush are done when they are applied; a node that was away this long does not do them any more. */
const onceMinutes = 60;
/** Longer than any entry lives (14 days): what is due late is cancelled too. */
const endingMinutes = 15 * 1440;
/** A suspension is over by then at the latest. */
const resumeMinutes = api.longestCommandMinutes + 1440;
const defaultMinutes = 60;
const mostCommands = 200;

export async function previewCommand(scope: Scope, { kind, scope: given }: z.output<typeof api.commandsPreview.input>) {
  return preview(scope, await narrowed(scope, kind, given));
}

async function preview(scope: Scope, within: CommandScope) {
  const answers = await askNodes(scope, { kind: 'count', scope: within }, within.node ?? null);
  const nodes = answers.map(({ node, answer }) => {
    if (answer?.kind === 'count') return { node, answered: true, matched: answer.matched, exact: answer.exact, note: answer.note };
    return {
      node,
      answered: false,
      matched: 0,
      exact: false,
      note: answer?.kind === 'refused' ? answer.message : 'the node did not answer',
    };
  });
  const counts = answers.flatMap(({ answer }) => (answer?.kind === 'count' ? [answer] : []));
  return {
    scope: within,
    matched: counts.reduce((sum, count) => sum + count.matched, 0),
    ready: counts.reduce((sum, count) => sum + count.ready, 0),
    inFlight: counts.reduce((sum, count) => sum + count.inFlight, 0),
    exact: nodes.every((node) => node.exact),
    nodes,
  };
}

export async function giveCommand(scope: Scope, input: z.output<typeof api.commandsIssue.input>) {
  const { kind, reason } = input;
  const within = await narrowed(scope, kind, input.scope);
  const poolId = kind === 'move' ? await poolToMoveTo(scope, within, input.poolId) : null;
  if (kind === 'resume' || kind === 'undrain') await assertSomethingEnds(scope, kind, within);
  return give(scope, { kind, within, reason, minutes: minutesOf(kind, input.minutes), poolId });
}

/** Ends mail for good: confirmed by its count, and begun after a moment in which it can be withdrawn. */
export async function purge(scope: Scope, { kind, scope: given, reason, confirm }: z.output<typeof api.commandsPurge.input>) {
  const within = await narrowed(scope, kind, given);
  await assertConfirmed(scope, within, confirm);
  return give(scope, { kind, within, reason, minutes: endingMinutes, poolId: null });
}

type Given = { kind: CommandKind; within: CommandScope; reason: string; minutes: number; poolId: string | null };

async function give(scope: Scope, { kind, within, reason, minutes, poolId }: Given) {
  const nowMs = scope.now.getTime();
  const ends = isEnding(kind);
  const command: EngineCommand = {
    ...{ id: newId(), kind, scope: within, reason, issuedBy: scope.actor.name, issuedAt: scope.now.toISOString() },
    expiresAt: instant(nowMs + minutes * minuteMs),
    // What comes in from now on is not meant.
    cutoffAt: ends || kind === 'retry' || kind === 'move' ? scope.now.toISOString() : null,
    startsAt: ends ? instant(nowMs + api.holdSeconds * 1000) : null,
    ...{ poolId, targetId: null },
  };
  await issue(scope, command);
  return { commandId: command.id, expiresAt: command.expiresAt, startsAt: command.startsAt };
}

export async function withdrawCommand(scope: Scope, { id, reason }: z.output<typeof api.commandsWithdraw.input>) {
  const target = found(
    (await readCommands(scope.sql, { limit: mostCommands, now: scope.now, activeOnly: true })).find((one) => one.id === id),
    `command ${id} in force`,
  );
  const { kind, scope: within, expiresAt } = target;
  assertMayTouch(scope, within, id);
  const command: EngineCommand = {
    ...{ id: newId(), kind: 'withdraw', scope: within, reason, issuedBy: scope.actor.name, issuedAt: scope.now.toISOString() },
    ...{ expiresAt, cutoffAt: null, startsAt: null, poolId: null, targetId: id },
  };
  await issue(scope, command, { withdrawn: kind });
  return { commandId: command.id };
}

export async function listCommands(scope: Scope, { limit, active }: z.output<typeof api.commandsList.input>) {
  const commands = await readCommands(scope.sql, { limit, now: scope.now, activeOnly: active });
  return Promise.all(commands.map(async (command) => ({ ...command, touches: await inWords(scope, command.scope) })));
}

async function issue(scope: Scope, command: EngineCommand, more: object = {}): Promise<void> {
  const { id, kind, scope: within, expiresAt, startsAt, reason } = command;
  await issueCommand(scope.sql, command);
  await scope.audit({
    action: `commands.${kind}`,
    target: `command:${command.targetId ?? id}`,
    reason,
    tenantId: within.tenant ?? null,
    after: { commandId: id, touches: await inWords(scope, within), expiresAt, startsAt, ...more },
  });
}

const instant = (ms: number): string => new Date(ms).toISOString();

function minutesOf(kind: EngineCommand['kind'], asked: number | undefined): number {
  switch (kind) {
    case 'suspend':
    case 'move':
    case 'drain':
    case 'use_source':
      return asked ?? defaultMinutes;
    case 'cancel':
    case 'bounce':
      return endingMinutes;
    case 'resume':
    case 'undrain':
    case 'withdraw':
      return resumeMinutes;
    case 'retry':
    case 'flush_dns':
    case 'flush_connections':
    case 'warm_up_skip':
    case 'warm_up_step_back':
    case 'warm_up_restart':
    case 'probe_source':
    case 'cancel_action':
    case 'pin_action':
    case 'unpin_action':
      return onceMinutes;
  }
}

/** Bound to a tenant: only to a pool of the stream that the scope names. */
async function poolToMoveTo(scope: Scope, within: CommandScope, poolId: string | undefined): Promise<string> {
  if (poolId === undefined) throw new Refusal('BAD_REQUEST', 'poolId: a move names the pool to move to');
  if (!(await visibleEgress(scope)).pool(poolId)) throw notFound(`pool ${poolId}`);
  found(await scope.db.ipPool.findUnique({ where: { id: poolId } }), `pool ${poolId}`);
  if (scope.actor.tenantId === null) return poolId;
  if (within.stream === undefined) throw new Refusal('BAD_REQUEST', 'scope.stream: name the stream whose mail is to move');
  const allowed = await scope.db.streamPool.findFirst({ where: { streamId: within.stream, poolId } });
  if (!allowed) throw new Refusal('BAD_REQUEST', 'poolId: the stream may not use this pool');
  return poolId;
}

async function assertSomethingEnds(scope: Scope, kind: 'resume' | 'undrain', within: CommandScope): Promise<void> {
  const wanted = kind === 'resume' ? 'suspend' : 'drain';
  const inForce = await readCommands(scope.sql, { limit: mostCommands, now: scope.now, activeOnly: true });
  // One of part of what is suspended lets that part go.
  const some = inForce.some((command) => command.kind === wanted && compatible(command.scope, within));
  if (!some) throw new Refusal('CONFLICT', kind === 'resume' ? 'this is not suspended' : 'this node is not drained');
}

function compatible(a: CommandScope, b: CommandScope): boolean {
  const other: { [name: string]: string | undefined } = { ...b };
  return Object.entries(a).every(([name, value]) => value === undefined || other[name] === undefined || other[name] === value);
}

async function assertConfirmed(scope: Scope, within: CommandScope, confirm: number): Promise<void> {
  const { matched } = await preview(scope, within);
  if (matched > confirm * (1 + api.confirmSlack) + 1) {
    throw new Refusal('CONFLICT', `it would touch ${matched} entries now, not ${confirm}; look again`);
  }
}

function assertMayTouch({ actor }: Scope, within: CommandScope, id: string): void {
  if (actor.tenantId !== null && within.tenant !== actor.tenantId) throw notFound(`command ${id} in force`);
}
