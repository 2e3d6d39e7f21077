// Entries that only wait, as rows of numbers: the id by which the spool finds them again, when to wake them and when they expire. 32 bytes
// each beside the heap that orders them, where a whole entry takes half a kilobyte. Rows lie in blocks, so that growing never copies.
import type { RecipientEntry } from '../entry.ts';
import { idOfWords, putIdWords } from '../message-id-words.ts';

const blockRows = 1 << 14;
const idWords = 4;
/** The id's words and the number of the recipient. */
const stride = idWords + 1;
export const noRow = -1;

/** `expires` in whole seconds since the epoch, good until 2106. */
type Block = { ids: Uint32Array; wakeMs: Float64Array; expires: Uint32Array };
const lastSecond = 2 ** 32 - 1;

export class ParkedRows {
  readonly #blocks: Block[] = [];
  readonly #sought = new Uint32Array(stride);
  /** Row + 1 of the first that is free, 0: none; the next stands in its place of waking. */
  #firstFree = 0;
  #end = 0;

  /** The new row of an entry; `noRow` when its id cannot be kept as numbers: then it stays whole. */
  park(entry: RecipientEntry): number {
    const index = Number(entry.entryId.slice(entry.messageId.length + 1));
    if (!Number.isInteger(index) || !putIdWords(entry.messageId, this.#sought, 0)) return noRow;
    this.#sought[idWords] = index;
    return this.parkWords(this.#sought, 0, entry.dueAt, entry.expiresAt);
  }

  /** The new row of an entry whose id is words at `from` already. */
  parkWords(words: Uint32Array, from: number, dueAt: number, expiresAt: number): number {
    const row = this.#newRow();
    const { ids, wakeMs, expires } = this.#block(row);
    const at = row % blockRows;
    for (let word = 0; word < stride; word += 1) ids[at * stride + word] = words[from + word] ?? 0;
    // An entry is over at its expiry: it wakes then, whatever it was waiting for.
    wakeMs[at] = Math.min(dueAt, expiresAt);
    expires[at] = Math.min(lastSecond, Math.ceil(expiresAt / 1_000));
    return row;
  }

  free(row: number): void {
    this.#block(row).wakeMs[row % blockRows] = this.#firstFree;
    this.#firstFree = row + 1;
  }

  wakeMs(row: number): number {
    return this.#block(row).wakeMs[row % blockRows] ?? 0;
  }

  expiresMs(row: number): number {
    return (this.#block(row).expires[row % blockRows] ?? 0) * 1_000;
  }

  #newRow(): number {
    const row = this.#firstFree - 1;
    if (row >= 0) {
      this.#firstFree = this.#block(row).wakeMs[row % blockRows] ?? 0;
      return row;
    }
    if (this.#end % blockRows === 0)
      this.#blocks.push({
        ids: new Uint32Array(blockRows * stride),
        wakeMs: new Float64Array(blockRows),
        expires: new Uint32Array(blockRows),
      });
    return this.#end++;
  }

  entryId(row: number): string {
    const { ids } = this.#block(row);
    const at = (row % blockRows) * stride;
    return `${idOfWords(ids, at)}.${ids[at + idWords] ?? 0}`;
  }

  #block(row: number): Block {
    const block = this.#blocks[Math.floor(row / blockRows)];
    if (block === undefined) throw new RangeError('a row that was never made');
    return block;
  }
}
