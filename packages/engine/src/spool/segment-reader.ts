// Reads single records out of segments by their place, through a few files kept open. Every read validates the checksum. Who reads a journal
// from front to back gets the records that follow out of one read.
import type { ContentRef } from '../entry.ts';
import type { Files } from '../ports.ts';
import { openSegments, readAheadBytes } from './limits.ts';
import type { RecordPlace } from './live-index.ts';
import type { Found, SegmentKind } from './record.ts';
import { recordAt, segmentSeed } from './record.ts';
import { segmentPath } from './segment-files.ts';

/** A file kept open, where the last record read ended, and what was read beyond it. */
type OpenSegment = { readonly handle: number; lastEnd: number; read: { from: number; bytes: Uint8Array } | null; scratch: Buffer | null };

export class SegmentReader {
  readonly #files: Files;
  readonly #shard: string;
  readonly #open = new Map<string, OpenSegment>();

  constructor(files: Files, shard: string) {
    this.#files = files;
    this.#shard = shard;
  }

  /** The whole valid record at this place; null when it is missing or damaged. One that is no content is void after the next call. */
  record(kind: SegmentKind, place: RecordPlace | ContentRef): Found | null {
    try {
      const open = this.#openSegment(segmentPath(this.#shard, kind, place.segment));
      const ahead = kind === 'content' ? null : this.#ahead(open, place);
      // What was read ahead may have been written since.
      return (ahead && found(kind, place, ahead)) ?? found(kind, place, this.#files.read(open.handle, place.length, place.offset));
    } catch {
      return null;
    }
  }

  /** The bytes of the place when it follows the last one that was read there. */
  #ahead(open: OpenSegment, { offset, length }: RecordPlace): Uint8Array | null {
    const follows = offset >= open.lastEnd && offset - open.lastEnd < readAheadBytes;
    open.lastEnd = offset + length;
    const { read } = open;
    if (read && offset >= read.from && offset + length <= read.from + read.bytes.length)
      return read.bytes.subarray(offset - read.from, offset - read.from + length);
    if (!follows || length >= readAheadBytes) return null;
    open.scratch ??= Buffer.allocUnsafeSlow(readAheadBytes);
    const bytes = this.#files.read(open.handle, readAheadBytes, offset, open.scratch);
    open.read = { from: offset, bytes };
    return bytes.length < length ? null : bytes.subarray(0, length);
  }

  /** Closes the file of a segment that is about to be removed. */
  forget(kind: SegmentKind, segment: number): void {
    this.#close(segmentPath(this.#shard, kind, segment));
  }

  close(): void {
    for (const path of [...this.#open.keys()]) this.#close(path);
  }

  #openSegment(path: string): OpenSegment {
    const known = this.#open.get(path);
    const segment = known ?? { handle: this.#files.open(path), lastEnd: Infinity, read: null, scratch: null };
    this.#open.delete(path);
    this.#open.set(path, segment);
    const oldest = this.#open.keys().next().value;
    if (this.#open.size > openSegments && oldest !== undefined) this.#close(oldest);
    return segment;
  }

  #close(path: string): void {
    const segment = this.#open.get(path);
    if (segment === undefined) return;
    this.#open.delete(path);
    this.#files.close(segment.handle);
  }
}

function found(kind: SegmentKind, place: RecordPlace | ContentRef, bytes: Uint8Array): Found | null {
  const record = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const within = (offset: number, length: number): Buffer => record.subarray(offset - place.offset, offset - place.offset + length);
  return recordAt(within, place.offset, place.offset + place.length, segmentSeed(kind, place.segment));
}
