// Every node that ever reported, with its newest frame and its answer to the newest revision it was offered.
import type { ConfigProblem, MetricsFrame } from '@sluice/contract';
import type { Sql } from './sql.ts';

export type NodeRow = {
  name: string;
  lastSeenAt: Date;
  bootId: string | null;
  /** The newest revision it answered, its content root as the node has it, and the answer. Null before the first answer. */
  revision: number | null;
  contentRoot: string | null;
  ackStatus: 'applied' | 'refused' | null;
  ackedAt: Date | null;
  problems: ConfigProblem[];
  frame: MetricsFrame | null;
  frameAt: Date | null;
  headRevision: number;
  headContentRoot: string;
};

export const nodesStatement = `select n.name, n.last_seen_at as "lastSeenAt", n.boot_id as "bootId", n.revision, n.content_root as "contentRoot", n.ack_status as "ackStatus",
    n.acked_at as "ackedAt", n.problems, f.frame, f.at as "frameAt", h.number as "headRevision", h.content_root as "headContentRoot"
  from node n cross join config_head h left join metrics_frame f on f.node = n.name order by n.name limit 1000`;

export function nodes(sql: Sql): Promise<NodeRow[]> {
  return sql.query<NodeRow>(nodesStatement, []);
}
