// Rows of numbers for what is live, one per injection: its id and where its records lie. A million rows are 56 MB and nothing for the
// garbage collector to look at; as objects they were ten times that. Rows lie in blocks, so that growing never copies; a number of a row
// is used again only after its injection ended. Found by id through a table of row numbers with linear probing.
import { hashOfWords, idOfWords, putIdWords } from '../message-id-words.ts';

/** Columns of a row; `id` takes four. `retryLength` 0 means no retry; `state` 0 is a free row. */
export const column = {
  id: 0,
  placeSegment: 4,
  placeOffset: 5,
  placeLength: 6,
  contentSegment: 7,
  contentOffset: 8,
  contentLength: 9,
  retrySegment: 10,
  retryOffset: 11,
  retryLength: 12,
  state: 13,
} as const;
/** The three of a place, by the first. */
export const placeColumns = {
  [column.placeSegment]: { segment: column.placeSegment, offset: column.placeOffset, length: column.placeLength },
  [column.contentSegment]: { segment: column.contentSegment, offset: column.contentOffset, length: column.contentLength },
  [column.retrySegment]: { segment: column.retrySegment, offset: column.retryOffset, length: column.retryLength },
} as const;

type Column = (typeof column)[keyof typeof column];
const stride = 14;
export const rowStates = { free: 0, one: 1, several: 2 } as const;

const blockRows = 1 << 14;
const firstTable = 1 << 12;
const maxLoad = 0.6;
const noRow = -1;

export class LiveRows {
  /** Rows in use. */
  size = 0;
  /** Rows ever used; iteration goes up to here. */
  end = 0;
  readonly #blocks: Uint32Array[] = [];
  readonly #free: number[] = [];
  /** Ids that are no UUIDs: none of our own making. */
  readonly #named = new Map<string, number>();
  readonly #names = new Map<number, string>();
  /** Row + 1 by hash; 0 is empty. */
  #table = new Uint32Array(firstTable);
  readonly #sought = new Uint32Array(4);

  get(row: number, at: Column): number {
    return this.#block(row)[(row % blockRows) * stride + at] ?? 0;
  }

  set(row: number, at: Column, value: number): void {
    this.#block(row)[(row % blockRows) * stride + at] = value;
  }

  idOf(row: number): string {
    return this.#names.get(row) ?? idOfWords(this.#block(row), (row % blockRows) * stride);
  }

  /** The row of an id; -1 when it has none. */
  find(id: string): number {
    if (!putIdWords(id, this.#sought, 0)) return this.#named.get(id) ?? noRow;
    const mask = this.#table.length - 1;
    for (let at = hashOfWords(this.#sought, 0) & mask; ; at = (at + 1) & mask) {
      const row = (this.#table[at] ?? 0) - 1;
      if (row === noRow || this.#isSought(row)) return row;
    }
  }

  /** A cleared row for an id that has none yet. */
  add(id: string): number {
    const row = this.#free.pop() ?? this.end;
    if (row === this.end) {
      if (this.end % blockRows === 0) this.#blocks.push(new Uint32Array(blockRows * stride));
      this.end += 1;
    }
    const start = (row % blockRows) * stride;
    const block = this.#block(row);
    block.fill(0, start, start + stride);
    this.size += 1;
    if (putIdWords(id, block, start)) this.#index(row);
    else {
      block.fill(0, start, start + 4);
      this.#named.set(id, row);
      this.#names.set(row, id);
    }
    return row;
  }

  remove(row: number): void {
    const name = this.#names.get(row);
    if (name === undefined) this.#unindex(row);
    else {
      this.#names.delete(row);
      this.#named.delete(name);
    }
    this.set(row, column.state, rowStates.free);
    this.#free.push(row);
    this.size -= 1;
  }

  /** Closes the gaps; says of every row that moved from where to where, in order. What follows on a long journal is mostly gaps. */
  closeGaps(moved: (from: number, to: number) => void): void {
    let next = 0;
    for (let row = 0; row < this.end; row += 1) {
      if (this.get(row, column.state) === rowStates.free) continue;
      const to = next++;
      if (to === row) continue;
      const [from, into] = [(row % blockRows) * stride, (to % blockRows) * stride];
      this.#block(to).set(this.#block(row).subarray(from, from + stride), into);
      this.set(row, column.state, rowStates.free);
      const name = this.#names.get(row);
      if (name !== undefined) {
        this.#names.delete(row);
        this.#names.set(to, name);
        this.#named.set(name, to);
      }
      moved(row, to);
    }
    this.end = next;
    this.#blocks.length = Math.ceil(next / blockRows);
    this.#free.length = 0;
    let table = firstTable;
    while (this.size > table * maxLoad) table *= 2;
    this.#table = new Uint32Array(table);
    for (let row = 0; row < next; row += 1) if (!this.#names.has(row)) this.#put(row);
  }

  #block(row: number): Uint32Array {
    const block = this.#blocks[Math.floor(row / blockRows)];
    if (block === undefined) throw new RangeError('a row that was never made');
    return block;
  }

  #isSought(row: number): boolean {
    const block = this.#block(row);
    const start = (row % blockRows) * stride;
    for (let word = 0; word < 4; word += 1) if (block[start + word] !== this.#sought[word]) return false;
    return true;
  }

  #hash(row: number): number {
    return hashOfWords(this.#block(row), (row % blockRows) * stride);
  }

  #index(row: number): void {
    if (this.size > this.#table.length * maxLoad) this.#grow();
    this.#put(row);
  }

  #put(row: number): void {
    const mask = this.#table.length - 1;
    let at = this.#hash(row) & mask;
    while (this.#table[at] !== 0) at = (at + 1) & mask;
    this.#table[at] = row + 1;
  }

  #grow(): void {
    const rows = this.#table;
    this.#table = new Uint32Array(rows.length * 2);
    for (const row of rows) if (row !== 0) this.#put(row - 1);
  }

  /** Takes a row out of the table and closes the gap, so that probing never has to pass over removed ones. */
  #unindex(row: number): void {
    const table = this.#table;
    const mask = table.length - 1;
    let gap = this.#hash(row) & mask;
    while (table[gap] !== row + 1) gap = (gap + 1) & mask;
    for (let at = (gap + 1) & mask; table[at] !== 0; at = (at + 1) & mask) {
      const home = this.#hash((table[at] ?? 0) - 1) & mask;
      // What could not lie at the gap, because it belongs behind it, stays.
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      table[gap] = table[at] ?? 0;
      gap = at;
    }
    table[gap] = 0;
  }
}
