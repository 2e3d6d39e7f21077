// All events of one entry, oldest first.
import type { DeliveryEvent } from '@sluice/contract';
import { eventOf, eventSelect, type EventRow } from './event-row.ts';
import type { Sql } from './sql.ts';

const maxEvents = 1000;

export async function timeline(sql: Sql, entryId: string): Promise<DeliveryEvent[]> {
  const text = `select ${eventSelect} from delivery_event e where e.entry_id = $1::text order by e.at, e.received_at, e.seq limit $2::int`;
  const rows = await sql.query<EventRow>(text, [entryId, maxEvents]);
  return rows.map(eventOf);
}
