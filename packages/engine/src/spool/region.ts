// A buffer into which framed records are written one after the other: one region of a batch, handed to the disk as it is.
import type { RecordType } from './record.ts';
import { frame, frameBytes } from './record.ts';

/** Longest UTF-8 text in bytes for its length in UTF-16 units. */
export const utf8PerUnit = 3;

/** A region used again and again begins with so much, and is given up when it grew beyond. */
export const firstKeptBytes = 512 * 1024;
const keptBytes = 8 * 1024 * 1024;

/** A buffer that grows; what is in it up to `length` is one region of a batch. */
export class Region {
  buffer: Buffer;
  length = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  reserve(more: number): void {
    if (this.length + more <= this.buffer.length) return;
    const bigger = Buffer.allocUnsafeSlow(Math.max(this.length + more, this.buffer.length * 2));
    bigger.set(this.buffer.subarray(0, this.length));
    this.buffer = bigger;
  }

  /** Appends text and returns its bytes. */
  text(text: string): number {
    this.reserve(text.length * utf8PerUnit);
    const written = this.buffer.write(text, this.length);
    this.length += written;
    return written;
  }

  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.byteLength);
    this.buffer.set(bytes, this.length);
    this.length += bytes.byteLength;
  }

  /** Begins a record; the result goes to `end`. */
  begin(): number {
    const start = this.length;
    this.reserve(frameBytes);
    this.length += frameBytes;
    return start;
  }

  end(start: number, type: RecordType): void {
    frame(this.buffer, start, type, this.length - start - frameBytes);
  }

  /** To be filled anew: for bytes that are on disk before anybody else asks for it. */
  emptied(): this {
    if (this.buffer.length > keptBytes) this.buffer = Buffer.allocUnsafeSlow(firstKeptBytes);
    this.length = 0;
    return this;
  }

  used(): Buffer {
    return this.buffer.subarray(0, this.length);
  }
}
