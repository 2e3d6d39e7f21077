// Live protocol traces as the console orders and reads them. Rows belong to the tenant that the scope names, lines with them.
import type { CommandScope, TraceLine, TraceReport } from '@sluice/contract';
import { channels } from '../channels.ts';
import { json, type Sql } from './sql.ts';

export type TraceDraft = {
  id: string;
  scope: CommandScope;
  sessions: number;
  lines: number;
  reason: string;
  startedBy: string;
  startedAt: string;
  expiresAt: string;
};
export type TraceRow = Omit<TraceDraft, 'startedAt' | 'expiresAt'> & {
  startedAt: Date;
  expiresAt: Date;
  stoppedAt: Date | null;
  reports: (TraceReport & { at: string })[];
};
export type ToldLine = TraceLine & { node: string };

/** As many as a trace has lines. */
const mostRecipients = 10_000;

const hint = `select pg_notify('${channels.trace}', '')::text as hint`;

export async function startTrace(sql: Sql, draft: TraceDraft): Promise<void> {
  const { id, scope, sessions, lines, reason, startedBy, startedAt, expiresAt } = draft;
  await sql.query(
    `insert into protocol_trace (id, tenant_id, scope, sessions, lines, reason, started_by, started_at, expires_at)
     values ($1::uuid, $2::text::uuid, $3::jsonb, $4::int, $5::int, $6::text, $7::text, $8::text::timestamptz, $9::text::timestamptz)
     returning id::text as id`,
    [id, scope.tenant ?? null, json(scope), sessions, lines, reason, startedBy, startedAt, expiresAt],
  );
  await sql.query(hint, []);
}

/** False when there is none that runs. */
export async function stopTrace(sql: Sql, id: string, now: Date): Promise<boolean> {
  const rows = await sql.query<{ id: string }>(
    `update protocol_trace set stopped_at = $2::text::timestamptz
      where id = $1::uuid and stopped_at is null and expires_at > $2::text::timestamptz returning id::text as id`,
    [id, now.toISOString()],
  );
  await sql.query(hint, []);
  return rows.length > 0;
}

const columns = `t.id::text as id, t.scope, t.sessions, t.lines, t.reason, t.started_by as "startedBy", t.started_at as "startedAt",
  t.expires_at as "expiresAt", t.stopped_at as "stoppedAt",
  coalesce((select jsonb_agg(jsonb_build_object('node', r.node, 'sessions', r.sessions, 'lines', r.lines, 'dropped', r.dropped,
                                                'ended', r.ended, 'at', r.at) order by r.node)
              from protocol_trace_report r where r.trace_id = t.id), '[]'::jsonb) as reports`;

/** Newest first; one when `id` is given. */
export function protocolTraces(sql: Sql, { limit, id = null }: { limit: number; id?: string | null }): Promise<TraceRow[]> {
  return sql.query<TraceRow>(
    `select ${columns} from protocol_trace t where ($2::text is null or t.id = $2::text::uuid) order by t.seq desc limit $1::int`,
    [limit, id],
  );
}

/** Lines after those that are known, by node: the lines of one node come without gaps. */
export async function traceLines(
  sql: Sql,
  { id, after, limit }: { id: string; after: Readonly<Record<string, number>>; limit: number },
): Promise<ToldLine[]> {
  const rows = await sql.query<Omit<ToldLine, 'at'> & { at: Date }>(
    `select node, seq, session, at, since_ms as "sinceMs", kind, text from protocol_trace_line
      where trace_id = $1::uuid and seq > coalesce(($2::jsonb ->> node)::int, 0) order by at, node, seq limit $3::int`,
    [id, json(after), limit],
  );
  return rows.map(({ at, ...line }) => ({ ...line, at: at.toISOString() }));
}

/** Whom the sessions of these lines were told to deliver to, as written on the wire: at most `mostRecipients`, the newest. */
export async function traceRecipients(
  sql: Sql,
  id: string,
  lines: readonly Pick<ToldLine, 'node' | 'session'>[],
): Promise<{ node: string; session: number; recipient: string }[]> {
  const sessions = [...new Set(lines.map(({ node, session }) => json([node, session])))];
  return sql.query<{ node: string; session: number; recipient: string }>(
    `select l.node, l.session, substring(l.text from '<(.*)>') as recipient from protocol_trace_line l
      where l.trace_id = $1::uuid and l.kind = 'sent' and l.text ilike 'rcpt to:<%>%'
        and jsonb_build_array(l.node, l.session) in (select value from jsonb_array_elements($2::jsonb))
      order by l.node, l.seq desc limit ${mostRecipients}`,
    [id, `[${sessions.join(',')}]`],
  );
}
