// What is still live, and which segments that keeps: places in files, never the entries themselves. Kept by the spool's own thread; filled
// by replay at start, then by every batch. One row of numbers per injection; what only few need (several recipients, a content that moved)
// is beside the rows.
import type { ContentRef } from '../entry.ts';
import { column, LiveRows, placeColumns, rowStates } from './live-rows.ts';
import { Several } from './several.ts';

/** Byte range of one journal record. */
export type RecordPlace = { segment: number; offset: number; length: number };

/** One live injection as it stands at the moment of asking. */
export type LiveAccept = {
  readonly messageId: string;
  /** Its accept record or, once moved forward, its carry record. */
  readonly place: RecordPlace;
  /** Where the content lies now; `known` is where the queue believes it lies. */
  readonly content: ContentRef;
  readonly known: ContentRef;
  readonly recipients: number;
  /** Numbers of the live recipients. */
  readonly alive: number[];
  /** Latest retry record of a recipient, by number. */
  readonly retries: ReadonlyMap<number, RecordPlace>;
  /** Records with which a recipient came back from the depot. */
  readonly returns: ReadonlyMap<number, RecordPlace>;
};

const refKey = (ref: ContentRef): string => `${ref.segment}/${ref.offset}`;
const noRow = -1;

export class LiveIndex {
  readonly #rows = new LiveRows();
  readonly #several = new Map<number, Several>();
  readonly #began = new Map<number, number>();
  readonly #contentBytes = new Map<number, number>();
  /** Rows by the place at which the queue knows a content that moved, and that place by row. */
  readonly #moved = new Map<string, number>();
  readonly #known = new Map<number, ContentRef>();
  /** Where the last search for a segment came to, by what was searched for. */
  readonly #searched: Record<typeof column.placeSegment | typeof column.contentSegment, number> = {
    [column.placeSegment]: 0,
    [column.contentSegment]: 0,
  };
  liveEntries = 0;
  liveJournalBytes = 0;
  /** Of all content segments. */
  contentBytes = 0;

  /** Live injections. */
  get size(): number {
    return this.#rows.size;
  }

  /** An accept or carry record; a carry of a known injection replaces its place. `live` null means every recipient. Returns its row; -1: it is over. */
  began(messageId: string, place: RecordPlace, content: ContentRef, recipients: number, live: readonly number[] | null): number {
    const before = this.#rows.find(messageId);
    const known = before === noRow ? content : this.#knownAt(before);
    if (before !== noRow) this.#leave(before);
    const count = live?.length ?? recipients;
    if (count === 0) {
      if (before !== noRow) this.#rows.remove(before);
      return noRow;
    }
    const row = before === noRow ? this.#rows.add(messageId) : before;
    this.#put(row, column.placeSegment, place);
    this.#put(row, column.contentSegment, content);
    this.#rows.set(row, column.retryLength, 0);
    this.#rows.set(row, column.state, recipients === 1 ? rowStates.one : rowStates.several);
    if (recipients > 1) {
      this.#several.set(row, new Several(recipients, live));
    }
    if (refKey(content) !== refKey(known)) {
      this.#moved.set(refKey(known), row);
      this.#known.set(row, known);
    }
    this.#began.set(place.segment, this.beganIn(place.segment) + 1);
    this.#contentBytes.set(content.segment, this.liveContentBytes(content.segment) + content.length);
    this.contentBytes += content.length;
    this.liveEntries += count;
    this.liveJournalBytes += place.length;
    return row;
  }

  ended(messageId: string, index: number): void {
    const row = this.#rows.find(messageId);
    if (row === noRow || !this.#isAlive(row, index)) return;
    const several = this.#several.get(row);
    if (several !== undefined && several.count > 1) {
      several.alive[index] = 0;
      several.count -= 1;
      this.liveEntries -= 1;
      return;
    }
    this.#leave(row);
    this.#rows.remove(row);
  }

  /** Returns the row of an injection with one recipient; -1 when there is none or it has several. */
  retried(messageId: string, index: number, place: RecordPlace): number {
    const row = this.#rows.find(messageId);
    if (row === noRow || !this.#isAlive(row, index)) return noRow;
    const several = this.#several.get(row);
    if (several === undefined) {
      this.#put(row, column.retrySegment, place);
      return row;
    }
    several.retries.set(index, place);
    return noRow;
  }

  /** The entry of a recipient that was out of the journal is in it again: its injection lives on, or begins anew. */
  returned(
    messageId: string,
    place: RecordPlace,
    { content, recipients }: Pick<LiveAccept, 'content' | 'recipients'>,
    index: number,
  ): number {
    const row = this.#rows.find(messageId);
    const several = row === noRow ? undefined : this.#several.get(row);
    if (several === undefined) return this.began(messageId, place, content, recipients, [index]);
    if (several.alive[index] === 0) {
      several.alive[index] = 1;
      several.count += 1;
      this.liveEntries += 1;
    }
    several.retries.set(index, null);
    several.returns.set(index, place);
    return noRow;
  }

  isLive(messageId: string, index: number): boolean {
    const row = this.#rows.find(messageId);
    return row !== noRow && this.#isAlive(row, index);
  }

  get(messageId: string): LiveAccept | null {
    const row = this.#rows.find(messageId);
    return row === noRow ? null : this.#view(row);
  }

  /** Live injections that began in a journal segment. */
  beganIn(journalSegment: number): number {
    return this.#began.get(journalSegment) ?? 0;
  }

  /** Those whose accept or carry record lies in a journal segment, in no useful order. */
  *inJournal(segment: number): Generator<LiveAccept> {
    yield* this.#where(column.placeSegment, segment);
  }

  /** Those whose content lies in a content segment, in no useful order. */
  *inContent(segment: number): Generator<LiveAccept> {
    yield* this.#where(column.contentSegment, segment);
  }

  /**
   * Row numbers in the order of the journal: what is read in this order is read from front to back. A row's injection may have moved or
   * ended when its turn comes: ask `at`.
   */
  rowsInOrder(): Uint32Array {
    const rows = new Uint32Array(this.#rows.size);
    const starts = new Map<number, number>();
    let start = 0;
    for (const segment of [...this.#began.keys()].sort((a, b) => a - b)) {
      starts.set(segment, start);
      start += this.beganIn(segment);
    }
    const next = new Map(starts);
    for (let row = 0; row < this.#rows.end; row += 1) {
      if (this.#rows.get(row, column.state) === rowStates.free) continue;
      const segment = this.#rows.get(row, column.placeSegment);
      const at = next.get(segment) ?? 0;
      rows[at] = row;
      next.set(segment, at + 1);
    }
    for (const [segment, from] of starts) {
      rows
        .subarray(from, from + this.beganIn(segment))
        .sort((a, b) => this.#rows.get(a, column.placeOffset) - this.#rows.get(b, column.placeOffset));
    }
    return rows;
  }

  /** The injection in a row; null when it ended. */
  at(row: number): LiveAccept | null {
    return this.#rows.get(row, column.state) === rowStates.free ? null : this.#view(row);
  }

  /** Where the records of the injection in a row lie, when that has one recipient; null otherwise. */
  plainAt(row: number): { place: RecordPlace; content: ContentRef } | null {
    if (this.#rows.get(row, column.state) !== rowStates.one) return null;
    return { place: this.#place(row, column.placeSegment), content: this.#place(row, column.contentSegment) };
  }

  liveContentBytes(contentSegment: number): number {
    return this.#contentBytes.get(contentSegment) ?? 0;
  }

  /** Where a content lies now that the queue knows at `ref`. */
  currentRef(ref: ContentRef): ContentRef {
    const row = this.#moved.size === 0 ? undefined : this.#moved.get(refKey(ref));
    return row === undefined ? ref : this.#place(row, column.contentSegment);
  }

  /** After a replay the queue knows every content where it lies now, and rows of what is over are given up. */
  settle(movedRow: (from: number, to: number) => void): void {
    this.#moved.clear();
    this.#known.clear();
    this.#rows.closeGaps((from, to) => {
      const several = this.#several.get(from);
      if (several !== undefined && this.#several.delete(from)) this.#several.set(to, several);
      movedRow(from, to);
    });
  }

  /** Begins where the last search ended: what was found then is mostly gone from there, and the next lie behind it. */
  *#where(at: typeof column.placeSegment | typeof column.contentSegment, segment: number): Generator<LiveAccept> {
    const { end } = this.#rows;
    const from = this.#searched[at];
    for (let step = 0; step < end; step += 1) {
      const row = (from + step) % end;
      if (this.#rows.get(row, at) !== segment || this.#rows.get(row, column.state) === rowStates.free) continue;
      this.#searched[at] = row;
      yield this.#view(row);
    }
  }

  #isAlive(row: number, index: number): boolean {
    const several = this.#several.get(row);
    return several === undefined ? index === 0 : several.alive[index] === 1;
  }

  #put(row: number, at: typeof column.placeSegment | typeof column.contentSegment | typeof column.retrySegment, place: RecordPlace): void {
    const columns = placeColumns[at];
    this.#rows.set(row, columns.segment, place.segment);
    this.#rows.set(row, columns.offset, place.offset);
    this.#rows.set(row, columns.length, place.length);
  }

  #place(row: number, at: keyof typeof placeColumns): RecordPlace {
    const { segment, offset, length } = placeColumns[at];
    return { segment: this.#rows.get(row, segment), offset: this.#rows.get(row, offset), length: this.#rows.get(row, length) };
  }

  #knownAt(row: number): ContentRef {
    return this.#known.get(row) ?? this.#place(row, column.contentSegment);
  }

  #view(row: number): LiveAccept {
    const several = this.#several.get(row);
    const alive: number[] = [];
    const retries = new Map<number, RecordPlace>();
    const returns = new Map<number, RecordPlace>();
    if (several === undefined) {
      alive.push(0);
      if (this.#rows.get(row, column.retryLength) > 0) retries.set(0, this.#place(row, column.retrySegment));
    }
    several?.alive.forEach((flag, index) => {
      if (flag === 0) return;
      alive.push(index);
      const [retry, returned] = [several.retries.get(index), several.returns.get(index)];
      if (retry !== null) retries.set(index, retry);
      if (returned !== null) returns.set(index, returned);
    });
    return {
      messageId: this.#rows.idOf(row),
      place: this.#place(row, column.placeSegment),
      content: this.#place(row, column.contentSegment),
      known: this.#knownAt(row),
      recipients: several?.alive.length ?? 1,
      alive,
      retries,
      returns,
    };
  }

  /** Takes an injection out of every count; its row stays. */
  #leave(row: number): void {
    const place = this.#place(row, column.placeSegment);
    const began = this.beganIn(place.segment) - 1;
    if (began > 0) this.#began.set(place.segment, began);
    else this.#began.delete(place.segment);
    const content = this.#place(row, column.contentSegment);
    this.contentBytes -= content.length;
    const left = this.liveContentBytes(content.segment) - content.length;
    if (left > 0) this.#contentBytes.set(content.segment, left);
    else this.#contentBytes.delete(content.segment);
    const known = this.#known.get(row);
    if (known !== undefined) {
      this.#moved.delete(refKey(known));
      this.#known.delete(row);
    }
    this.liveEntries -= this.#several.get(row)?.count ?? 1;
    this.liveJournalBytes -= place.length;
    this.#several.delete(row);
  }
}
