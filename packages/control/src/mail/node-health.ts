// How each node is, from its newest frame and its answer to the newest revision; and what of it a tenant-bound operator gets to see.
import type { MetricsFrame } from '@sluice/contract';
import type { NodeHealth } from '@sluice/contract/api';
import type { NodeRow } from '@sluice/plane/console';

/** Without a frame for this long a node counts as not heard from. */
export const staleMs = 5_000;

export function nodeHealth(row: NodeRow, egress: NodeHealth['egress'], now: Date): NodeHealth {
  return {
    node: row.name,
    state: stateOf(row, now),
    egress: row.frame?.egress ?? egress,
    revision: runs(row),
    headRevision: row.headRevision,
    lastFrameAt: row.frameAt?.toISOString() ?? null,
    problems: row.ackStatus === 'refused' ? row.problems : [],
    frame: row.frame,
  };
}

/** An acknowledgement comes up to a second before the frame that shows it; a refused revision does not run. */
function runs({ ackStatus, revision, frame }: NodeRow): number | null {
  return ackStatus === 'applied' && revision !== null ? Math.max(revision, frame?.revision ?? 0) : (frame?.revision ?? null);
}

function stateOf(row: NodeRow, now: Date): NodeHealth['state'] {
  if (row.frameAt === null || now.getTime() - row.frameAt.getTime() > staleMs) return 'stale';
  // An old refusal says nothing about a newer revision that the node has since begun to run.
  if (row.ackStatus === 'refused' && (row.revision ?? 0) > (runs(row) ?? 0)) return 'refusing';
  return (runs(row) ?? 0) < row.headRevision ? 'behind' : 'running';
}

export interface TenantView {
  readonly tenantId: string;
  readonly source: (id: string) => boolean;
}

/** Without other tenants' queues, without sources they do not use, and without problems, which name entities of any tenant. */
export function narrowed(health: NodeHealth, to: TenantView): NodeHealth {
  const frame: MetricsFrame | null = health.frame && {
    ...health.frame,
    sources: health.frame.sources.filter((entry) => to.source(entry.sourceId)),
    topQueues: health.frame.topQueues.filter((queue) => queue.tenantId === to.tenantId),
  };
  return { ...health, problems: [], frame };
}
