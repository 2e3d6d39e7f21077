// Contents of entries that wait long, together in segments of their own. Where they came in they lie among those of mail that is over in a
// moment; left there each would keep a segment of dead bytes on the disk for hours. They are copied once, when their entry is first laid by,
// and again only from a segment that has become mostly dead.
import type { ContentRef } from '../entry.ts';
import type { Files } from '../ports.ts';
import { recordTypes, sealAll } from './record.ts';
import type { Region } from './region.ts';
import type { Aside, Placed, SegmentLog } from './segment-log.ts';

/** A segment less live than this is left by what passes through the depot. */
export const liveShareToStay = 0.5;
/** Messages with several recipients whose copy is remembered for those that are laid by later. */
const maxRecent = 4_096;

export class ColdContents {
  readonly #files: Files;
  readonly #content: SegmentLog;
  readonly #segmentBytes: number;
  readonly #segments: Set<number>;
  readonly #recent = new Map<string, ContentRef>();
  #current: Aside | null = null;

  /** `known`: segments of an earlier run. */
  constructor(files: Files, content: SegmentLog, segmentBytes: number, known: Iterable<number>) {
    this.#files = files;
    this.#content = content;
    this.#segmentBytes = segmentBytes;
    this.#segments = new Set(known);
  }

  has(segment: number): boolean {
    return this.#segments.has(segment);
  }

  /** The next copies go there. */
  isCurrent(segment: number): boolean {
    return this.#current?.segment === segment;
  }

  copyOf(messageId: string): ContentRef | undefined {
    const ref = this.#recent.get(messageId);
    return ref !== undefined && this.#content.sealed.has(ref.segment) ? ref : undefined;
  }

  copied(messageId: string, ref: ContentRef): void {
    this.#recent.set(messageId, ref);
    const oldest = this.#recent.keys().next().value;
    if (this.#recent.size > maxRecent && oldest !== undefined) this.#recent.delete(oldest);
  }

  /** Makes a region of contents durable. Throws the file system's error. */
  append(region: Region): Placed {
    const bytes = region.used();
    if (this.#current !== null && this.#current.end + bytes.length > this.#segmentBytes) this.close();
    const current = (this.#current ??= this.#begin());
    const at = { segment: current.segment, offset: current.end };
    try {
      sealAll(bytes, at.offset, current.seed);
      this.#files.write(current.handle, [bytes], at.offset);
      this.#files.datasync(current.handle);
    } catch (error) {
      // After a failed write or fdatasync a file is never written again.
      this.close();
      throw error;
    }
    this.#content.datasyncs += 1;
    current.end += bytes.length;
    this.#content.sealed.set(current.segment, current.end);
    return at;
  }

  forget(segment: number): void {
    this.#segments.delete(segment);
  }

  close(): void {
    if (this.#current === null) return;
    const { handle } = this.#current;
    this.#current = null;
    this.#files.close(handle);
  }

  #begin(): Aside {
    const aside = this.#content.aside();
    this.#segments.add(aside.segment);
    this.#content.sealed.set(aside.segment, aside.end);
    return aside;
  }
}

/** Puts a content as it lies elsewhere into the region; returns where in it. */
export function putCopy(region: Region, payload: Uint8Array): { start: number; end: number } {
  const start = region.begin();
  region.bytes(payload);
  region.end(start, recordTypes.content);
  return { start, end: region.length };
}
