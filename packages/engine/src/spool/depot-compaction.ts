// Making the depot small: entries that are left in a segment of which most went back are written again at the front, with their contents if
// these lie among what is mostly over. First the copies, on disk before the journal says of each whence it came and where it lies; after that
// a segment of which all has moved goes like one of which all went back.
import { copyContents, liveShareToStay } from './cold-contents.ts';
import { depositedOf, type Deposited, type Resting } from './depot.ts';
import { liveShareWhenSparse } from './limits.ts';
import { acceptHead, type AcceptHead } from './payload.ts';
import { frameBytes, recordTypes, sealAll } from './record.ts';
import { isSparse } from './segment-log.ts';
import type { ShardState } from './shard-state.ts';
import { putMoved, putWaitingContent, waitingHead } from './waiting-record.ts';

/** Moves a step's worth of what waits out of the segment that is worth it most. Throws the file system's error; then nothing has moved. */
export function compactDepot(state: ShardState): void {
  const segment = sparsest(state) ?? holderOfSparse(state);
  if (segment !== null) move(state, segment, state.depot.restIn(segment, state.limits.carryBytes));
}

/** The segment with the smallest live share, once all together take more than twice what is live of them. */
function sparsest({ waiting, depot, unmovable }: ShardState): number | null {
  if (!isSparse(waiting, depot.bytes)) return null;
  let least = { segment: null as number | null, share: liveShareWhenSparse };
  for (const [segment, end] of waiting.sealed) {
    const share = depot.bytesIn(segment) / end;
    if (share < least.share && !unmovable.has(segment)) least = { segment, share };
  }
  return least.segment;
}

/**
 * While contents take more than twice what is live of them and some wait among such as are over: the oldest segment. Nobody knows whose
 * contents lie where, but what is written again takes its content along, and once round the depot all have.
 */
function holderOfSparse({ waiting, content, depot, live, cold, unmovable }: ShardState): number | null {
  if (waiting.sealed.size === 0 || !isSparse(content, live.contentBytes + depot.contentBytes)) return null;
  const held = [...depot.contentSegments()].some((segment) => {
    const liveBytes = live.liveContentBytes(segment) + depot.liveContentBytes(segment);
    return !cold.isCurrent(segment) && liveBytes < liveShareToStay * (content.sealed.get(segment) ?? 0);
  });
  const movable = [...waiting.sealed.keys()].filter((segment) => !unmovable.has(segment));
  return held && movable.length > 0 ? Math.min(...movable) : null;
}

type Moving = { resting: Resting; dueAt: number; queue: string; head: AcceptHead; payload: Buffer };

/** What can be read of it; behind a damaged one its bucket stays as it is, since that is emptied from front to back. */
function readable(state: ShardState, segment: number, rest: readonly Resting[]): Moving[] {
  const moving: Moving[] = [];
  const stopped = new Set<number>();
  for (const resting of rest) {
    if (stopped.has(resting.bucket)) continue;
    const record = state.reader.record('waiting', resting.place);
    if (record?.type !== recordTypes.waiting) {
      stopped.add(resting.bucket);
      continue;
    }
    const payload = Buffer.from(record.payload);
    const { dueAt, queue, carry } = waitingHead(payload);
    moving.push({ resting, dueAt, queue, head: acceptHead(carry), payload });
  }
  // What is left cannot be read: said when its time comes.
  if (moving.length === 0) state.unmovable.add(segment);
  return moving;
}

function move(state: ShardState, segment: number, rest: readonly Resting[]): void {
  const moving = readable(state, segment, rest);
  if (moving.length === 0) return;
  const contents = copyContents(
    state,
    moving.map(({ head }) => head),
  );
  const copies = state.region.emptied();
  const spans = moving.map(({ payload, head }) => {
    const start = copies.begin();
    copies.bytes(payload);
    const content = contents.get(head.messageId);
    if (content !== undefined) putWaitingContent(copies.buffer.subarray(start + frameBytes), content);
    copies.end(start, recordTypes.waiting);
    return { start, end: copies.length };
  });
  const at = state.waiting.append(copies.used(), (place, seed) => sealAll(copies.used(), place.offset, seed));
  const entries = moving.map(({ dueAt, queue, head }, n): Deposited => {
    const { start = 0, end = 0 } = spans[n] ?? {};
    const place = { segment: at.segment, offset: at.offset + start, length: end - start };
    const entry = depositedOf(place, dueAt, { ...head, content: contents.get(head.messageId) ?? head.content });
    state.waitingIndex.add(entry, queue);
    return entry;
  });
  try {
    record(state, moving, entries);
  } catch (error) {
    state.waiting.undo(at);
    state.depot.log.cut(at);
    throw error;
  }
  // The new ones first: no content is ever without a holder.
  for (const entry of entries) {
    state.depot.add(entry);
    state.depot.log.acknowledge(entry.place);
  }
  for (const { resting, dueAt } of moving) state.depot.log.gone(resting.place, dueAt);
  state.depot.moved(
    moving.map(({ resting }) => resting),
    moving.map(({ resting, dueAt, head }) => depositedOf(resting.place, dueAt, head)),
  );
  state.relaid += moving.length;
}

/** The journal says where each lies now. */
function record(state: ShardState, moving: readonly Moving[], entries: readonly Deposited[]): void {
  const region = state.region.emptied();
  moving.forEach(({ resting, dueAt }, n) => {
    const to = entries[n]?.place;
    if (to === undefined) return;
    const start = region.begin();
    putMoved(region, resting.place, dueAt, to);
    region.end(start, recordTypes.moved);
  });
  state.journal.append(region.used(), (place, seed) => sealAll(region.used(), place.offset, seed));
}
