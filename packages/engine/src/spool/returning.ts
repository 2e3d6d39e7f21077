// The way back: what comes due is read from among the waiting and written into the journal again, a batch at a time, and is an entry like
// any other from then on. Each record says whence it came, so that a crash in the middle of a bucket neither loses an entry nor brings one
// back twice.
import type { RecipientEntry } from '../entry.ts';
import { WaitingBatch, wholeEntries, type ReturnedBatch } from '../waiting-entries.ts';
import { depositedOf, type NextDue } from './depot.ts';
import type { RecordPlace } from './live-index.ts';
import { acceptHead, type AcceptHead } from './payload.ts';
import { recordTypes, sealAll } from './record.ts';
import { hasContent, loadEntries, type SetAsideFacts } from './replayed-entries.ts';
import type { ReplayedDues } from './replayed-dues.ts';
import { segmentPath, withSegment } from './segment-files.ts';
import type { ShardState } from './shard-state.ts';
import { putReturned, waitingHead, type WaitingHead } from './waiting-record.ts';

type Returning = { place: RecordPlace; head: AcceptHead; waiting: WaitingHead; start: number; end: number };

/** The next of those that come due by `untilMs`. Throws the file system's error when the journal cannot be written; nothing is lost then. */
export function returnDue(state: ShardState, untilMs: number, setAside: (facts: SetAsideFacts) => void): ReturnedBatch {
  const { depot, limits } = state;
  for (let next = depot.next(untilMs, limits.returnRows); next !== null; next = depot.next(untilMs, limits.returnRows)) {
    const batch = 'kept' in next ? keptBack(state, next, setAside) : movedBack(state, next, setAside);
    if (batch.entries.length + batch.waiting.count > 0) return batch;
  }
  return { ...wholeEntries([]), nextMs: depot.nextMs() };
}

type KeptDue = Extract<NextDue, { kept: string[] }>;
type PlacesDue = Exclude<NextDue, KeptDue>;

function keptBack(state: ShardState, due: KeptDue, setAside: (facts: SetAsideFacts) => void): ReturnedBatch {
  const entries = loadEntries(state, due.kept, setAside).filter((entry) => entry !== null);
  state.depot.advance(due);
  return { ...wholeEntries(entries), nextMs: state.depot.nextMs() };
}

function movedBack(state: ShardState, due: PlacesDue, setAside: (facts: SetAsideFacts) => void): ReturnedBatch {
  const returning = moveBack(state, due.places, setAside);
  // After the entries are live again: their contents are never without a holder.
  state.depot.took(returning.map(({ place, waiting, head }) => depositedOf(place, waiting.dueAt, head)));
  state.depot.advance(due);
  return { ...handedOut(state, returning, setAside), nextMs: state.depot.nextMs() };
}

/** Writes these into the journal again, where they are live from then on. Throws when the journal cannot be written. */
function moveBack(
  state: ShardState,
  places: readonly RecordPlace[],
  setAside: (facts: SetAsideFacts) => void,
  dues?: ReplayedDues,
): Returning[] {
  const region = state.region.emptied();
  const returning: Returning[] = [];
  for (const place of places) {
    const record = state.reader.record('waiting', place);
    if (record === null || record.type !== recordTypes.waiting) {
      refuseUnread(state, place);
      setAside({ messageId: 'unknown', segment: place.segment, offset: place.offset, entries: 1 });
      continue;
    }
    const waiting = waitingHead(record.payload);
    const head = acceptHead(waiting.carry);
    const start = region.begin();
    putReturned(region, place, waiting.dueAt, waiting.carry);
    region.end(start, recordTypes.returned);
    returning.push({ place, head, waiting: { ...waiting, carry: noBytes }, start, end: region.length });
  }
  if (returning.length === 0) return returning;
  const at = state.journal.append(region.used(), (place, seed) => sealAll(region.used(), place.offset, seed));
  for (const { head, waiting, start, end, place } of returning) {
    const record = { segment: at.segment, offset: at.offset + start, length: end - start };
    const row = state.live.returned(head.messageId, record, head, waiting.index);
    dues?.set(row, waiting.dueAt);
    state.depot.log.gone(place, waiting.dueAt);
  }
  state.unkeptBytes += region.length;
  return returning;
}

/** A file that cannot be opened now says nothing about its records: throws as the disk does, and all is asked for again. */
function refuseUnread({ files, shard }: ShardState, { segment, offset, length }: RecordPlace): void {
  try {
    withSegment(files, segmentPath(shard, 'waiting', segment), (bytes) => bytes(offset, length));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error;
  }
}

/**
 * A start brings back what a torn batch left out, before anything else; the journal then begins a segment that knows how far each bucket has
 * come. Throws when the journal cannot be written: the shard is not opened.
 */
export function returnLeftOut(state: ShardState, places: readonly RecordPlace[], dues: ReplayedDues): void {
  for (let from = 0; from < places.length; from += state.limits.returnRows)
    moveBack(state, places.slice(from, from + state.limits.returnRows), () => undefined, dues);
  state.depot.log.settle((segment) => state.waiting.sealed.has(segment));
  if (places.length > 0) state.journal.make();
}

const noBytes = Buffer.alloc(0);

/** As rows, or whole where a row cannot say all that is to know. */
function handedOut(
  state: ShardState,
  returning: readonly Returning[],
  setAside: (facts: SetAsideFacts) => void,
): Omit<ReturnedBatch, 'nextMs'> {
  const rows = new WaitingBatch(returning.length);
  const whole: string[] = [];
  for (const { head, waiting } of returning) {
    const { messageId, content } = head;
    const { index, acceptedAt, expiresAt, dueAt, queue } = waiting;
    if (!hasContent(state, content)) {
      setAside({ messageId, segment: content.segment, offset: content.offset, entries: 1 });
      continue;
    }
    const [tenantId = '', streamId = '', campaign = '', domain = ''] = queue.split('\0');
    const names = { tenantId, streamId, campaign: campaign === '' ? null : campaign, domain };
    const asRow = !waiting.hasOptions && rows.add(names, { messageId, index, acceptedAt, expiresAt, dueAt });
    if (!asRow) whole.push(`${messageId}.${index}`);
  }
  const entries: RecipientEntry[] = loadEntries(state, whole, setAside).filter((entry) => entry !== null);
  return { entries, waiting: rows.take() };
}
