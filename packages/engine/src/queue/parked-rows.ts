// Entries that only wait, as rows of numbers: the id by which the spool finds them again, when to wake them and when they expire. 40 bytes
// each beside the heap that orders them, where a whole entry takes half a kilobyte. Rows lie in blocks, so that growing never copies.
import type { RecipientEntry } from '../entry.ts';
import { idOfWords, putIdWords } from '../message-id-words.ts';

const blockRows = 1 << 14;
const idWords = 4;
/** The id's words and the number of the recipient. */
const stride = idWords + 1;
export const noRow = -1;

type Block = { ids: Uint32Array; wakeMs: Float64Array; expiresMs: Float64Array };

export class ParkedRows {
  readonly #blocks: Block[] = [];
  readonly #free: number[] = [];
  #end = 0;

  /** The new row of an entry; `noRow` when its id cannot be kept as numbers: then it stays whole. */
  park(entry: RecipientEntry): number {
    const row = this.#free.pop() ?? this.#end;
    if (row === this.#end) {
      if (this.#end % blockRows === 0)
        this.#blocks.push({
          ids: new Uint32Array(blockRows * stride),
          wakeMs: new Float64Array(blockRows),
          expiresMs: new Float64Array(blockRows),
        });
      this.#end += 1;
    }
    const { ids, wakeMs, expiresMs } = this.#block(row);
    const at = row % blockRows;
    const index = Number(entry.entryId.slice(entry.messageId.length + 1));
    if (!Number.isInteger(index) || !putIdWords(entry.messageId, ids, at * stride)) {
      this.#free.push(row);
      return noRow;
    }
    ids[at * stride + idWords] = index;
    // An entry is over at its expiry: it wakes then, whatever it was waiting for.
    wakeMs[at] = Math.min(entry.dueAt, entry.expiresAt);
    expiresMs[at] = entry.expiresAt;
    return row;
  }

  free(row: number): void {
    this.#free.push(row);
  }

  wakeMs(row: number): number {
    return this.#block(row).wakeMs[row % blockRows] ?? 0;
  }

  expiresMs(row: number): number {
    return this.#block(row).expiresMs[row % blockRows] ?? 0;
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
