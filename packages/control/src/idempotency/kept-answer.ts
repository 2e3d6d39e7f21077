// Answers as they are kept for a replay. Some hold a secret that is shown once, and none of them says which it is, so all are sealed: under
// a key derived from the key-encryption key, bound to the call they answer. A copy of the database alone shows nothing of them.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

const cipher = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** Which call: actor, procedure and key. */
export type CallName = readonly [actor: string, procedure: string, key: string];

const answerKey = (kek: Uint8Array): Uint8Array => new Uint8Array(hkdfSync('sha256', kek, '', 'sluice idempotent answers v1', keyBytes));
const markKey = (kek: Uint8Array): Uint8Array => new Uint8Array(hkdfSync('sha256', kek, '', 'sluice idempotent bodies v1', keyBytes));
const boundTo = (call: CallName): Buffer => Buffer.from(call.join('\0'));

/** What is kept of a body. Not its plain hash: a body may hold a password, which could be guessed from that. */
export const bodyMark = (kek: Uint8Array, call: CallName, bodyHash: Uint8Array): Buffer<ArrayBuffer> =>
  createHmac('sha256', markKey(kek)).update(boundTo(call)).update('\0').update(bodyHash).digest();

export function sealAnswer(kek: Uint8Array, call: CallName, json: string): Buffer<ArrayBuffer> {
  const nonce = randomBytes(nonceBytes);
  const box = createCipheriv(cipher, answerKey(kek), nonce, { authTagLength: tagBytes }).setAAD(boundTo(call));
  return Buffer.concat([nonce, box.update(json, 'utf8'), box.final(), box.getAuthTag()]);
}

/** Null when it was sealed under another key-encryption key, or is damaged. */
export function openAnswer(kek: Uint8Array, call: CallName, sealed: Uint8Array): string | null {
  if (sealed.length < nonceBytes + tagBytes) return null;
  const box = createDecipheriv(cipher, answerKey(kek), sealed.subarray(0, nonceBytes), { authTagLength: tagBytes }).setAAD(boundTo(call));
  box.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  try {
    return Buffer.concat([box.update(sealed.subarray(nonceBytes, sealed.length - tagBytes)), box.final()]).toString('utf8');
  } catch {
    return null; // GCM says no more than that the tag does not fit
  }
}
