// The last record of a full segment of the waiting: all that a start has to know of its entries, so that it reads a twentieth of the segment
// and nothing of it is JSON but the names of its queues. A segment without one, or whose is damaged, is read record by record.
//
//   0 u32 entries   4 u32 where the first record lies   8 then, for all entries, u32 each: bytes of the record, bucket, content segment,
//   bytes kept alive there, number of the queue   then the names of the queues, JSON   last u32: bytes of this record, by which it is found
import type { Files } from '../ports.ts';
import { bucketMs } from '../waiting-entries.ts';
import { bucketOf } from './depot-log.ts';
import type { Deposited } from './depot.ts';
import { frameBytes, recordAt, recordTypes, segmentSeed } from './record.ts';

const headNumbers = 2;
const columns = 5;
const wordBytes = 4;

/** Collects what is written to the current segment. */
export class WaitingIndex {
  #segment = 0;
  #firstOffset = 0;
  #rows: number[] = [];
  readonly #queues = new Map<string, number>();

  /** `queue`: its names with NUL between them. In the order in which the records lie, without gaps. */
  add({ place, dueAt, contentSegment, contentBytes }: Deposited, queue: string): void {
    if (place.segment !== this.#segment) {
      this.#segment = place.segment;
      this.#firstOffset = place.offset;
      this.#rows = [];
      this.#queues.clear();
    }
    let number = this.#queues.get(queue);
    if (number === undefined) this.#queues.set(queue, (number = this.#queues.size));
    this.#rows.push(place.length, bucketOf(dueAt), contentSegment, contentBytes, number);
  }

  /** Of the segment, to be written behind what lies there; null when it has no entries. */
  payload(segment: number): Buffer | null {
    if (segment !== this.#segment || this.#rows.length === 0) return null;
    const count = this.#rows.length / columns;
    const names = Buffer.from(JSON.stringify([...this.#queues.keys()]));
    const payload = Buffer.alloc((headNumbers + count * columns + 1) * wordBytes + names.length);
    payload.writeUInt32LE(count, 0);
    payload.writeUInt32LE(this.#firstOffset, wordBytes);
    for (let n = 0; n < count; n += 1)
      for (let column = 0; column < columns; column += 1)
        payload.writeUInt32LE(this.#rows[n * columns + column] ?? 0, (headNumbers + column * count + n) * wordBytes);
    names.copy(payload, payload.length - wordBytes - names.length);
    payload.writeUInt32LE(frameBytes + payload.length, payload.length - wordBytes);
    return payload;
  }
}

export type IndexedEntries = {
  count: number;
  /** The n-th in order, as one object used again and again. */
  each(visit: (entry: Deposited, bucket: number, queue: number) => void): void;
  queues: string[];
};

/** Memory for reading one index after the other. */
export type IndexScratch = { buffer: Buffer };

/** The index that ends a segment; null when it has none that is whole. */
export function readIndex(
  files: Files,
  handle: number,
  { segment, end }: { segment: number; end: number },
  scratch: IndexScratch,
): IndexedEntries | null {
  if (end < wordBytes) return null;
  const last = Buffer.from(files.read(handle, wordBytes, end - wordBytes));
  const length = last.length === wordBytes ? last.readUInt32LE(0) : 0;
  if (length < frameBytes + (headNumbers + 1) * wordBytes || length > end) return null;
  if (scratch.buffer.length < length) scratch.buffer = Buffer.allocUnsafeSlow(length * 2);
  const bytes = files.read(handle, length, end - length, scratch.buffer);
  const at = end - length;
  const window = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const record = recordAt((offset, wanted) => window.subarray(offset - at, offset - at + wanted), at, end, segmentSeed('waiting', segment));
  if (record?.type !== recordTypes.index) return null;
  const { payload } = record;
  const count = payload.readUInt32LE(0);
  const namesAt = (headNumbers + count * columns) * wordBytes;
  const queues = JSON.parse(payload.toString('utf8', namesAt, payload.length - wordBytes)) as string[];
  return { count, queues, each: (visit) => visitRows(payload, segment, count, visit) };
}

function visitRows(payload: Buffer, segment: number, count: number, visit: Parameters<IndexedEntries['each']>[0]): void {
  const at = (column: number, n: number): number => payload.readUInt32LE((headNumbers + column * count + n) * wordBytes);
  const place = { segment, offset: payload.readUInt32LE(wordBytes), length: 0 };
  const entry = { place, dueAt: 0, contentSegment: 0, contentBytes: 0 };
  for (let n = 0; n < count; n += 1) {
    const bucket = at(1, n);
    place.length = at(0, n);
    entry.dueAt = bucket * bucketMs;
    entry.contentSegment = at(2, n);
    entry.contentBytes = at(3, n);
    visit(entry, bucket, at(4, n));
    place.offset += place.length;
  }
}
