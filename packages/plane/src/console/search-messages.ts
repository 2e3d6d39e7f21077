// Entries (message x recipient), newest accepted first, each with its newest event. A page starts where the last one ended: at a place in
// the order of receipt, not at a count of rows, so that new mail shifts nothing.
import type { EventType, RemoteReply } from '@sluice/contract';
import { recipientFilter } from './recipient-filter.ts';
import type { Sql } from './sql.ts';

export type MessageRow = {
  entryId: string;
  messageId: string;
  tenantId: string;
  sender: string | null;
  recipient: string;
  /** Type of the newest event. */
  state: EventType;
  acceptedAt: Date;
  lastEventAt: Date;
  attempts: number;
  lastReply: RemoteReply | null;
};
export type MessagePage = { items: MessageRow[]; nextCursor: string | null };

type Row = MessageRow & { place: string };

const cursorForm = /^(\d{1,16})\.(\d{1,19})$/;

/** `recipient`: an address, `@domain`, or absent for all mail. A cursor that is not ours starts at the beginning. */
export async function searchMessages(
  sql: Sql,
  { recipient, cursor, limit }: { recipient?: string; cursor?: string; limit: number },
): Promise<MessagePage> {
  const filter = recipient === undefined ? null : recipientFilter(recipient);
  const after = cursorForm.exec(cursor ?? '');
  const conditions = [`a.type = 'accepted'`];
  const values: unknown[] = [limit + 1];
  const use = (value: unknown) => `$${values.push(value)}`;
  if (filter) conditions.push(`a.domain = ${use(filter.domain)}::text`);
  if (filter?.address) conditions.push(`lower(a.recipient) = ${use(filter.address)}::text`);
  if (after) {
    const micros = `${use(after[1])}::text`;
    conditions.push(
      `(a.received_at, a.seq) < (timestamptz 'epoch' + (${micros} || ' microseconds')::interval, ${use(after[2])}::text::bigint)`,
    );
  }
  const rows = await sql.query<Row>(
    `select a.entry_id as "entryId", a.message_id as "messageId", a.tenant_id::text as "tenantId", a.sender, a.recipient, a.at as "acceptedAt",
            n.type as state, n.at as "lastEventAt", n.attempts, n.reply as "lastReply",
            (extract(epoch from a.received_at) * 1000000)::bigint::text || '.' || a.seq::text as place
       from (select * from delivery_event a where ${conditions.join(' and ')} order by a.received_at desc, a.seq desc limit $1::int) a
       cross join lateral (
         select (array_agg(e.type order by e.at desc, e.received_at desc, e.seq desc))[1] as type, max(e.at) as at, coalesce(max((e.body ->> 'attempt')::int), 0) as attempts,
                (array_agg(e.body -> 'reply' order by e.at desc, e.received_at desc, e.seq desc) filter (where json_typeof(e.body -> 'reply') = 'object'))[1] as reply
           from delivery_event e where e.entry_id = a.entry_id) n
      order by a.received_at desc, a.seq desc`,
    values,
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { items: page.map(({ place: _place, ...row }) => row), nextCursor: rows.length > limit && last ? last.place : null };
}
