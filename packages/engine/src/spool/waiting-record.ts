// What a record of the waiting says: when its entry is due and to which queue it belongs, so that neither a start nor its return has to
// parse JSON; behind that the carry record it becomes when it goes back into the journal, whose own record says whence it came.
//
//   waiting   0 f64 due   8 f64 expires   16 f64 accepted   24 u16 recipient's number   26 u16 bytes of the queue's names
//             28 u8 has options   29 0   30 names, then the carry
//   returned  0 u32 segment   4 u32 offset   8 f64 wakes   16 the carry
import { Region, utf8PerUnit } from './region.ts';
import type { RecordPlace } from './live-index.ts';

const headBytes = 30;
const returnedBytes = 16;

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

/** An entry is over at its expiry: it wakes then, whatever it was waiting for. */
export const wakeOf = ({ dueAt, expiresAt }: Pick<WaitingHead, 'dueAt' | 'expiresAt'>): number => Math.min(dueAt, expiresAt);

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

export function putReturned(region: Region, { segment, offset }: RecordPlace, wakeMs: number, carry: Uint8Array): void {
  const head = Buffer.allocUnsafe(returnedBytes);
  head.writeUInt32LE(segment, 0);
  head.writeUInt32LE(offset, 4);
  head.writeDoubleLE(wakeMs, 8);
  region.bytes(head);
  region.bytes(carry);
}

/** Whence it came. */
export function returnedFrom(payload: Buffer): { segment: number; offset: number; wakeMs: number } {
  return { segment: payload.readUInt32LE(0), offset: payload.readUInt32LE(4), wakeMs: payload.readDoubleLE(8) };
}

export const returnedCarry = (payload: Buffer): Buffer => payload.subarray(returnedBytes);
