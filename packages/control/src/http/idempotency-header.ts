// What a request says about being made once: its Idempotency-Key, and the hash of its body as it was sent.
import { bodyHashOf, isIdempotencyKey, type Idempotency } from '../idempotency/once.ts';

const idempotencyHeader = 'idempotency-key';
export const replayedHeader = 'idempotency-replayed';

/** Null without the header; what is wrong with it otherwise. `calls`: how many procedures the request asks for. */
export function idempotencyOf(headers: Headers, body: string, calls: number): Idempotency | null | { problem: string } {
  const key = headers.get(idempotencyHeader)?.trim();
  if (key === undefined || key === '') return null;
  if (!isIdempotencyKey(key)) return { problem: 'Idempotency-Key: 1 to 255 printable ASCII characters without blanks' };
  if (calls !== 1) return { problem: 'Idempotency-Key: send one call a request' };
  return { key, bodyHash: bodyHashOf(body) };
}
