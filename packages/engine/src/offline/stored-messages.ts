// The mail that waits in a shard, one message at a time in the order of the journal, read from beside the engine. What is whole is handed
// out whatever lies damaged around it; what is damaged is named. Memory: the rows of the index and one message.
import type { DeliveryEvent } from '@sluice/contract';
import type { ContentFacts, DsnRequest, EgressMode, MessageOptions } from '../entry.ts';
import type { Files } from '../ports.ts';
import { eventOf, type EventValues } from '../spool/event-values.ts';
import type { Depot } from '../spool/depot.ts';
import type { LiveAccept, RecordPlace } from '../spool/live-index.ts';
import { placeOfWhole, readWhole } from '../spool/parts.ts';
import { acceptHead, carriedBody, changeHead, entryOf } from '../spool/payload.ts';
import { recordTypes, segmentSeed, type SegmentKind } from '../spool/record.ts';
import { replayJournal } from '../spool/recovery.ts';
import { withSegment } from '../spool/segment-files.ts';
import { restore, type Restored } from '../spool/replayed-entries.ts';
import { scanRecords } from '../spool/scan.ts';
import { listSegments, segmentPath, shardDirectory } from '../spool/segment-files.ts';
import { SegmentReader } from '../spool/segment-reader.ts';
import { waitingHead } from '../spool/waiting-record.ts';

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
export type LostMessage = { messageId: string; entries: number; part: SegmentKind } & RecordPlace;
export type StoredContent = { facts: ContentFacts; bytes: Uint8Array };
export type StoredMessage =
  | { kind: 'whole'; envelope: StoredEnvelope; content(): StoredContent | null; contentPlace: RecordPlace }
  | { kind: 'lost'; lost: LostMessage };

/** Which entries; all that are named must hold. `domain`: A-labels, lower case. */
export type StoredFilter = { domain?: string; tenantId?: string };

/** What waits in a shard. A damaged message cannot be asked who it is: it is given whatever the filter says. */
export function* storedMessages(directory: string, worker: number, filter: StoredFilter, files: Files): Generator<StoredMessage> {
  const shard = shardDirectory(directory, worker);
  const { live, depot, waiting } = replayJournal(files, shard);
  const reader = new SegmentReader(files, shard);
  try {
    for (const row of live.rowsInOrder()) {
      const accept = live.at(row);
      if (accept === null) continue;
      const stored = storedMessage(reader, accept, filter);
      if (stored.kind === 'lost' || stored.envelope.entries.length > 0) yield stored;
    }
    // Each lies on its own: a message with several recipients comes once for each of those.
    for (const place of inTurn(waiting.leftOut, depot.places())) {
      const stored = laidBy(reader, place, filter);
      if (stored.kind === 'lost' || stored.envelope.entries.length > 0) yield stored;
    }
  } finally {
    reader.close();
  }
}

function* inTurn(...places: Iterable<RecordPlace>[]): Generator<RecordPlace> {
  for (const each of places) yield* each;
}

function laidBy(reader: SegmentReader, place: RecordPlace, filter: StoredFilter): StoredMessage {
  const record = reader.record('waiting', place);
  if (record === null) return { kind: 'lost', lost: { messageId: 'unknown', entries: 1, part: 'waiting', ...place } };
  const { carry } = waitingHead(record.payload);
  const { accept, states } = carriedBody(carry);
  const restored = { head: acceptHead(carry), body: accept, states: new Map(states.map((state) => [state[0], state])) };
  const noAnswer = { lastReply: null, lastDetail: null };
  return storedOf(reader, restored, [...restored.states.keys()], filter, () => noAnswer);
}

function storedMessage(reader: SegmentReader, accept: LiveAccept, filter: StoredFilter): StoredMessage {
  const { messageId, place, alive } = accept;
  const restored = restore({ reader }, accept);
  if (restored === null) return { kind: 'lost', lost: { messageId, entries: alive.length, part: 'journal', ...place } };
  return storedOf(reader, restored, alive, filter, (index) => lastAnswer(reader, accept.retries.get(index)));
}

function storedOf(
  reader: SegmentReader,
  { head, body, states }: Restored,
  alive: readonly number[],
  filter: StoredFilter,
  answerOf: (index: number) => Pick<StoredEntry, 'lastReply' | 'lastDetail'>,
): StoredMessage {
  const { messageId, content } = head;
  const [tenantId, streamId, campaign, sender, , egress, acceptedAt, expiresAt, sizeBytes] = body;
  const wanted = filter.tenantId === undefined || filter.tenantId === tenantId;
  const entries = (wanted ? alive : []).flatMap((index): StoredEntry[] => {
    const entry = entryOf(head, body, index, states.get(index) ?? null);
    if (entry === null || (filter.domain !== undefined && entry.domain !== filter.domain)) return [];
    const { entryId, recipient, domain, dsn, dueAt, attempts, lastSourceId, dotSent } = entry;
    return [{ entryId, recipient, domain, dsn, dueAt, attempts, lastSourceId, ...answerOf(index), dotSent }];
  });
  const options = entryOf(head, body, alive[0] ?? 0, null)?.options ?? null;
  const about = { messageId, tenantId, streamId, campaign, sender, egress, acceptedAt, expiresAt, sizeBytes, options };
  return { kind: 'whole', envelope: { ...about, entries }, content: () => readWhole(reader, content), contentPlace: content };
}

function lastAnswer(reader: SegmentReader, place: RecordPlace | undefined): Pick<StoredEntry, 'lastReply' | 'lastDetail'> {
  const record = place === undefined ? null : reader.record('journal', place);
  if (record?.type !== recordTypes.change) return { lastReply: null, lastDetail: null };
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
  const { live, depot } = replayJournal(files, shard);
  const reader = new SegmentReader(files, shard);
  try {
    const laidBy = contentsOf(reader, depot);
    for (const segment of listSegments(files, shard, 'content')) {
      const named = new Set([...live.inContent(segment)].map(({ content }) => content.offset));
      for (const place of unreferencedPlaces(files, shard, segment, new Set([...named, ...(laidBy.get(segment) ?? [])]))) {
        const content = readWhole(reader, place);
        if (content !== null) yield { ...content, segment, offset: place.offset };
      }
    }
  } finally {
    reader.close();
  }
}

/** Offsets of the contents that entries in the depot name, by segment. */
function contentsOf(reader: SegmentReader, depot: Depot): Map<number, Set<number>> {
  const named = new Map<number, Set<number>>();
  for (const place of depot.places()) {
    const record = reader.record('waiting', place);
    if (record === null) continue;
    const { segment, offset } = acceptHead(waitingHead(record.payload).carry).content;
    named.set(segment, (named.get(segment) ?? new Set()).add(offset));
  }
  return named;
}

function unreferencedPlaces(files: Files, shard: string, segment: number, named: ReadonlySet<number>): RecordPlace[] {
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
