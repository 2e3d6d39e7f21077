// What a record of the waiting says: when its entry is due and to which queue it belongs, so that neither a start nor its return has to
// parse JSON; behind that the carry record it becomes when it goes back into the journal, whose own record says whence it came.
//
//   waiting   0 f64 due   8 f64 expires   16 f64 accepted   24 u16 recipient's number   26 u16 bytes of the queue's names
//             28 u8 has options   29 0   30 names, then the carry
//   returned  0 u32 segment   4 u32 offset   8 f64 due   16 the carry
//   moved     the same without the carry, then 16 u32 segment   20 u32 offset   24 u32 length of where it lies now
import type { ContentRef } from '../entry.ts';
import { putContentRef } from './payload.ts';
import { Region, utf8PerUnit } from './region.ts';
import type { RecordPlace } from './live-index.ts';

const headBytes = 30;
const returnedBytes = 16;
const movedBytes = 28;

export type WaitingHead = {
  dueAt: number;
  expiresAt: number;
  acceptedAt: number;
  index: number;
  /** The entry asks for more than its queue does. */
  hasOptions: boolean;
  /** Tenant, stream, campaign (empty: none) and domain, with NUL between them. */
  queue: string;
  carry: Buffer;
};

export function putWaiting(region: Region, { dueAt, expiresAt, acceptedAt, index, hasOptions, queue, carry }: WaitingHead): void {
  region.reserve(headBytes + queue.length * utf8PerUnit);
  const at = region.length;
  region.length += headBytes;
  const names = region.text(queue);
  const { buffer } = region;
  buffer.writeDoubleLE(dueAt, at);
  buffer.writeDoubleLE(expiresAt, at + 8);
  buffer.writeDoubleLE(acceptedAt, at + 16);
  buffer.writeUInt16LE(index, at + 24);
  buffer.writeUInt16LE(names, at + 26);
  buffer.writeUInt16LE(hasOptions ? 1 : 0, at + 28);
  region.bytes(carry);
}

export function waitingHead(payload: Buffer): WaitingHead {
  const carryAt = headBytes + payload.readUInt16LE(26);
  return {
    dueAt: payload.readDoubleLE(0),
    expiresAt: payload.readDoubleLE(8),
    acceptedAt: payload.readDoubleLE(16),
    index: payload.readUInt16LE(24),
    hasOptions: payload.readUInt8(28) === 1,
    queue: payload.toString('utf8', headBytes, carryAt),
    carry: payload.subarray(carryAt),
  };
}

export function putReturned(region: Region, { segment, offset }: RecordPlace, dueAt: number, carry: Uint8Array): void {
  putOrigin(region, { segment, offset }, dueAt);
  region.bytes(carry);
}

function putOrigin(region: Region, { segment, offset }: Omit<RecordPlace, 'length'>, dueAt: number): void {
  const head = Buffer.allocUnsafe(returnedBytes);
  head.writeUInt32LE(segment, 0);
  head.writeUInt32LE(offset, 4);
  head.writeDoubleLE(dueAt, 8);
  region.bytes(head);
}

/** Whence it came, for `returned` and `moved`. */
export function cameFrom(payload: Buffer): { segment: number; offset: number; dueAt: number } {
  return { segment: payload.readUInt32LE(0), offset: payload.readUInt32LE(4), dueAt: payload.readDoubleLE(8) };
}

export const returnedCarry = (payload: Buffer): Buffer => payload.subarray(returnedBytes);

/** An entry of the waiting lies elsewhere among them now. */
export function putMoved(region: Region, from: RecordPlace, dueAt: number, to: RecordPlace): void {
  putOrigin(region, from, dueAt);
  const place = Buffer.allocUnsafe(movedBytes - returnedBytes);
  place.writeUInt32LE(to.segment, 0);
  place.writeUInt32LE(to.offset, 4);
  place.writeUInt32LE(to.length, 8);
  region.bytes(place);
}

export function movedTo(payload: Buffer): RecordPlace {
  const [segment, offset, length] = [0, 4, 8].map((at) => payload.readUInt32LE(returnedBytes + at)) as [number, number, number];
  return { segment, offset, length };
}

/** A content lies elsewhere than this record of the waiting says. */
export function putWaitingContent(payload: Buffer, content: ContentRef): void {
  putContentRef(payload.subarray(headBytes + payload.readUInt16LE(26)), content);
}
