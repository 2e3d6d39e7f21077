// One framed record of a segment: what makes a torn, misplaced or rotten byte visible. The checksum is seeded with the segment's kind,
// number and the record's offset, so bytes that belong elsewhere do not validate here. This frame never changes between versions; only
// payloads do, so that an older reader can always tell "newer than I am" from "damaged".
//
//   0  u32  crc32 over bytes 4..end, seeded      6  u8  version      8  u32  length of the payload
//   4  u16  magic                                7  u8  type         12 payload
import { crc32 } from 'node:zlib';

export const frameBytes = 12;
/** Neither byte occurs in UTF-8, so text inside a JSON payload can never look like the start of a record. */
const magic = 0xf7ff;
const magicBytes = Buffer.from([0xff, 0xf7]);
/** 2: entries that wait long lie in segments of their own. A program that knows nothing of these must not open the spool. */
export const recordVersion = 2;
/** Longest payload a reader believes; a content is at most this. */
export const maxPayloadBytes = 256 * 1024 * 1024;

export const recordTypes = {
  header: 1,
  accept: 2,
  change: 3,
  carry: 4,
  content: 5,
  part: 6,
  whole: 7,
  waiting: 8,
  returned: 9,
  laidBy: 10,
  moved: 11,
  index: 12,
} as const;
export type RecordType = (typeof recordTypes)[keyof typeof recordTypes];
export type SegmentKind = 'journal' | 'content' | 'waiting';

export type SpoolFormatCode = 'spool_version' | 'spool_mismatch' | 'spool_damaged' | 'spool_in_use';
/** The directory cannot be used as it is: written by a newer version, by another node, worker or egress mode, or in use. */
export class SpoolFormatError extends Error {
  readonly code: SpoolFormatCode;
  constructor(code: SpoolFormatCode, message: string) {
    super(message);
    this.name = 'SpoolFormatError';
    this.code = code;
  }
}

export function refuseNewer(version: number, what: string): void {
  if (version > recordVersion) {
    throw new SpoolFormatError('spool_version', `${what} has version ${version}; this program reads up to ${recordVersion}`);
  }
}

export function segmentSeed(kind: SegmentKind, segment: number): number {
  return crc32(`${kind}/${segment}`);
}

/** Writes type and length of a record whose payload is already in place; `seal` completes it when its place is known. */
export function frame(buffer: Buffer, start: number, type: RecordType, payloadBytes: number): void {
  buffer.writeUInt16LE(magic, start + 4);
  buffer[start + 6] = recordVersion;
  buffer[start + 7] = type;
  buffer.writeUInt32LE(payloadBytes, start + 8);
}

/** Bytes of the framed record that starts here, frame included. */
export function framedLength(buffer: Buffer, start: number): number {
  return frameBytes + buffer.readUInt32LE(start + 8);
}

export function seal(buffer: Buffer, start: number, end: number, seed: number, offset: number): void {
  buffer.writeUInt32LE(crc32(buffer.subarray(start + 4, end), (seed ^ offset) >>> 0), start);
}

/** Seals every record of a region that begins at `offset` of its segment. */
export function sealAll(region: Buffer, offset: number, seed: number): void {
  for (let start = 0; start < region.length;) {
    const end = start + framedLength(region, start);
    seal(region, start, end, seed, offset + start);
    start = end;
  }
}

/** A whole record from a payload, sealed for its place. */
export function sealedRecord(type: RecordType, payload: Uint8Array, seed: number, offset: number): Buffer {
  const record = Buffer.allocUnsafeSlow(frameBytes + payload.byteLength);
  record.set(payload, frameBytes);
  frame(record, 0, type, payload.byteLength);
  seal(record, 0, record.length, seed, offset);
  return record;
}

/** Bytes of one segment by position; fewer than asked only at the end. */
export type SegmentBytes = (offset: number, length: number) => Buffer;

export type Found = { version: number; type: number; offset: number; length: number; payload: Buffer };

/** The valid record at `offset` that ends by `end`, or null. Says nothing about versions: see `refuseNewer`. */
export function recordAt(bytes: SegmentBytes, offset: number, end: number, seed: number): Found | null {
  if (offset + frameBytes > end) return null;
  const head = bytes(offset, frameBytes);
  if (head.length < frameBytes || head.readUInt16LE(4) !== magic) return null;
  const payloadBytes = head.readUInt32LE(8);
  const length = frameBytes + payloadBytes;
  if (payloadBytes > maxPayloadBytes || offset + length > end) return null;
  const record = bytes(offset, length);
  if (record.length < length || record.readUInt32LE(0) !== crc32(record.subarray(4), (seed ^ offset) >>> 0)) return null;
  return { version: record.readUInt8(6), type: record.readUInt8(7), offset, length, payload: record.subarray(frameBytes) };
}

const searchBytes = 64 * 1024;

/** The first valid record after damaged bytes, or null when none follows before `end`. */
export function nextRecordAfter(bytes: SegmentBytes, damagedAt: number, end: number, seed: number): Found | null {
  for (let from = damagedAt + 1; from < end; from += searchBytes - magicBytes.length - 4) {
    const stretch = Buffer.from(bytes(from, Math.min(searchBytes, end - from)));
    for (let hit = stretch.indexOf(magicBytes); hit !== -1; hit = stretch.indexOf(magicBytes, hit + 1)) {
      const found = from + hit - 4 > damagedAt ? recordAt(bytes, from + hit - 4, end, seed) : null;
      if (found !== null) return found;
    }
  }
  return null;
}
