// The text of an API key, `slk_<prefix>_<secret>`: the prefix finds the row and is no secret, the secret is 256 bits. Only the SHA-256 of
// the whole text is kept: a secret of this size needs no slow hash. Whatever is wrong with a text, the same work is done.
import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

const prefixAlphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
const prefixLength = 10;
const secretBytes = 32;
const form = /^slk_([a-z0-9]{10})_[A-Za-z0-9_-]{43}$/;
const bearer = /^Bearer (slk_[\x21-\x7e]{1,200})$/i;

interface KeyText {
  readonly text: string;
  readonly prefix: string;
  readonly hash: Buffer<ArrayBuffer>;
}

export const hashOf = (text: string): Buffer<ArrayBuffer> => createHash('sha256').update(text).digest();

/** A new secret; for a rotation with the prefix that the key has. */
export function makeKeyText(prefix: string = newPrefix()): KeyText {
  const text = `slk_${prefix}_${randomBytes(secretBytes).toString('base64url')}`;
  return { text, prefix, hash: hashOf(text) };
}

function newPrefix(): string {
  return Array.from({ length: prefixLength }, () => prefixAlphabet[randomInt(prefixAlphabet.length)]).join('');
}

/** What stands in an Authorization header where a key is meant, well formed or not; null where none is. */
export const sentKey = (headers: Headers): string | null => bearer.exec(headers.get('authorization') ?? '')?.[1] ?? null;

/** Null for a text that no key has. */
export const prefixOf = (text: string): string | null => form.exec(text)?.[1] ?? null;

const nobodys = Buffer.alloc(32);

/** Which of the kept hashes the text has; null for none. Both are compared, in constant time. */
export function whichHash(text: string, kept: { current: Uint8Array | null; previous: Uint8Array | null }): 'current' | 'previous' | null {
  const hash = hashOf(text);
  const current = timingSafeEqual(hash, kept.current ?? nobodys);
  const previous = timingSafeEqual(hash, kept.previous ?? nobodys);
  if (current) return 'current';
  return previous ? 'previous' : null;
}
