// What waits, and why: asked of the running nodes, within the operator's tenant.
import type { Hold } from '@sluice/contract';
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { timeline } from '@sluice/plane/console';
import { askNodes, silentOf } from '../commands/ask-nodes.ts';
import { narrowedFilter } from '../commands/narrowed.ts';
import { eventViews } from '../mail/event-view.ts';
import { shown } from '../mail/personal-data.ts';
import { found, notFound } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { holdsFor } from './holds-for.ts';

export async function listQueues(scope: Scope, input: z.output<typeof api.queuesList.input>) {
  const { sort, limit } = input;
  const within = await narrowedFilter(scope, input.scope);
  const answers = await askNodes(scope, { kind: 'queues', scope: within, sort, limit });
  const told = answers.flatMap(({ node, answer }) => (answer?.kind === 'queues' ? [{ node, ...answer }] : []));
  const rows = told.flatMap(({ node, queues }) => queues.map((queue) => ({ ...queue, node }))).filter((row) => mayShow(scope, row));
  rows.sort((a, b) => (sort === 'size' ? b.count - a.count : (a.oldestAt ?? Infinity) - (b.oldestAt ?? Infinity)));
  const page = rows.slice(0, limit);
  const names = await tenantNames(scope, page);
  return {
    queues: page.map((row) => ({
      ...shownRow(scope, row),
      tenantName: names.get(row.tenantId) ?? null,
      streamName: names.get(row.streamId) ?? null,
    })),
    total: told.reduce((sum, answer) => sum + answer.total, 0),
    entries: told.reduce((sum, answer) => sum + answer.entries, 0),
    silent: silentOf(answers),
  };
}

export async function explainQueue(scope: Scope, { queue }: z.output<typeof api.queuesExplain.input>) {
  const { tenantId, streamId } = queue;
  found(await scope.db.tenant.findUnique({ where: { id: tenantId } }), `tenant ${tenantId}`);
  found(await scope.db.stream.findFirst({ where: { id: streamId, tenantId } }), `stream ${streamId}`);
  const answers = await askNodes(scope, { kind: 'explain', queue });
  const told = answers.flatMap(({ node, answer }) => (answer?.kind === 'explain' ? [{ node, row: answer.row, holds: answer.holds }] : []));
  return {
    nodes: await Promise.all(
      told.map(async ({ node, row, holds }) => ({ node, row: row && shownRow(scope, row), holds: await holdsFor(scope, holds) })),
    ),
    silent: silentOf(answers),
  };
}

const over = new Set(['delivered', 'bounced', 'expired', 'cancelled']);

export async function explainMessage(scope: Scope, { entryId }: z.output<typeof api.messagesExplain.input>) {
  const events = await timeline(scope.sql, entryId);
  const last = events.at(-1);
  if (!last) throw notFound(`entry ${entryId}`);
  const [view] = await eventViews(scope, [last]);
  if (!view) throw notFound(`entry ${entryId}`);
  const queued = !over.has(last.type);
  const { tenantId, streamId, campaign, domain } = last;
  if (!queued || tenantId === null || streamId === null || domain === null) return { queued, last: view, holds: [], answered: true };
  const [told] = await askNodes(scope, { kind: 'explain', queue: { tenantId, streamId, campaign, domain } }, last.node);
  const ofQueue = told?.answer?.kind === 'explain' ? told.answer.holds.filter((hold) => hold.kind !== 'back_off') : [];
  const backOff: Hold | null =
    last.nextAttemptAt !== null && last.nextAttemptAt > scope.now.getTime()
      ? {
          kind: 'back_off',
          detail: `deferred at attempt ${last.attempt ?? 0}; waits for its next attempt`,
          clearsAt: last.nextAttemptAt,
          ...{ entries: null, sourceId: last.sourceId, commandId: null, limit: null, reply: last.reply },
        }
      : null;
  const holds = await holdsFor(scope, backOff ? [backOff, ...ofQueue] : ofQueue, last.recipient);
  return { queued, last: view, holds, answered: told?.answer?.kind === 'explain' };
}

/** What holds it may be a reply, which names whom it was about. */
const shownRow = <T extends { heldBy: string | null }>({ actor }: Scope, row: T): T => ({ ...row, heldBy: shown(actor).text(row.heldBy) });

/** The node was asked for one tenant's queues; what is not that tenant's is not shown, whatever it answers. */
function mayShow({ actor }: Scope, row: { tenantId: string }): boolean {
  return actor.tenantId === null || row.tenantId === actor.tenantId;
}

/** Names by id, of tenants and streams alike. */
async function tenantNames({ db }: Scope, rows: readonly { tenantId: string; streamId: string }[]): Promise<Map<string, string>> {
  const [tenants, streams] = await Promise.all([
    db.tenant.findMany({ where: { id: { in: [...new Set(rows.map((row) => row.tenantId))] } }, select: { id: true, name: true } }),
    db.stream.findMany({ where: { id: { in: [...new Set(rows.map((row) => row.streamId))] } }, select: { id: true, name: true } }),
  ]);
  return new Map([...tenants, ...streams].map(({ id, name }) => [id, name]));
}
