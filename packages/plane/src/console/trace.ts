// All events of one recipient address, oldest first; of more than `limit` the newest are kept.
import type { DeliveryEvent } from '@sluice/contract';
import { eventOf, eventSelect, type EventRow } from './event-row.ts';
import { recipientFilter } from './recipient-filter.ts';
import type { Sql } from './sql.ts';

export async function trace(sql: Sql, { recipient, limit }: { recipient: string; limit: number }): Promise<DeliveryEvent[]> {
  const { domain, address } = recipientFilter(recipient);
  const rows = await sql.query<EventRow>(
    `select ${eventSelect} from delivery_event e where e.domain = $1::text and lower(e.recipient) = $2::text order by e.received_at desc, e.seq desc limit $3::int`,
    [domain, address ?? '', limit],
  );
  return rows.reverse().map(eventOf);
}
