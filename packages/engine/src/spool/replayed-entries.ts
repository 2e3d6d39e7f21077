// Turns what is live after a replay into recipient entries in batches, what is due first and then in the order of the journal. An injection whose record is damaged, or whose content
// is missing, stays in the log, is reported, and is not handed out. Contents are not read here, which would make a start with a million
// messages take minutes: each is checked whole when it is read to be sent.
import type { ContentRef, RecipientEntry } from '../entry.ts';
import type { ReplayedDues } from './replayed-dues.ts';
import type { LiveAccept } from './live-index.ts';
import type { AcceptBody, AcceptHead, EntryState } from './payload.ts';
import { acceptBody, acceptHead, carriedBody, changeState, entryOf, splitEntryId } from './payload.ts';
import type { Found } from './record.ts';
import { recordTypes } from './record.ts';
import type { ShardState } from './shard.ts';

export type SetAsideFacts = { messageId: string; segment: number; offset: number; entries: number };

export type Restored = { head: AcceptHead; body: AcceptBody; states: Map<number, EntryState> };

/** The injection as it stands, from its accept or carry record and its latest retries; null when a record is damaged. */
export function restore(state: Pick<ShardState, 'reader'>, accept: LiveAccept): Restored | null {
  const record: Found | null = state.reader.record('journal', accept.place);
  if (record === null) return null;
  const head = { ...acceptHead(record.payload), content: accept.content };
  const states = new Map<number, EntryState>();
  let body: AcceptBody;
  if (record.type === recordTypes.carry) {
    const carried = carriedBody(record.payload);
    body = carried.accept;
    for (const entry of carried.states) states.set(entry[0], entry);
  } else {
    body = acceptBody(record.payload);
  }
  for (const [index, place] of accept.retries) {
    const retry = state.reader.record('journal', place);
    const latest = retry === null ? null : changeState(retry.payload);
    if (latest !== null) states.set(index, latest);
  }
  return { head, body, states };
}

function hasContent({ content }: ShardState, { segment, offset, length }: ContentRef): boolean {
  const end = content.current?.segment === segment ? content.current.end : content.sealed.get(segment);
  return end !== undefined && offset + length <= end;
}

/** Those that are due at `nowMs` first. */
export function* replayedEntries(
  state: ShardState,
  { dues, nowMs }: { dues: ReplayedDues; nowMs: number },
  setAside: (facts: SetAsideFacts) => void,
): Generator<RecipientEntry[], void> {
  let batch: RecipientEntry[] = [];
  for (const row of dues.dueFirst(state.live.rowsInOrder(), nowMs)) {
    // Looked up when its turn comes: housekeeping goes on between two batches and may have moved it.
    const accept = state.live.at(row);
    if (accept === null) continue;
    const restored = restore(state, accept);
    if (restored === null || !hasContent(state, accept.content)) {
      const { segment, offset } = accept.content;
      setAside({ messageId: accept.messageId, segment, offset, entries: accept.alive.length });
      continue;
    }
    const head = { ...restored.head, content: accept.known };
    for (const index of accept.alive) {
      const entry = entryOf(head, restored.body, index, restored.states.get(index) ?? null);
      if (entry !== null) batch.push(entry);
      if (batch.length >= state.limits.recoverBatch) {
        yield batch;
        batch = [];
      }
    }
  }
  if (batch.length > 0) yield batch;
}

/** Single live entries as they stand now; entries of one injection that follow each other cost one reading. */
export function loadEntries(
  state: ShardState,
  entryIds: readonly string[],
  setAside: (facts: SetAsideFacts) => void,
): (RecipientEntry | null)[] {
  let last: { messageId: string; accept: LiveAccept | null; restored: Restored | null } | null = null;
  return entryIds.map((entryId) => {
    const { messageId, index } = splitEntryId(entryId);
    if (last?.messageId !== messageId) {
      const accept = state.live.get(messageId);
      const restored = accept === null ? null : restore(state, accept);
      if (accept !== null && restored === null) {
        const { segment, offset } = accept.place;
        setAside({ messageId, segment, offset, entries: accept.alive.length });
      }
      last = { messageId, accept, restored };
    }
    const { accept, restored } = last;
    if (accept === null || restored === null || !accept.alive.includes(index)) return null;
    return entryOf({ ...restored.head, content: accept.known }, restored.body, index, restored.states.get(index) ?? null);
  });
}
