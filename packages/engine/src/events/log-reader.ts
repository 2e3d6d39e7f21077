// Reads the accounting events back out of the journal, from a position up to what is known to be durable. Used by the shipper, in a thread
// of its own: it shares nothing with the spool but the files. An event's id is its place in the log, so reading the same stretch twice
// gives the same ids and the same hashes.
import { hash } from 'node:crypto';
import { noEventFacts, type DeliveryEvent } from '@sluice/contract';
import type { Files } from '../ports.ts';
import type { EventValues } from '../spool/event-values.ts';
import { eventOf } from '../spool/event-values.ts';
import { windowBytes } from '../spool/limits.ts';
import { acceptBody, acceptHead, changeHead } from '../spool/payload.ts';
import type { Found } from '../spool/record.ts';
import { recordTypes, segmentSeed } from '../spool/record.ts';
import { journalChain, type ChainLink } from '../spool/recovery.ts';
import { withSegment } from '../spool/segment-files.ts';
import { scanRecords } from '../spool/scan.ts';
import type { JournalPosition } from '../spool/segment-files.ts';
import { segmentPath, shardDirectory } from '../spool/segment-files.ts';

export type EventLog = { files: Files; directory: string; node: string; worker: number; logId: string };
/** `contentHash`: SHA-256, hex, of what the record of the event holds; one for all recipients of a message that was accepted. */
export type PlacedEvent = { event: DeliveryEvent; contentHash: string };
export type EventPage = { events: PlacedEvent[]; next: JournalPosition };

/** What is read of a segment lies here until its events are made of it: a window of its own for every page would outgrow them. */
const scratch = Buffer.allocUnsafeSlow(windowBytes);

function acceptedEvents(log: EventLog, payload: Buffer, place: string): DeliveryEvent[] {
  const { messageId } = acceptHead(payload);
  const [tenantId, streamId, campaign, sender, poolId, egress, acceptedAt, , sizeBytes, headerMessageId, recipients, options] =
    acceptBody(payload);
  const [, , , notBefore, , , reportOn] = options ?? [];
  return recipients.map(([recipient, domain], index) => ({
    ...noEventFacts,
    id: `${place}#${index + 1}`,
    type: 'accepted',
    at: acceptedAt,
    node: log.node,
    egress,
    tenantId,
    streamId,
    campaign,
    messageId,
    entryId: `${messageId}.${index}`,
    sender,
    recipient,
    domain,
    sizeBytes,
    poolId,
    headerMessageId,
    detail: typeof reportOn === 'string' ? `report on ${reportOn}` : null,
    nextAttemptAt: notBefore ?? null,
  }));
}

/** Events of one journal record: one per recipient of an accept, one of an outcome, none of what only keeps house. */
function eventsOf(log: EventLog, segment: number, record: Found): DeliveryEvent[] {
  const place = `${log.node}/${log.worker}/${log.logId}/${segment}/${record.offset}`;
  if (record.type === recordTypes.accept) return acceptedEvents(log, record.payload, place);
  if (record.type !== recordTypes.change) return [];
  const [, ...values] = JSON.parse(record.payload.toString('utf8', changeHead(record.payload).bodyAt)) as [unknown, ...EventValues];
  return [eventOf(values, place, log.node)];
}

/** Segments of the chain between the two positions, with the end of what may be read of each. */
function stretch(log: EventLog, from: JournalPosition, upTo: JournalPosition): ChainLink[] {
  const { chain } = journalChain(log.files, shardDirectory(log.directory, log.worker), { from: from.segment, upTo: upTo.segment });
  return chain.map((link) => (link.segment === upTo.segment ? { ...link, end: Math.min(upTo.offset, link.end) } : link));
}

/**
 * Events in [from, upTo), at most `max` but never less than one whole record. `upTo` is `durable()` of the running spool; `next` is where to
 * go on. Segments written under another log id (a folder restored from a backup) are passed over: read them under that id.
 */
export function readEvents(log: EventLog, from: JournalPosition, upTo: JournalPosition, max: number): EventPage {
  const shard = shardDirectory(log.directory, log.worker);
  const events: PlacedEvent[] = [];
  let next = from;
  for (const link of stretch(log, from, upTo)) {
    const begin = link.segment === from.segment ? Math.min(from.offset, link.end) : 0;
    const others = link.header !== null && link.header.logId !== log.logId;
    const visit = (record: Found): boolean => {
      if (events.length >= max) return false;
      const found = eventsOf(log, link.segment, record);
      const contentHash = found.length === 0 ? '' : hash('sha256', record.payload, 'hex');
      for (const event of found) events.push({ event, contentHash });
      return true;
    };
    const stopped = others
      ? link.end
      : withSegment(
          log.files,
          segmentPath(shard, 'journal', link.segment),
          (bytes) => scanRecords(bytes, { from: begin, end: link.end, seed: segmentSeed('journal', link.segment) }, visit, () => undefined),
          scratch,
        );
    next = { segment: link.segment, offset: stopped };
    if (events.length >= max) break;
  }
  return { events, next };
}
