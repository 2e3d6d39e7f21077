// The writing end of one kind of segment. Bytes are appended to the newest file and are part of the log only when fdatasync returned.
// A file whose write or fdatasync failed is retired at its last acknowledged byte and never written or synced again: after a failed
// fsync the kernel may have dropped the dirty pages, so a second, successful fsync proves nothing. One new segment is tried then.
import type { Files } from '../ports.ts';
import { freeSegments } from './limits.ts';
import type { RecordType, SegmentKind } from './record.ts';
import { recordTypes, sealedRecord, segmentSeed } from './record.ts';
import type { SegmentHeader } from './segment-files.ts';
import { segmentPath } from './segment-files.ts';

export type Placed = { segment: number; offset: number };

/** A file of this log beside the current one. */
export type Aside = { segment: number; handle: number; end: number; seed: number };
type Current = Aside & { fresh: boolean; reserve: boolean };

export type SegmentLogOptions = {
  files: Files;
  shard: string;
  kind: SegmentKind;
  segmentBytes: number;
  /** No segment up to this number exists or may be made. */
  lastSegment: number;
  /** Sealed segments found at start, with their ends. */
  sealed: Map<number, number>;
  header: (previous: SegmentHeader['previous']) => SegmentHeader;
  previous: SegmentHeader['previous'];
  /** Turns a preallocated file into the given path, for use when no new file can be written; false when there is none. */
  takeReserve?: (path: string) => boolean;
  /** The record that ends a segment which is full; null when it has none. */
  lastRecord?: (segment: number) => { type: RecordType; payload: Uint8Array } | null;
};

export class SegmentLog {
  /** Every readable segment but the current, with its acknowledged end. */
  readonly sealed: Map<number, number>;
  lastSegment: number;
  datasyncs = 0;
  retired = 0;
  #current: Current | null = null;
  #previous: SegmentHeader['previous'];
  readonly #options: SegmentLogOptions;

  constructor(options: SegmentLogOptions) {
    this.#options = options;
    this.sealed = options.sealed;
    this.lastSegment = options.lastSegment;
    this.#previous = options.previous;
  }

  get current(): { segment: number; end: number; handle: number; reserve: boolean } | null {
    return this.#current;
  }

  /**
   * Appends a region and makes it durable. `place` is told where the region goes and seals its records for that place; it is called
   * again when a first segment fails. Throws the file system's error when a second one fails too.
   */
  append(region: Buffer, place: (at: Placed, seed: number) => void): Placed {
    const full = this.#current !== null && !this.#current.fresh && this.#current.end + region.length > this.#options.segmentBytes;
    if (full) this.#finish();
    const tries = [() => this.#current ?? this.make(), () => this.make(), () => this.#makeOfReserve()];
    let failure: unknown = null;
    for (const target of tries) {
      try {
        const current = target();
        if (current !== null) return this.#write(current, region, place);
      } catch (error) {
        failure = error;
        this.#retireFailed();
      }
    }
    throw failure;
  }

  /** What was appended last, at this place, is no part of the log. It stays in the file, which is closed: whether it counts is not ours to say. */
  undo({ segment, offset }: Placed): void {
    if (this.#current?.segment !== segment) return;
    this.#current.end = offset;
    this.#retire();
  }

  /** A whole reserve is there again: the current segment counts as any other. */
  reserveRenewed(): void {
    if (this.#current !== null) this.#current.reserve = false;
  }

  /** Closes the current segment at its acknowledged end and begins the next; throws when no file can be made. */
  make(): Current {
    this.#retire();
    const current = { ...this.aside(), fresh: true, reserve: false };
    this.#current = current;
    return current;
  }

  /** A segment of its own for whoever asks, with the next number; throws when no file can be made. Its bytes are the caller's to make durable. */
  aside(): Aside {
    return this.#create(() => this.#options.files.create(this.#path()));
  }

  /** Sees to it that there is a segment to write to, at the last out of the reserve; throws the file system's error when there cannot be one. */
  ensureCurrent(): void {
    if (this.#current !== null) return;
    try {
      this.make();
    } catch (error) {
      if (this.#makeOfReserve() === null) throw error;
    }
  }

  /** Null when there is no reserve. Its blocks are there already, so this works on a full disk. */
  #makeOfReserve(): Current | null {
    const take = this.#options.takeReserve;
    if (take === undefined || !take(segmentPath(this.#options.shard, this.#options.kind, this.lastSegment + 1))) return null;
    const current = { ...this.#create(() => this.#options.files.open(this.#path())), fresh: true, reserve: true };
    this.#current = current;
    return current;
  }

  #path(): string {
    return segmentPath(this.#options.shard, this.#options.kind, this.lastSegment);
  }

  #create(openFile: () => number): Aside {
    const { files, shard, kind } = this.#options;
    this.lastSegment += 1;
    const handle = openFile();
    try {
      const seed = segmentSeed(kind, this.lastSegment);
      const header = sealedRecord(recordTypes.header, Buffer.from(JSON.stringify(this.#options.header(this.#previous))), seed, 0);
      files.write(handle, [header], 0);
      files.datasync(handle);
      files.syncDirectory(shard);
      this.datasyncs += 1;
      return { segment: this.lastSegment, handle, end: header.length, seed };
    } catch (error) {
      this.#abandon(handle);
      throw error;
    }
  }

  /** A file that never carried a record: gone if it can be; recovery ignores it otherwise, since no header names it. */
  #abandon(handle: number): void {
    try {
      this.#options.files.close(handle);
      this.#options.files.remove(this.#path());
    } catch {
      // The disk is failing: what could not be removed is void and is removed at the next start.
    }
  }

  #write(current: Current, region: Buffer, place: (at: Placed, seed: number) => void): Placed {
    const at = { segment: current.segment, offset: current.end };
    place(at, current.seed);
    this.#options.files.write(current.handle, [region], at.offset);
    this.#options.files.datasync(current.handle);
    this.datasyncs += 1;
    current.end += region.length;
    current.fresh = false;
    return at;
  }

  /** Ends the current segment, which is full, with its last record if there is one and it can be written: it says nothing that the others do not. */
  #finish(): void {
    const current = this.#current;
    const last = current === null ? null : (this.#options.lastRecord?.(current.segment) ?? null);
    if (current !== null && last !== null) {
      try {
        const record = sealedRecord(last.type, last.payload, current.seed, current.end);
        this.#options.files.write(current.handle, [record], current.end);
        this.#options.files.datasync(current.handle);
        this.datasyncs += 1;
        current.end += record.length;
      } catch {
        // The segment ends where it ended; the file is not written again in any case.
      }
    }
    this.#retire();
  }

  /** Gives back the room of what was not acknowledged, as far as the disk still lets us. */
  #retireFailed(): void {
    if (this.#current === null) return;
    this.retired += 1;
    try {
      this.#options.files.truncate(this.#current.handle, this.#current.end);
    } catch {
      // The next header seals the file at its acknowledged end in any case.
    }
    this.#retire();
  }

  #retire(): void {
    if (this.#current === null) return;
    const { segment, end, handle } = this.#current;
    this.sealed.set(segment, end);
    this.#previous = { segment, end };
    this.#current = null;
    try {
      this.#options.files.close(handle);
    } catch {
      // A close that fails says nothing about what was acknowledged.
    }
  }

  close(): void {
    this.#retire();
  }
}

/** Of all its segments, up to their acknowledged ends. */
export function totalBytes(log: SegmentLog): number {
  let bytes = log.current?.end ?? 0;
  for (const end of log.sealed.values()) bytes += end;
  return bytes;
}

/** Whether a log takes more than twice what is live of it, beside the segments that are free. */
export function isSparse(log: SegmentLog, liveBytes: number): boolean {
  return log.sealed.size >= freeSegments && liveBytes * 2 < totalBytes(log);
}
