// Turns what is live after a replay into recipient entries in batches, what is due first and then in the order of the journal. An injection whose record is damaged, or whose content
// is missing, stays in the log, is reported, and is not handed out. Contents are not read here, which would make a start with a million
// messages take minutes: each is checked whole when it is read to be sent.
import type { ContentRef, RecipientEntry } from '../entry.ts';
import { WaitingBatch, type RecoveredBatch } from '../waiting-entries.ts';
import { dueSoonMs } from './limits.ts';
import type { ReplayedDues } from './replayed-dues.ts';
import type { LiveAccept } from './live-index.ts';
import type { AcceptBody, AcceptHead, Carried, EntryState } from './payload.ts';
import { acceptBody, acceptHead, carriedBody, changeState, entryOf, splitEntryId } from './payload.ts';
import type { Found } from './record.ts';
import { recordTypes } from './record.ts';
import type { ShardState } from './shard-state.ts';
import { returnedCarry } from './waiting-record.ts';

export type SetAsideFacts = { messageId: string; segment: number; offset: number; entries: number };

export type Restored = { head: AcceptHead; body: AcceptBody; states: Map<number, EntryState> };

const headIn = ({ type, payload }: Found): AcceptHead => acceptHead(type === recordTypes.returned ? returnedCarry(payload) : payload);

/** What a record says that was written again; null when it is none. */
function carriedIn({ type, payload }: Found): Carried | null {
  if (type === recordTypes.carry) return carriedBody(payload);
  return type === recordTypes.returned ? carriedBody(returnedCarry(payload)) : null;
}

/** The injection as it stands, from its accept or carry record and its latest retries; null when a record is damaged. */
export function restore(state: Pick<ShardState, 'reader'>, accept: LiveAccept): Restored | null {
  const record: Found | null = state.reader.record('journal', accept.place);
  if (record === null) return null;
  const head = { ...headIn(record), content: accept.content };
  const states = new Map<number, EntryState>();
  let body: AcceptBody;
  const carried = carriedIn(record);
  if (carried !== null) {
    body = carried.accept;
    for (const entry of carried.states) states.set(entry[0], entry);
  } else {
    body = acceptBody(record.payload);
  }
  for (const [index, place] of accept.returns) {
    const found = state.reader.record('journal', place);
    const returned = found && carriedIn(found);
    const to = returned?.accept[10][index];
    // Without its address nothing can be done for it; the others can.
    if (!returned || to === undefined) continue;
    body[10][index] = to;
    for (const entry of returned.states) states.set(entry[0], entry);
  }
  for (const [index, place] of accept.retries) {
    const retry = state.reader.record('journal', place);
    const latest = retry === null ? null : changeState(retry.payload);
    if (latest !== null) states.set(index, latest);
  }
  return { head, body, states };
}

export function hasContent({ content }: ShardState, { segment, offset, length }: ContentRef): boolean {
  const end = content.current?.segment === segment ? content.current.end : content.sealed.get(segment);
  return end !== undefined && offset + length <= end;
}

/** Hands out what is live: whole what is due at `nowMs` or soon, the rest as rows. */
class HandingOut {
  readonly #state: ShardState;
  readonly #dues: ReplayedDues;
  readonly #nowMs: number;
  readonly #setAside: (facts: SetAsideFacts) => void;
  readonly #waiting: WaitingBatch;
  /** Those of the start, however late their turn comes. */
  readonly #rows: Uint32Array;
  #entries: RecipientEntry[] = [];

  constructor(state: ShardState, { dues, nowMs }: { dues: ReplayedDues; nowMs: number }, setAside: (facts: SetAsideFacts) => void) {
    this.#state = state;
    this.#dues = dues;
    this.#nowMs = nowMs;
    this.#setAside = setAside;
    this.#waiting = new WaitingBatch(state.limits.recoverRows);
    this.#rows = state.live.rowsInOrder();
  }

  /** Those that are due first. */
  *batches(): Generator<RecoveredBatch, void> {
    const { live, limits } = this.#state;
    for (const row of this.#dues.dueFirst(this.#rows, this.#nowMs)) {
      // Looked up when its turn comes: housekeeping goes on between two batches and may have moved it.
      if (this.#addPlain(row)) {
        if (this.#waiting.full) yield this.#take();
        continue;
      }
      const accept = live.at(row);
      if (accept === null) continue;
      for (const entry of this.#wholeOf(accept)) {
        if (!this.#addWaiting(entry)) this.#entries.push(entry);
        if (this.#waiting.full || this.#entries.length >= limits.recoverBatch) yield this.#take();
      }
    }
    yield this.#take();
  }

  #take(): RecoveredBatch {
    const entries = this.#entries;
    this.#entries = [];
    return { entries, waiting: this.#waiting.take() };
  }

  /** Of one recipient, already retried and not due for a while: what its accept says and when it is due is all that is needed. False: look closer. */
  #addPlain(row: number): boolean {
    const dueAt = this.#dues.at(row);
    if (dueAt - this.#nowMs <= dueSoonMs) return false;
    const plain = this.#state.live.plainAt(row);
    if (plain === null || !hasContent(this.#state, plain.content)) return false;
    const record = this.#state.reader.record('journal', plain.place);
    if (record === null) return false;
    const { messageId } = headIn(record);
    const body = carriedIn(record)?.accept ?? acceptBody(record.payload);
    const [tenantId, streamId, campaign, , , egress, acceptedAt, expiresAt, , , recipients, options] = body;
    const domain = recipients[0]?.[1];
    if (domain === undefined || options || egress !== this.#state.egress) return false;
    return this.#waiting.add({ tenantId, streamId, campaign, domain }, { messageId, index: 0, acceptedAt, expiresAt, dueAt });
  }

  *#wholeOf(accept: LiveAccept): Generator<RecipientEntry, void> {
    const restored = restore(this.#state, accept);
    if (restored === null || !hasContent(this.#state, accept.content)) {
      const { segment, offset } = accept.content;
      return this.#setAside({ messageId: accept.messageId, segment, offset, entries: accept.alive.length });
    }
    const head = { ...restored.head, content: accept.known };
    for (const index of accept.alive) {
      const entry = entryOf(head, restored.body, index, restored.states.get(index) ?? null);
      if (entry !== null) yield entry;
      else this.#setAside({ messageId: accept.messageId, ...accept.place, entries: 1 });
    }
  }

  /** False when the entry goes whole: it is due soon, or a row cannot say all that is to know of it while it waits. */
  #addWaiting(entry: RecipientEntry): boolean {
    if (entry.dueAt - this.#nowMs <= dueSoonMs || entry.options !== null || entry.egress !== this.#state.egress) return false;
    return this.#waiting.add(entry, { ...entry, index: splitEntryId(entry.entryId).index });
  }
}

export function replayedEntries(...of: ConstructorParameters<typeof HandingOut>): Generator<RecoveredBatch, void> {
  return new HandingOut(...of).batches();
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
