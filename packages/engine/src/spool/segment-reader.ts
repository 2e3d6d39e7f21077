// Reads single records out of segments by their place, through a few files kept open. Every read validates the checksum.
import type { ContentRef } from '../entry.ts';
import type { Files } from '../ports.ts';
import { openSegments } from './limits.ts';
import type { RecordPlace } from './live-index.ts';
import type { Found, SegmentKind } from './record.ts';
import { recordAt, segmentSeed } from './record.ts';
import { segmentPath } from './segment-files.ts';

export class SegmentReader {
  readonly #files: Files;
  readonly #shard: string;
  readonly #open = new Map<string, number>();

  constructor(files: Files, shard: string) {
    this.#files = files;
    this.#shard = shard;
  }

  /** The whole valid record at this place; null when it is missing or damaged. */
  record(kind: SegmentKind, place: RecordPlace | ContentRef): Found | null {
    try {
      const handle = this.#handle(segmentPath(this.#shard, kind, place.segment));
      const bytes = this.#files.read(handle, place.length, place.offset);
      const record = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const within = (offset: number, length: number): Buffer => record.subarray(offset - place.offset, offset - place.offset + length);
      return recordAt(within, place.offset, place.offset + place.length, segmentSeed(kind, place.segment));
    } catch {
      return null;
    }
  }

  /** Closes the file of a segment that is about to be removed. */
  forget(kind: SegmentKind, segment: number): void {
    this.#close(segmentPath(this.#shard, kind, segment));
  }

  close(): void {
    for (const path of [...this.#open.keys()]) this.#close(path);
  }

  #handle(path: string): number {
    const known = this.#open.get(path);
    const handle = known ?? this.#files.open(path);
    this.#open.delete(path);
    this.#open.set(path, handle);
    const oldest = this.#open.keys().next().value;
    if (this.#open.size > openSegments && oldest !== undefined) this.#close(oldest);
    return handle;
  }

  #close(path: string): void {
    const handle = this.#open.get(path);
    if (handle === undefined) return;
    this.#open.delete(path);
    this.#files.close(handle);
  }
}
