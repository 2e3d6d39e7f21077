// The key-encryption key: 32 bytes, never stored in the database. What is stored is its id and a check value, both one-way, so that a
// start with the wrong key is told at once and not at the first message to sign.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export const keyBytes = 32;
const idHexDigits = 16;

export function requireKey(key: Uint8Array): void {
  if (key.byteLength !== keyBytes) throw new RangeError(`a key has ${keyBytes} bytes`);
}

/** Stable id of a key; says nothing about it. */
export function kekIdOf(key: Uint8Array): string {
  requireKey(key);
  return `kek-${createHash('sha256').update('sluice kek id v1\0').update(key).digest('hex').slice(0, idHexDigits)}`;
}

/** base64; goes into the table `installation`. */
export function makeKekCheckValue(key: Uint8Array): string {
  requireKey(key);
  return createHmac('sha256', key).update('sluice kek check v1').digest('base64');
}

export function isKekCheckValue(key: Uint8Array, checkValue: string): boolean {
  const mine = Buffer.from(makeKekCheckValue(key), 'base64');
  const theirs = Buffer.from(checkValue, 'base64');
  return mine.length === theirs.length && timingSafeEqual(mine, theirs);
}
