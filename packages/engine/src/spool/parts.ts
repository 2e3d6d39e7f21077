// A content in parts, as it lies in a segment of its own: records of the same size, the last one shorter, each with its checksum, and behind
// them one record of fixed length that says what they are. Its place is that of all of them together; whoever sends it reads a part at a
// time and never one that does not validate.
import type { ContentFacts, ContentRef } from '../entry.ts';
import { wholeRecordBytes } from './limits.ts';
import type { RecordPlace } from './live-index.ts';
import { contentOf } from './payload.ts';
import { frameBytes, recordTypes, sealedRecord, type Found } from './record.ts';
import type { SegmentReader } from './segment-reader.ts';

/** `partBytes`: octets of every part but the last. */
export type Parted = { facts: ContentFacts; partBytes: number; count: number };

/** The record behind the parts, for its place. */
export function wholeRecord(facts: ContentFacts, partBytes: number, seed: number, offset: number): Buffer {
  const payload = Buffer.alloc(wholeRecordBytes - frameBytes, ' ');
  const text = JSON.stringify([partBytes, facts]);
  if (Buffer.byteLength(text) > payload.length) throw new RangeError('the facts of a content are longer than their record');
  payload.write(text);
  return sealedRecord(recordTypes.whole, payload, seed, offset);
}

function partedOf(record: Found): Parted {
  const [partBytes, facts] = JSON.parse(record.payload.toString('utf8')) as [number, ContentFacts];
  return { facts, partBytes, count: Math.ceil(facts.sizeBytes / partBytes) };
}

const lengthOf = ({ facts, count }: Parted): number => facts.sizeBytes + count * frameBytes + wholeRecordBytes;

/** The place of the content that this record ends. */
export function placeOfWhole(segment: number, record: Found): ContentRef {
  const length = lengthOf(partedOf(record));
  return { segment, offset: record.offset + record.length - length, length };
}

/** What lies at the place; null when it is no content in parts, or its last record is missing or damaged. */
export function partedAt(reader: SegmentReader, place: RecordPlace): Parted | null {
  if (place.length <= wholeRecordBytes) return null;
  const offset = place.offset + place.length - wholeRecordBytes;
  const record = reader.record('content', { segment: place.segment, offset, length: wholeRecordBytes });
  if (record?.type !== recordTypes.whole) return null;
  const parted = partedOf(record);
  return lengthOf(parted) === place.length ? parted : null;
}

/** One part, n from 0; null when it is missing or damaged. */
export function partAt(reader: SegmentReader, place: RecordPlace, { facts, partBytes, count }: Parted, n: number): Buffer | null {
  if (n < 0 || n >= count) return null;
  const bytes = Math.min(partBytes, facts.sizeBytes - n * partBytes);
  const offset = place.offset + n * (frameBytes + partBytes);
  const record = reader.record('content', { segment: place.segment, offset, length: frameBytes + bytes });
  return record?.type === recordTypes.part && record.payload.length === bytes ? record.payload : null;
}

/** `further`: parts that follow; their number, and that of the first of them. */
export type ContentFront = { facts: ContentFacts; bytes: Buffer; further: { first: number; count: number; bytes: number } | null };

/** All of a content, or of one in parts those that hold the header; null when it is missing or fails its checksum. */
export function readFront(reader: SegmentReader, place: RecordPlace): ContentFront | null {
  const parted = partedAt(reader, place);
  if (parted === null) {
    const record = reader.record('content', place);
    return record?.type === recordTypes.content ? { ...contentOf(record.payload), further: null } : null;
  }
  const { facts, partBytes, count } = parted;
  const first = Math.max(1, Math.ceil(facts.headerBytes / partBytes));
  const parts = readParts(reader, place, parted, first);
  if (parts === null) return null;
  const rest = facts.sizeBytes - first * partBytes;
  return { facts, bytes: parts, further: rest > 0 ? { first, count: count - first, bytes: rest } : null };
}

/** The whole of a content, however it lies; null when any of it is missing or damaged. */
export function readWhole(reader: SegmentReader, place: RecordPlace): { facts: ContentFacts; bytes: Buffer } | null {
  const parted = partedAt(reader, place);
  if (parted === null) return readFront(reader, place);
  const bytes = readParts(reader, place, parted, parted.count);
  return bytes && { facts: parted.facts, bytes };
}

/** Whether all of a content is there, read a part at a time. */
export function isWhole(reader: SegmentReader, place: RecordPlace): boolean {
  const parted = partedAt(reader, place);
  if (parted === null) return readFront(reader, place) !== null;
  for (let n = 0; n < parted.count; n += 1) if (partAt(reader, place, parted, n) === null) return false;
  return true;
}

function readParts(reader: SegmentReader, place: RecordPlace, parted: Parted, count: number): Buffer | null {
  const parts: Buffer[] = [];
  for (let n = 0; n < Math.min(count, parted.count); n += 1) {
    const part = partAt(reader, place, parted, n);
    if (part === null) return null;
    parts.push(part);
  }
  if (parts.length === 1) return parts[0] ?? null;
  // Memory of its own: it may go to another thread.
  const together = Buffer.allocUnsafeSlow(parts.reduce((sum, part) => sum + part.length, 0));
  let used = 0;
  for (const part of parts) used += part.copy(together, used);
  return together;
}
