// The mail that waits in a shard, one message at a time in the order of the journal, read from beside the engine. What is whole is handed
// out whatever lies damaged around it; what is damaged is named. Memory: the rows of the index and one message.
import type { DeliveryEvent } from '@sluice/contract';
import type { ContentFacts, DsnRequest, EgressMode, MessageOptions } from '../entry.ts';
import type { Files } from '../ports.ts';
import { eventOf, type EventValues } from '../spool/event-values.ts';
import type { LiveAccept, LiveIndex, RecordPlace } from '../spool/live-index.ts';
import { placeOfWhole, readWhole } from '../spool/parts.ts';
import { changeHead, entryOf } from '../spool/payload.ts';
import { recordTypes, segmentSeed } from '../spool/record.ts';
import { replayJournal, withSegment } from '../spool/recovery.ts';
import { restore } from '../spool/replayed-entries.ts';
import { scanRecords } from '../spool/scan.ts';
import { listSegments, segmentPath, shardDirectory } from '../spool/segment-files.ts';
import { SegmentReader } from '../spool/segment-reader.ts';

export type StoredEntry = {
  entryId: string;
  recipient: string;
  domain: string;
  dsn: DsnRequest | null;
  dueAt: number;
  attempts: number;
  lastSourceId: string | null;
  /** The last attempt's answer; null when there was none, or when its record was moved forward without it. */
  lastReply: DeliveryEvent['reply'];
  lastDetail: string | null;
  /** The final dot of the last attempt was sent and never answered: it may have arrived. */
  dotSent: boolean;
};

export type StoredEnvelope = {
  messageId: string;
  tenantId: string;
  streamId: string;
  campaign: string | null;
  sender: string;
  egress: EgressMode;
  acceptedAt: number;
  expiresAt: number;
  sizeBytes: number;
  options: MessageOptions | null;
  entries: StoredEntry[];
};

/** A record or content that is missing or fails its checksum, and how many entries wait for it. */
export type LostMessage = { messageId: string; entries: number; part: 'journal' | 'content' } & RecordPlace;
export type StoredContent = { facts: ContentFacts; bytes: Uint8Array };
export type StoredMessage =
  | { kind: 'whole'; envelope: StoredEnvelope; content(): StoredContent | null; contentPlace: RecordPlace }
  | { kind: 'lost'; lost: LostMessage };

/** Which entries; all that are named must hold. `domain`: A-labels, lower case. */
export type StoredFilter = { domain?: string; tenantId?: string };

/** What waits in a shard. A damaged message cannot be asked who it is: it is given whatever the filter says. */
export function* storedMessages(directory: string, worker: number, filter: StoredFilter, files: Files): Generator<StoredMessage> {
  const shard = shardDirectory(directory, worker);
  const { live } = replayJournal(files, shard);
  const reader = new SegmentReader(files, shard);
  try {
    for (const row of live.rowsInOrder()) {
      const accept = live.at(row);
      if (accept === null) continue;
      const stored = storedMessage(reader, accept, filter);
      if (stored.kind === 'lost' || stored.envelope.entries.length > 0) yield stored;
    }
  } finally {
    reader.close();
  }
}

function storedMessage(reader: SegmentReader, accept: LiveAccept, filter: StoredFilter): StoredMessage {
  const { messageId, place, content, alive } = accept;
  const restored = restore({ reader }, accept);
  if (restored === null) return { kind: 'lost', lost: { messageId, entries: alive.length, part: 'journal', ...place } };
  const { head, body, states } = restored;
  const [tenantId, streamId, campaign, sender, , egress, acceptedAt, expiresAt, sizeBytes] = body;
  const wanted = filter.tenantId === undefined || filter.tenantId === tenantId;
  const entries = (wanted ? alive : []).flatMap((index): StoredEntry[] => {
    const entry = entryOf(head, body, index, states.get(index) ?? null);
    if (entry === null || (filter.domain !== undefined && entry.domain !== filter.domain)) return [];
    const { entryId, recipient, domain, dsn, dueAt, attempts, lastSourceId, dotSent } = entry;
    const said = lastAnswer(reader, accept.retries.get(index));
    return [{ entryId, recipient, domain, dsn, dueAt, attempts, lastSourceId, ...said, dotSent }];
  });
  const options = entryOf(head, body, alive[0] ?? 0, null)?.options ?? null;
  const about = { messageId, tenantId, streamId, campaign, sender, egress, acceptedAt, expiresAt, sizeBytes, options };
  return { kind: 'whole', envelope: { ...about, entries }, content: () => readWhole(reader, content), contentPlace: content };
}

function lastAnswer(reader: SegmentReader, place: RecordPlace | undefined): Pick<StoredEntry, 'lastReply' | 'lastDetail'> {
  const record = place === undefined ? null : reader.record('journal', place);
  if (record === null) return { lastReply: null, lastDetail: null };
  const text = record.payload.toString('utf8', changeHead(record.payload).bodyAt);
  const [, ...values] = JSON.parse(text) as [unknown, ...EventValues];
  const { reply, detail } = eventOf(values, '', '');
  return { lastReply: reply, lastDetail: detail };
}

/**
 * Whole contents that no waiting entry names: mail that is over and not yet cleared away, or whose journal record is lost; which of the two
 * cannot be told any more.
 */
export function* unreferencedContents(
  directory: string,
  worker: number,
  files: Files,
): Generator<StoredContent & { segment: number; offset: number }> {
  const shard = shardDirectory(directory, worker);
  const { live } = replayJournal(files, shard);
  const reader = new SegmentReader(files, shard);
  try {
    for (const segment of listSegments(files, shard, 'content')) {
      for (const place of unreferencedPlaces(files, shard, live, segment)) {
        const content = readWhole(reader, place);
        if (content !== null) yield { ...content, segment, offset: place.offset };
      }
    }
  } finally {
    reader.close();
  }
}

function unreferencedPlaces(files: Files, shard: string, live: LiveIndex, segment: number): RecordPlace[] {
  const named = new Set([...live.inContent(segment)].map(({ content }) => content.offset));
  const places: RecordPlace[] = [];
  withSegment(files, segmentPath(shard, 'content', segment), (bytes, size) =>
    scanRecords(
      bytes,
      { from: 0, end: size, seed: segmentSeed('content', segment) },
      (record) => {
        const { type, offset, length } = record;
        const place = type === recordTypes.whole ? placeOfWhole(segment, record) : { segment, offset, length };
        if ((type === recordTypes.content || type === recordTypes.whole) && !named.has(place.offset)) places.push(place);
        return true;
      },
      () => undefined,
    ),
  );
  return places;
}
