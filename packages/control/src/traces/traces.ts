// Live protocol traces as operators order and read them: a scope narrowed to what the operator may see, an end of its own, and lines as
// far as they are known. Which lines there are was decided on the node, by the scope that is written here.
import { traceBounds, traceScopeProblem } from '@sluice/contract';
import type * as api from '@sluice/contract/api';
import * as plane from '@sluice/plane/console';
import { v7 as newId } from 'uuid';
import type { z } from 'zod';
import { inWords, narrowedFilter } from '../commands/narrowed.ts';
import { shown } from '../mail/personal-data.ts';
import { found, notFound, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';

const minuteMs = 60_000;
const mostTraces = 200;

export async function startTrace(scope: Scope, input: z.output<typeof api.tracesStart.input>) {
  const { minutes, sessions, lines, reason } = input;
  const problem = traceScopeProblem(input.scope);
  if (problem !== null) throw new Refusal('BAD_REQUEST', problem);
  const within = await narrowedFilter(scope, input.scope);
  if (within === null) throw new Refusal('BAD_REQUEST', 'a trace names at least one thing it shows');
  await assertRoom(scope);
  const id = newId();
  const startedAt = scope.now.toISOString();
  const expiresAt = new Date(scope.now.getTime() + minutes * minuteMs).toISOString();
  await plane.startTrace(scope.sql, { id, scope: within, sessions, lines, reason, startedBy: scope.actor.name, startedAt, expiresAt });
  await scope.audit({
    ...{ action: 'traces.start', target: `trace:${id}`, reason, tenantId: within.tenant ?? null },
    after: { touches: await inWords(scope, within), sessions, lines, expiresAt },
  });
  return { traceId: id, expiresAt };
}

export async function stopTrace(scope: Scope, { id, reason }: z.output<typeof api.tracesStop.input>) {
  const [trace] = await plane.protocolTraces(scope.sql, { limit: 1, id });
  if (!trace || !(await plane.stopTrace(scope.sql, id, scope.now))) throw notFound(`a running trace ${id}`);
  await scope.audit({ action: 'traces.stop', target: `trace:${id}`, reason, tenantId: trace.scope.tenant ?? null });
  return { traceId: id };
}

export async function listTraces(scope: Scope, { limit }: z.output<typeof api.tracesList.input>) {
  const rows = await plane.protocolTraces(scope.sql, { limit });
  return Promise.all(rows.map((row) => viewOf(scope, row)));
}

export async function traceLines(scope: Scope, { id, after, limit }: z.output<typeof api.tracesLines.input>) {
  const [trace] = await plane.protocolTraces(scope.sql, { limit: 1, id });
  const view = await viewOf(scope, found(trace, `trace ${id}`));
  return { trace: view, lines: await readable(scope, id, await plane.traceLines(scope.sql, { id, after, limit })) };
}

/** Without the grant, lines name no recipient: not in a command, and not in what the server said about whom it was told of before. */
async function readable(scope: Scope, id: string, lines: plane.ToldLine[]): Promise<plane.ToldLine[]> {
  const show = shown(scope.actor);
  if (!show.masks || lines.length === 0) return lines;
  const sessions = new Map<string, string[]>();
  for (const { node, session, recipient } of await plane.traceRecipients(scope.sql, id, lines)) {
    const key = `${node} ${session}`;
    sessions.set(key, [...(sessions.get(key) ?? []), recipient]);
  }
  return lines.map((line) => ({ ...line, text: show.text(line.text, sessions.get(`${line.node} ${line.session}`) ?? []) }));
}

async function assertRoom(scope: Scope): Promise<void> {
  const most = scope.actor.tenantId === null ? traceBounds.running : traceBounds.runningOfTenant;
  const running = (await plane.protocolTraces(scope.sql, { limit: mostTraces })).filter((row) => isRunning(scope, row)).length;
  if (running >= most) throw new Refusal('CONFLICT', `${running} traces run already; stop one first`);
}

/** Every node says within a second that it has begun; one that has not said anything counts for nothing. */
function isRunning({ now }: Scope, { stoppedAt, expiresAt, reports }: plane.TraceRow): boolean {
  if (stoppedAt !== null || expiresAt <= now) return false;
  return reports.length === 0 || reports.some(({ ended }) => ended === null);
}

async function viewOf(scope: Scope, row: plane.TraceRow) {
  const { startedAt, expiresAt, stoppedAt } = row;
  return {
    ...row,
    touches: await inWords(scope, row.scope),
    ...{ startedAt: startedAt.toISOString(), expiresAt: expiresAt.toISOString(), stoppedAt: stoppedAt?.toISOString() ?? null },
    running: isRunning(scope, row),
  };
}
