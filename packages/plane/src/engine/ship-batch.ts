// Copies a stretch of an accounting log into Postgres exactly once: events, rollups and the log's position are one transaction, and the
// position must be where the stretch begins. The row of the position is the only guard against doubles; no unique index is needed on the
// events, which would be their dearest part. An event that Postgres refuses is found by halving and set aside with the error.
import { insertBatch, type Connection, type LoggedEvent } from './event-insert.ts';
import { messageOf } from './database.ts';

/** One worker's accounting log; a new or restored data folder has a new `logId`. */
export type LogName = { node: string; worker: string; logId: string };
export type LogPosition = { segment: number; offset: number };

export type Stretch = {
  /** Where the stretch begins; null at the very beginning of a log. */
  from: LogPosition | null;
  to: LogPosition;
  events: readonly LoggedEvent[];
};

/** `moved`: the stored position is another than `from`; go on from `position`, nothing was written. */
export type ShipResult = { ok: true; refused: number } | { ok: false; code: 'moved'; position: LogPosition | null };

const maxErrorLength = 500;

type Stored = { segment: number; offset: number };
const key = ({ node, worker, logId }: LogName) => [node, worker, logId];

/** How far the log has been copied; null when nothing of it has. */
export async function readPosition(client: Connection, log: LogName, lock = false): Promise<LogPosition | null> {
  const text = `select segment, byte_offset::float8 as "offset" from event_position where node = $1 and worker = $2 and log_id = $3${lock ? ' for update' : ''}`;
  const { rows } = await client.query<Stored>(text, key(log));
  return rows[0] ?? null;
}

/** False when another transaction wrote the first position of this log meanwhile. */
async function storePosition(client: Connection, log: LogName, to: LogPosition, first: boolean): Promise<boolean> {
  const text = first
    ? `insert into event_position (node, worker, log_id, segment, byte_offset) values ($1, $2, $3, $4, $5) on conflict do nothing`
    : `update event_position set segment = $4, byte_offset = $5, updated_at = now() where node = $1 and worker = $2 and log_id = $3`;
  return (await client.query(text, [...key(log), to.segment, to.offset])).rowCount === 1;
}

/** Errors that the data itself causes and that no retry cures: data exceptions, constraint violations, limits of the program (an index row too long). */
function isRefusal(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(?:22|23|54)...$/.test(code);
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Postgres text holds no NUL. */
const storable = (text: string) => text.replaceAll('\0', '\ufffd').toWellFormed();

async function setAside(client: Connection, log: LogName, { event, contentHash }: LoggedEvent, error: unknown): Promise<void> {
  const tenantId = event.tenantId !== null && uuid.test(event.tenantId) ? event.tenantId : null;
  await client.query(
    `insert into event_refused (node, worker, log_id, event_id, content_hash, tenant_id, event, error) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...key(log),
      storable(event.id),
      storable(contentHash),
      tenantId,
      Buffer.from(JSON.stringify(event)),
      storable(messageOf(error)).slice(0, maxErrorLength),
    ],
  );
}

/** Inserts all that Postgres takes. Returns how many it refused. */
async function insertOrSetAside(client: Connection, log: LogName, events: readonly LoggedEvent[]): Promise<number> {
  const [first] = events;
  if (!first) return 0;
  await client.query('savepoint batch');
  try {
    await insertBatch(client, events);
    await client.query('release savepoint batch');
    return 0;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await client.query('rollback to savepoint batch');
    await client.query('release savepoint batch');
    if (events.length === 1) {
      await setAside(client, log, first, error);
      return 1;
    }
    const middle = events.length >> 1;
    return (await insertOrSetAside(client, log, events.slice(0, middle))) + (await insertOrSetAside(client, log, events.slice(middle)));
  }
}

const same = (a: LogPosition | null, b: LogPosition | null) => a?.segment === b?.segment && a?.offset === b?.offset;

/** Copies one stretch. Rejects when Postgres is away or ails; then nothing was written and the same call may be made again. */
export async function shipBatch(client: Connection, log: LogName, { from, to, events }: Stretch): Promise<ShipResult> {
  await client.query('begin');
  try {
    const stored = await readPosition(client, log, true);
    if (!same(stored, from)) {
      await client.query('rollback');
      return { ok: false, code: 'moved', position: stored };
    }
    const refused = await insertOrSetAside(client, log, events);
    if (!(await storePosition(client, log, to, stored === null))) {
      await client.query('rollback');
      return { ok: false, code: 'moved', position: await readPosition(client, log) };
    }
    await client.query('commit');
    return { ok: true, refused };
  } catch (error) {
    await client.query('rollback').catch(() => undefined); // the connection may be what failed; its end rolls back too
    throw error;
  }
}
