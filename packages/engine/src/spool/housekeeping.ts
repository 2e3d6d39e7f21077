// What makes the spool small again. A content segment goes when nothing live lies in it; journal segments go oldest first, when nothing
// live began there and their events are shipped. A few long-deferred entries must not pin gigabytes: when most of a log is dead, what
// lives in its oldest segment is written again at the front, as `carry` records, which are no events. Moving goes in
// steps, one for as many bytes as were written since the last, and rests after each: it never takes more than its share of the thread.
import { compactDepot } from './depot-compaction.ts';
import {
  liveShareToCompact,
  liveShareWhenSparse,
  longestRestMs,
  longJournal,
  movingShares,
  sparseStepShare,
  usedUpToCarry,
  freeSegments,
} from './limits.ts';
import type { LiveAccept } from './live-index.ts';
import { carryPayload, putContentRef, type EntryState } from './payload.ts';
import { frameBytes, recordTypes, sealAll, type SegmentKind } from './record.ts';
import { restore } from './replayed-entries.ts';
import { segmentPath } from './segment-files.ts';
import { isSparse, totalBytes } from './segment-log.ts';
import type { ShardState } from './shard-state.ts';
import { returnedCarry } from './waiting-record.ts';

/** `mayMove` false: only removes, since what moving writes would use up the reserve that outcomes need. */
export function keepHouse(state: ShardState, mayMove: boolean): void {
  if (!removeContent(state) && !removeWaiting(state)) removeJournal(state);
  if (!mayMove || state.unkeptBytes < state.limits.carryBytes * sparseStepShare) return;
  const { content, waiting, depot } = state;
  const sparse = isSparse(content, liveContents(state)) || isSparse(waiting, depot.bytes) || usedUpByJournal(state) >= usedUpToCarry;
  if (!sparse && state.unkeptBytes < state.limits.carryBytes) return;
  const fromMs = state.monotonicMs();
  if (fromMs < state.moveFromMs) return;
  state.unkeptBytes = 0;
  carryOldestJournal(state);
  compactContent(state);
  compactDepot(state);
  const endMs = state.monotonicMs();
  state.moveFromMs = endMs + Math.min((endMs - fromMs) * (1 / shareOf(state) - 1), longestRestMs);
}

/** How much of the segments that are free beside twice what is live is used up. */
function usedUp(bytes: number, liveBytes: number, segmentBytes: number): number {
  return (bytes - 2 * liveBytes) / (freeSegments * segmentBytes);
}

/**
 * The same for the journal. The bound is on the spool as a whole: while contents and the depot leave room the journal may grow into it, so
 * that little of what flows is answered by a carry; not too far, since a start replays all of it.
 */
function usedUpByJournal(state: ShardState): number {
  const { journal, content, waiting, live, depot, limits } = state;
  const own = usedUp(totalBytes(journal), live.liveJournalBytes, limits.journalSegmentBytes);
  const bytes = totalBytes(journal) + totalBytes(content) + totalBytes(waiting);
  const liveBytes = live.liveJournalBytes + liveContents(state) + depot.bytes;
  return Math.min(own, Math.max(usedUp(bytes, liveBytes, limits.journalSegmentBytes), own / longJournal));
}

/** The share of the time that moving may take now. */
function shareOf(state: ShardState): number {
  const { content, waiting, depot, limits } = state;
  const most = Math.max(
    usedUpByJournal(state),
    usedUp(totalBytes(content), liveContents(state), limits.contentSegmentBytes),
    usedUp(totalBytes(waiting), depot.bytes, limits.waitingSegmentBytes),
  );
  return movingShares.find((step) => most >= step.usedUp)?.share ?? 1;
}

const liveContents = ({ live, depot }: ShardState): number => live.contentBytes + depot.contentBytes;

function remove(state: ShardState, kind: SegmentKind, segment: number): void {
  const log = state[kind];
  state.reader.forget(kind, segment);
  log.sealed.delete(segment);
  state.files.remove(segmentPath(state.shard, kind, segment));
}

function removeContent(state: ShardState): boolean {
  const dead = [...state.content.sealed.keys()].filter(
    (segment) => state.live.liveContentBytes(segment) === 0 && !state.depot.holdsContent(segment) && !state.cold.isCurrent(segment),
  );
  for (const segment of dead) state.cold.forget(segment);
  removeAll(state, 'content', dead);
  return dead.length > 0;
}

/** A segment of the waiting goes when all of it has gone back into the journal. */
function removeWaiting(state: ShardState): boolean {
  const empty = [...state.waiting.sealed.keys()].filter((segment) => state.depot.entriesIn(segment) === 0);
  removeAll(state, 'waiting', empty);
  // Not before the name is gone for good: were the file there again after a crash, all of it would wait once more.
  for (const segment of empty) state.depot.log.forget(segment);
  return empty.length > 0;
}

function removeAll(state: ShardState, kind: SegmentKind, segments: readonly number[]): void {
  for (const segment of segments) remove(state, kind, segment);
  if (segments.length > 0) state.files.syncDirectory(state.shard);
}

/** The last sealed segment stays until there is a newer one: it holds the numbers in use. */
function removeJournal(state: ShardState): void {
  const { journal, live } = state;
  for (const segment of [...journal.sealed.keys()].sort((a, b) => a - b)) {
    const newest = journal.current === null && journal.sealed.size === 1;
    if (newest || live.beganIn(segment) > 0 || !isShipped(state, segment)) break;
    remove(state, 'journal', segment);
    // Before the next one: were the newer name gone and the older still there, what had ended would begin again.
    state.files.syncDirectory(state.shard);
  }
}

function isShipped(state: ShardState, segment: number): boolean {
  const { shipped, journal } = state;
  return segment < shipped.segment || (segment === shipped.segment && shipped.offset >= (journal.sealed.get(segment) ?? Infinity));
}

function carryOldestJournal(state: ShardState): void {
  const { journal, live, limits } = state;
  if (journal.sealed.size < freeSegments) return;
  const oldest = Math.min(...journal.sealed.keys());
  if (live.beganIn(oldest) === 0 || !isShipped(state, oldest) || usedUpByJournal(state) < usedUpToCarry) return;
  const chosen: LiveAccept[] = [];
  let bytes = 0;
  for (const accept of live.inJournal(oldest)) {
    chosen.push(accept);
    bytes += accept.place.length;
    if (bytes >= limits.carryBytes) break;
  }
  carry(state, chosen);
}

/** Empties the content segment with the smallest live share, a step at a time. */
function compactContent(state: ShardState): void {
  const { content, live, depot, limits } = state;
  if (content.sealed.size < freeSegments) return;
  let sparse = { segment: 0, share: isSparse(content, liveContents(state)) ? liveShareWhenSparse : liveShareToCompact };
  for (const [segment, end] of content.sealed) {
    const share = (live.liveContentBytes(segment) + depot.liveContentBytes(segment)) / end;
    // What is laid by is moved with its entry.
    if (live.liveContentBytes(segment) > 0 && share < sparse.share) sparse = { segment, share };
  }
  if (sparse.segment === 0) return;
  const chosen: LiveAccept[] = [];
  let bytes = 0;
  for (const accept of live.inContent(sparse.segment)) {
    chosen.push(accept);
    bytes += accept.content.length;
    if (bytes >= limits.carryBytes) break;
  }
  moveContents(state, chosen);
}

/** Copies contents to the front; a damaged one stays where it is. */
function moveContents(state: ShardState, accepts: readonly LiveAccept[]): void {
  const region = state.region.emptied();
  const moved: { accept: LiveAccept; start: number; end: number }[] = [];
  for (const accept of accepts) {
    const record = state.reader.record('content', accept.content);
    if (record === null) continue;
    const start = region.begin();
    region.bytes(record.payload);
    region.end(start, recordTypes.content);
    moved.push({ accept, start, end: region.length });
  }
  if (moved.length === 0) return;
  const at = state.content.append(region.used(), (place, seed) => sealAll(region.used(), place.offset, seed));
  const refs = moved.map(({ accept, start, end }) => ({
    accept,
    ref: { segment: at.segment, offset: at.offset + start, length: end - start },
  }));
  carry(
    state,
    refs.map(({ accept }) => accept),
    new Map(refs.map(({ accept, ref }) => [accept.messageId, ref])),
  );
}

/**
 * The carry record of an injection with one recipient to whom nothing happened since; null when there is another. The journal goes in a
 * circle: what waits long is carried again each time it comes round, as it is.
 */
function unchangedCarry({ reader }: ShardState, accept: LiveAccept): Buffer | null {
  if (accept.recipients > 1 || accept.retries.size > 0) return null;
  const record = reader.record('journal', accept.place);
  if (record?.type === recordTypes.returned) return returnedCarry(record.payload);
  return record?.type === recordTypes.carry ? record.payload : null;
}

/** Null when its record is damaged. */
function newCarry(state: ShardState, accept: LiveAccept): Buffer | null {
  const restored = restore(state, accept);
  if (restored === null) return null;
  const { head, body, states } = restored;
  const kept = accept.alive.map((index): EntryState => states.get(index) ?? [index, 0, body[6], null, false]);
  return carryPayload(head, { accept: body, states: kept });
}

/** Writes the live entries of these injections again at the front of the journal; from then on they begin there. */
function carry(state: ShardState, accepts: readonly LiveAccept[], contents?: ReadonlyMap<string, LiveAccept['content']>): void {
  const region = state.region.emptied();
  const carried: { accept: LiveAccept; start: number; end: number; indexes: number[]; content: LiveAccept['content'] }[] = [];
  for (const accept of accepts) {
    const content = contents?.get(accept.messageId) ?? accept.content;
    const payload = unchangedCarry(state, accept) ?? newCarry(state, accept);
    if (payload === null) continue;
    const start = region.begin();
    region.bytes(payload);
    putContentRef(region.buffer.subarray(start + frameBytes), content);
    region.end(start, recordTypes.carry);
    carried.push({ accept, start, end: region.length, indexes: accept.alive, content });
  }
  if (carried.length === 0) return;
  const at = state.journal.append(region.used(), (place, seed) => sealAll(region.used(), place.offset, seed));
  for (const { accept, start, end, indexes, content } of carried) {
    const place = { segment: at.segment, offset: at.offset + start, length: end - start };
    state.live.began(accept.messageId, place, content, accept.recipients, indexes);
  }
  state.carried += carried.length;
}
