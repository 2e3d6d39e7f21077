// The newest events, newest first.
import type { DeliveryEvent } from '@sluice/contract';
import { eventOf, eventSelect, type EventRow } from './event-row.ts';
import type { Sql } from './sql.ts';

export async function lastEvents(sql: Sql, limit: number): Promise<DeliveryEvent[]> {
  const rows = await sql.query<EventRow>(
    `select ${eventSelect} from delivery_event e order by e.received_at desc, e.seq desc limit $1::int`,
    [limit],
  );
  return rows.map(eventOf);
}
