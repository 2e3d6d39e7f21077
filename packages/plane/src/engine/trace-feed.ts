// Traces that this node is to run, and what it tells of them. A batch is its lines and how far the trace is, in one statement; writing it
// again changes nothing. Lines belong to the tenant of their trace, whatever the node says.
import { traceBounds, traceOrder, type TraceBatch, type TraceOrder } from '@sluice/contract';
import { channels } from '../channels.ts';
import type { EngineDatabase } from './database.ts';
import { followWith, type NodeLink } from './follower.ts';
import type { Following, TraceFeed } from './ports.ts';

type Row = Omit<TraceOrder, 'expiresAt' | 'already'> & { expiresAt: Date; already: TraceOrder['already'] | null };

const toRun = `select t.id::text as id, t.scope, t.sessions, t.lines, t.expires_at as "expiresAt",
    case when r.node is null then null else jsonb_build_object('sessions', r.sessions, 'lines', r.lines, 'dropped', r.dropped) end as already
  from protocol_trace t left join protocol_trace_report r on r.trace_id = t.id and r.node = $1
  where t.expires_at > now() and t.stopped_at is null and r.ended is null order by t.seq limit $2::int`;

const told = `with trace as (select id, tenant_id from protocol_trace where id = $1::uuid),
  lines as (
    insert into protocol_trace_line (trace_id, node, seq, tenant_id, session, at, since_ms, kind, text)
    select trace.id, $2::text, l.seq, trace.tenant_id, l.session, l.at, l."sinceMs", l.kind, l.text
      from trace, jsonb_to_recordset($3::jsonb) as l(seq int, session int, at timestamptz, "sinceMs" float8, kind text, text text)
    on conflict do nothing)
  insert into protocol_trace_report (trace_id, node, tenant_id, sessions, lines, dropped, ended, at)
  select trace.id, $2::text, trace.tenant_id, $4::int, $5::int, $6::int, $7::text, now() from trace
  on conflict (trace_id, node) do update
    set sessions = excluded.sessions, lines = excluded.lines, dropped = excluded.dropped, ended = excluded.ended, at = excluded.at`;

export class PgTraceFeed implements TraceFeed {
  readonly #link: NodeLink;

  constructor(link: NodeLink) {
    this.#link = link;
  }

  follow(apply: (orders: readonly TraceOrder[]) => void): Following {
    const look = async (): Promise<boolean> => {
      const rows = await this.#link.database.query<Row>(toRun, [this.#link.node, traceBounds.runningOnNode]);
      const orders = rows.flatMap(({ expiresAt, already, ...row }) => {
        // What this node does not understand it leaves alone: a scope that is read in part would show too much.
        const parsed = traceOrder.safeParse({
          ...row,
          expiresAt: expiresAt.toISOString(),
          already: already ?? { sessions: 0, lines: 0, dropped: 0 },
        });
        return parsed.success ? [parsed.data] : [];
      });
      apply(orders);
      return false;
    };
    return followWith({ ...this.#link, channel: channels.trace, name: 'traces' }, look);
  }

  async write({ traceId, lines, report }: TraceBatch): Promise<void> {
    const { sessions, lines: count, dropped, ended } = report;
    await this.#link.database.query(told, [traceId, this.#link.node, JSON.stringify(lines), sessions, count, dropped, ended]);
  }
}

/** Traces whose time was over some hours ago, with all that was told of them. */
export async function dropOldTraces(database: EngineDatabase): Promise<boolean> {
  await database.query("delete from protocol_trace where expires_at < now() - $1::int * interval '1 hour'", [traceBounds.keepHours]);
  return false;
}
