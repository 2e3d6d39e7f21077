// Inserts a batch of events and adds them to the minute rollups, each as one statement over one JSON parameter. Fields with a column of
// their own go there, all others into `body`; an engine with newer fields needs no new columns.
import type { DeliveryEvent } from '@sluice/contract';
import type pg from 'pg';

/** What shipping needs of a connection; a pg client fits. */
export interface Connection {
  query<T extends pg.QueryResultRow>(statement: string | pg.QueryConfig, values?: unknown[]): Promise<pg.QueryResult<T>>;
}

/** An event as the accounting log has it, and the hash of its record there (hex). */
export type LoggedEvent = { event: DeliveryEvent; contentHash: string };

const columns = `id, content_hash, at, type, tenant_id, stream_id, campaign, message_id, entry_id, sender, recipient, domain, source_id, provider, site, mx_host, body`;

const insertEvents = `insert into delivery_event (${columns})
  select id, content_hash, to_timestamp(at / 1000), type, tenant_id, stream_id, campaign, message_id, entry_id, sender, recipient, domain, source_id, provider, site, mx_host, body
    from json_to_recordset($1::json) as e(id text, content_hash text, at float8, type text, tenant_id uuid, stream_id uuid, campaign text, message_id text, entry_id text,
         sender text, recipient text, domain text, source_id uuid, provider text, site text, mx_host text, body json)`;

/** Ordered, so that two shippers at once take the rows in the same order. */
const addToRollups = `insert into rollup_minute as r (minute, tenant_id, stream_id, source_id, provider, type, count, latency_ms_sum)
  select to_timestamp(minute * 60), tenant_id, stream_id, source_id, provider, type, count, latency
    from json_to_recordset($1::json) as d(minute float8, tenant_id uuid, stream_id uuid, source_id uuid, provider text, type text, count bigint, latency bigint)
   order by 1, 2, 3, 4, 5, 6
  on conflict (minute, tenant_id, stream_id, source_id, provider, type) do update set count = r.count + excluded.count, latency_ms_sum = r.latency_ms_sum + excluded.latency_ms_sum`;

const columnOf = new Map<string, string>(
  Object.entries({
    id: 'id',
    at: 'at',
    type: 'type',
    tenantId: 'tenant_id',
    streamId: 'stream_id',
    campaign: 'campaign',
    messageId: 'message_id',
    entryId: 'entry_id',
    sender: 'sender',
    recipient: 'recipient',
    domain: 'domain',
    sourceId: 'source_id',
    provider: 'provider',
    site: 'site',
    mxHost: 'mx_host',
  } satisfies Partial<Record<keyof DeliveryEvent, string>>),
);

/** Nulls are left out: a third less to send, parse and keep. */
function rowOf({ event, contentHash }: LoggedEvent): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  const row: Record<string, unknown> = { content_hash: contentHash, body };
  for (const [field, value] of Object.entries(event)) {
    const column = columnOf.get(field);
    if (value === null) continue;
    if (column === undefined) body[field] = value;
    else row[column] = value;
  }
  return row;
}

const minuteMs = 60_000;

type Delta = {
  minute: number;
  tenant_id: string | null;
  stream_id: string | null;
  source_id: string | null;
  provider: string | null;
  type: string;
  count: number;
  latency: number;
};

/** What a batch adds to each minute. */
export function rollupDeltas(events: readonly LoggedEvent[]): Delta[] {
  const deltas = new Map<string, Delta>();
  for (const { event } of events) {
    const minute = Math.floor(event.at / minuteMs);
    const key = `${minute}|${event.type}|${event.streamId}|${event.sourceId}|${event.tenantId}|${event.provider}`;
    let delta = deltas.get(key);
    if (!delta) {
      delta = {
        minute,
        tenant_id: event.tenantId,
        stream_id: event.streamId,
        source_id: event.sourceId,
        provider: event.provider,
        type: event.type,
        count: 0,
        latency: 0,
      };
      deltas.set(key, delta);
    }
    delta.count += 1;
    delta.latency += event.latencyMs ?? 0;
  }
  return [...deltas.values()];
}

/** Inside a transaction. Rejects with Postgres's error; then the caller rolls back to before. */
export async function insertBatch(client: Connection, events: readonly LoggedEvent[]): Promise<void> {
  await client.query({ name: 'insert-events', text: insertEvents, values: [JSON.stringify(events.map(rowOf))] });
  await client.query({ name: 'add-to-rollups', text: addToRollups, values: [JSON.stringify(rollupDeltas(events))] });
}
