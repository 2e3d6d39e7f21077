// What is still live, and which segments that keeps. One small object per injection (not per recipient): places in files, never the
// entries themselves, which the queue holds already. Kept by the spool's own thread; filled by replay at start, then by every batch.
import type { ContentRef } from '../entry.ts';

/** Byte range of one journal record. */
export type RecordPlace = { segment: number; offset: number; length: number };

export type LiveAccept = {
  readonly messageId: string;
  /** Its accept record or, once moved forward, its carry record. */
  place: RecordPlace;
  /** Where the content lies now; `known` is where the queue believes it lies. */
  content: ContentRef;
  known: ContentRef;
  readonly recipients: number;
  /** 1 for each live recipient; null while all are and there is only one. */
  alive: Uint8Array | null;
  aliveCount: number;
  /** Latest retry record of a recipient, by number. */
  retries: Map<number, RecordPlace> | null;
};

const refKey = (ref: ContentRef): string => `${ref.segment}/${ref.offset}`;

export class LiveIndex {
  readonly accepts = new Map<string, LiveAccept>();
  readonly #byJournal = new Map<number, Set<LiveAccept>>();
  readonly #contentBytes = new Map<number, number>();
  readonly #moved = new Map<string, LiveAccept>();
  liveEntries = 0;
  liveJournalBytes = 0;

  /** An accept or carry record; a carry of a known injection replaces its place. `live` null means every recipient. */
  began(messageId: string, place: RecordPlace, content: ContentRef, recipients: number, live: readonly number[] | null): void {
    const before = this.accepts.get(messageId);
    if (before !== undefined) this.#forget(before);
    let alive: Uint8Array | null = null;
    if (recipients > 1 || live !== null) {
      alive = new Uint8Array(recipients).fill(live === null ? 1 : 0);
      for (const index of live ?? []) alive[index] = 1;
    }
    const aliveCount = live?.length ?? recipients;
    if (aliveCount === 0) return;
    const known = before?.known ?? content;
    this.#remember({ messageId, place, content, known, recipients, alive, aliveCount, retries: null });
  }

  ended(messageId: string, index: number): void {
    const accept = this.accepts.get(messageId);
    if (accept === undefined || !this.isAlive(accept, index)) return;
    this.liveEntries -= 1;
    accept.aliveCount -= 1;
    if (accept.alive !== null) accept.alive[index] = 0;
    accept.retries?.delete(index);
    if (accept.aliveCount === 0) this.#forget(accept);
  }

  retried(messageId: string, index: number, place: RecordPlace): void {
    const accept = this.accepts.get(messageId);
    if (accept === undefined || !this.isAlive(accept, index)) return;
    accept.retries ??= new Map();
    accept.retries.set(index, place);
  }

  isAlive(accept: LiveAccept, index: number): boolean {
    return accept.alive === null ? index === 0 : accept.alive[index] === 1;
  }

  aliveIndexes(accept: LiveAccept): number[] {
    if (accept.alive === null) return [0];
    const indexes: number[] = [];
    accept.alive.forEach((flag, index) => flag === 1 && indexes.push(index));
    return indexes;
  }

  beganIn(journalSegment: number): ReadonlySet<LiveAccept> {
    return this.#byJournal.get(journalSegment) ?? new Set();
  }

  liveContentBytes(contentSegment: number): number {
    return this.#contentBytes.get(contentSegment) ?? 0;
  }

  /** Where a content lies now that the queue knows at `ref`. */
  currentRef(ref: ContentRef): ContentRef {
    return this.#moved.get(refKey(ref))?.content ?? ref;
  }

  /** After a replay the queue knows every content where it lies now. */
  settle(): void {
    this.#moved.clear();
    for (const accept of this.accepts.values()) accept.known = accept.content;
  }

  #remember(accept: LiveAccept): void {
    this.accepts.set(accept.messageId, accept);
    const { segment } = accept.place;
    let began = this.#byJournal.get(segment);
    if (began === undefined) this.#byJournal.set(segment, (began = new Set()));
    began.add(accept);
    this.#contentBytes.set(accept.content.segment, this.liveContentBytes(accept.content.segment) + accept.content.length);
    if (refKey(accept.content) !== refKey(accept.known)) this.#moved.set(refKey(accept.known), accept);
    this.liveEntries += accept.aliveCount;
    this.liveJournalBytes += accept.place.length;
  }

  #forget(accept: LiveAccept): void {
    this.accepts.delete(accept.messageId);
    const began = this.#byJournal.get(accept.place.segment);
    began?.delete(accept);
    if (began?.size === 0) this.#byJournal.delete(accept.place.segment);
    const left = this.liveContentBytes(accept.content.segment) - accept.content.length;
    if (left > 0) this.#contentBytes.set(accept.content.segment, left);
    else this.#contentBytes.delete(accept.content.segment);
    this.#moved.delete(refKey(accept.known));
    this.liveEntries -= accept.aliveCount;
    this.liveJournalBytes -= accept.place.length;
  }
}
