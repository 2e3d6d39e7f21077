// Accounting events of the queue, before the log gives them their identity. One builder, so that every event has every field.
import { noEventFacts, type BounceClass, type OutcomeScope } from '@sluice/contract';
import type { EgressMode, RecipientEntry, UnplacedEvent } from '../entry.ts';

type Facts = Partial<Omit<UnplacedEvent, 'type' | 'at' | 'egress'>>;

export function entryEvent(type: UnplacedEvent['type'], at: number, entry: RecipientEntry, facts: Facts): UnplacedEvent {
  return {
    ...noEventFacts,
    type,
    at,
    egress: entry.egress,
    tenantId: entry.tenantId,
    streamId: entry.streamId,
    campaign: entry.campaign,
    messageId: entry.messageId,
    entryId: entry.entryId,
    sender: entry.sender,
    recipient: entry.recipient,
    domain: entry.domain,
    ...facts,
  };
}

/** A path, or the way to a domain, rests: one event whatever waits behind it. Belongs to no tenant. */
export function pathEvent(at: number, egress: EgressMode, facts: Facts): UnplacedEvent {
  return { ...noEventFacts, type: 'path_deferred', at, egress, scope: 'path', ...facts };
}

/** Ended without an attempt: its time is over, its domain can never take mail, or an operator says so. */
export function endedUnsent(
  type: 'expired' | 'bounced' | 'cancelled',
  at: number,
  entry: RecipientEntry,
  why: { bounceClass: BounceClass | null; detail: string; scope: OutcomeScope },
): UnplacedEvent {
  return entryEvent(type, at, entry, { ...why, attempt: entry.attempts, sourceId: entry.lastSourceId });
}
