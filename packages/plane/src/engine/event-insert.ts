// Inserts a batch of events and adds them to the minute rollups, each as one statement. Fields with a column of their own go there, all
// others into `body`; an engine with newer fields needs no new columns. Events go as one array a column: Postgres takes half the time that
// it needs for objects of JSON, with their names in every one.
import type { DeliveryEvent } from '@sluice/contract';
import type pg from 'pg';
import { textArray } from './text-array.ts';

/** What shipping needs of a connection; a pg client fits. */
export interface Connection {
  query<T extends pg.QueryResultRow>(statement: string | pg.QueryConfig, values?: unknown[]): Promise<pg.QueryResult<T>>;
}

/** An event as the accounting log has it, and the hash of its record there (hex). */
export type LoggedEvent = { event: DeliveryEvent; contentHash: string };

/** Columns of an event other than `body`, with their types. */
const columns = {
  id: ['id', 'text'],
  at: ['at', 'float8'],
  type: ['type', 'text'],
  tenantId: ['tenant_id', 'uuid'],
  streamId: ['stream_id', 'uuid'],
  campaign: ['campaign', 'text'],
  messageId: ['message_id', 'text'],
  entryId: ['entry_id', 'text'],
  sender: ['sender', 'text'],
  recipient: ['recipient', 'text'],
  domain: ['domain', 'text'],
  sourceId: ['source_id', 'uuid'],
  provider: ['provider', 'text'],
  site: ['site', 'text'],
  mxHost: ['mx_host', 'text'],
} as const satisfies Partial<Record<keyof DeliveryEvent, readonly [name: string, type: string]>>;

const columnFields = Object.keys(columns) as (keyof typeof columns)[];
const withColumn: ReadonlySet<string> = new Set(columnFields);
const typed = [...Object.values(columns), ['content_hash', 'text'], ['body', 'json']] as const;
const names = typed.map(([name]) => name).join(', ');

/** Every value comes as text and is read as its column's type here. */
const insertEvents = `insert into delivery_event (${names})
  select ${typed.map(([name, type]) => (name === 'at' ? 'to_timestamp(at::float8 / 1000)' : `${name}::${type}`)).join(', ')}
    from unnest(${typed.map((_, index) => `$${index + 1}::text[]`).join(', ')}) as e(${names})`;

/** Ordered, so that two shippers at once take the rows in the same order. */
const addToRollups = `insert into rollup_minute as r (minute, tenant_id, stream_id, source_id, provider, type, count, latency_ms_sum)
  select to_timestamp(minute * 60), tenant_id, stream_id, source_id, provider, type, count, latency
    from json_to_recordset($1::json) as d(minute float8, tenant_id uuid, stream_id uuid, source_id uuid, provider text, type text, count bigint, latency bigint)
   order by 1, 2, 3, 4, 5, 6
  on conflict (minute, tenant_id, stream_id, source_id, provider, type) do update set count = r.count + excluded.count, latency_ms_sum = r.latency_ms_sum + excluded.latency_ms_sum`;

/** What has no column, as JSON; nulls are left out. */
function bodyOf(event: DeliveryEvent): string {
  const body: Record<string, unknown> = {};
  for (const field in event) {
    const value = event[field as keyof DeliveryEvent];
    if (value !== null && !withColumn.has(field)) body[field] = value;
  }
  return JSON.stringify(body);
}

/** A list of values for every column, in the order of `names`. */
function valuesOf(events: readonly LoggedEvent[]): Buffer[] {
  return [
    ...columnFields.map((field) => events.map(({ event }) => (field === 'at' ? String(event.at) : event[field]))),
    events.map(({ contentHash }) => contentHash),
    events.map(({ event }) => bodyOf(event)),
  ].map(textArray);
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
  await client.query({ name: 'insert-events', text: insertEvents, values: valuesOf(events) });
  await client.query({ name: 'add-to-rollups', text: addToRollups, values: [JSON.stringify(rollupDeltas(events))] });
}
