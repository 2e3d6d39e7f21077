// Contents accepted a moment ago, as they were accepted: the first attempt of nearly all mail needs no disk read. Bounded by bytes; the
// oldest goes first. Replies arrive in the order of batches, so insertion order is age.
import type { ContentRef, StoredContent } from '../entry.ts';
import { OldestFirst } from '../oldest-first.ts';

/** Segments are shorter than this, so segment and offset fit one exact number. */
const offsetSpan = 2 ** 32;
const keyOf = (ref: ContentRef): number => ref.segment * offsetSpan + ref.offset;

export class ContentCache {
  readonly #contents = new Map<number, StoredContent>();
  readonly #oldest = new OldestFirst(this.#contents);
  readonly #limitBytes: number;
  bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  put(ref: ContentRef, content: StoredContent): void {
    if (content.bytes.byteLength > this.#limitBytes) return;
    this.#contents.set(keyOf(ref), content);
    this.bytes += content.bytes.byteLength;
    while (this.bytes > this.#limitBytes) {
      const oldest = this.#oldest.next();
      if (oldest === undefined) return;
      this.bytes -= this.#contents.get(oldest)?.bytes.byteLength ?? 0;
      this.#contents.delete(oldest);
    }
  }

  get(ref: ContentRef): StoredContent | null {
    return this.#contents.get(keyOf(ref)) ?? null;
  }
}
