// An event as it comes back: the columns that are searched, and `body` with the fields that have no column of their own.
import { noEventFacts, type DeliveryEvent } from '@sluice/contract';

export const eventSelect = `e.id, e.at, e.type, e.tenant_id::text as "tenantId", e.stream_id::text as "streamId", e.campaign, e.message_id as "messageId", e.entry_id as "entryId",
  e.sender, e.recipient, e.domain, e.source_id::text as "sourceId", e.provider, e.site, e.mx_host as "mxHost", e.body`;

type Column =
  | 'id'
  | 'type'
  | 'tenantId'
  | 'streamId'
  | 'campaign'
  | 'messageId'
  | 'entryId'
  | 'sender'
  | 'recipient'
  | 'domain'
  | 'sourceId'
  | 'provider'
  | 'site'
  | 'mxHost';
type Rest = Omit<DeliveryEvent, Column | 'at'>;
export type EventRow = Pick<DeliveryEvent, Column> & { at: Date; body: Partial<Rest> & Pick<Rest, 'node' | 'egress'> };

/** Nulls are not stored in `body`. */
export function eventOf({ body, at, ...columns }: EventRow): DeliveryEvent {
  return { ...noEventFacts, ...body, ...columns, at: at.getTime() };
}
