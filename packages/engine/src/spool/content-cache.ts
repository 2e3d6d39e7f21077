// Contents accepted a moment ago, as they were accepted: the first attempt of nearly all mail needs no disk read. One is let go once it was
// read for each of its recipients: what comes later comes much later. Bounded by bytes too; the oldest goes first. Replies arrive in the
// order of batches, so insertion order is age.
import type { ContentRef, StoredContent } from '../entry.ts';
import { OldestFirst } from '../oldest-first.ts';
import { ReleasingMap } from '../releasing.ts';

/** Segments are shorter than this, so segment and offset fit one exact number. */
const offsetSpan = 2 ** 32;
const keyOf = (ref: ContentRef): number => ref.segment * offsetSpan + ref.offset;

type Kept = { readonly content: StoredContent; reads: number };

export class ContentCache {
  readonly #contents = new ReleasingMap<number, Kept>();
  readonly #oldest = new OldestFirst(this.#contents);
  readonly #limitBytes: number;
  bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** `reads`: how often it is wanted soon. */
  put(ref: ContentRef, content: StoredContent, reads: number): void {
    if (content.bytes.byteLength > this.#limitBytes) return;
    this.#contents.set(keyOf(ref), { content, reads });
    this.bytes += content.bytes.byteLength;
    while (this.bytes > this.#limitBytes) {
      const oldest = this.#oldest.next();
      if (oldest === undefined) return;
      this.#letGo(oldest);
    }
  }

  /** One of its reads; null when it is not kept any more. */
  take(ref: ContentRef): StoredContent | null {
    const key = keyOf(ref);
    const kept = this.#contents.get(key);
    if (!kept) return null;
    kept.reads--;
    if (kept.reads <= 0) this.#letGo(key);
    return kept.content;
  }

  #letGo(key: number): void {
    this.bytes -= this.#contents.get(key)?.content.bytes.byteLength ?? 0;
    this.#contents.delete(key);
  }
}
