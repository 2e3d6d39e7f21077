// Secrets at rest: each under its own random data key (AES-256-GCM), the data key wrapped once per recipient. The secret's id and what it
// belongs to are authenticated with the ciphertext, and the recipient's id with the wrap, so that no part can be moved to another row.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { SealedSecret } from '@sluice/contract';
import { keyBytes, requireKey } from './kek.ts';

const nonceBytes = 12;
const tagBytes = 16;
const cipher = 'aes-256-gcm';

/** Somebody who can open: an id (for example `kekIdOf(key)`) and a key of 32 bytes. */
export type RecipientKey = { id: string; key: Uint8Array };

/** `not_for_us`: no wrap for this recipient. `wrong_key`: the wrap does not open. `damaged`: the data key opens nothing. */
export type OpenedSecret = { ok: true; plain: Uint8Array } | { ok: false; code: 'not_for_us' | 'wrong_key' | 'damaged' };

function encrypt(key: Uint8Array, plain: Uint8Array, aad: string): string {
  const nonce = randomBytes(nonceBytes);
  const box = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(aad));
  return Buffer.concat([nonce, box.update(plain), box.final(), box.getAuthTag()]).toString('base64');
}

function decrypt(key: Uint8Array, sealed: string, aad: string): Buffer | undefined {
  const bytes = Buffer.from(sealed, 'base64');
  if (bytes.length < nonceBytes + tagBytes) return undefined;
  const box = createDecipheriv(cipher, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes }).setAAD(Buffer.from(aad));
  box.setAuthTag(bytes.subarray(bytes.length - tagBytes));
  try {
    return Buffer.concat([box.update(bytes.subarray(nonceBytes, bytes.length - tagBytes)), box.final()]);
  } catch {
    return undefined; // GCM says no more than that the tag does not fit
  }
}

const secretAad = (id: string, aad: string) => `sluice secret v1\0${id}\0${aad}`;
const wrapAad = (id: string, recipientId: string) => `sluice wrap v1\0${id}\0${recipientId}`;

/** Seals `plain` for every recipient. `aad` says what it belongs to, for example `dkim_key:<id>`. */
export function sealSecret(plain: Uint8Array, { id, aad }: { id: string; aad: string }, recipients: readonly RecipientKey[]): SealedSecret {
  if (recipients.length === 0) throw new RangeError('a secret without recipients could never be opened');
  const dataKey = randomBytes(keyBytes);
  const wraps: Record<string, string> = {};
  for (const recipient of recipients) {
    requireKey(recipient.key);
    wraps[recipient.id] = encrypt(recipient.key, dataKey, wrapAad(id, recipient.id));
  }
  const ciphertext = encrypt(dataKey, plain, secretAad(id, aad));
  dataKey.fill(0);
  return { id, aad, ciphertext, wraps };
}

export function openSecret(sealed: SealedSecret, recipient: RecipientKey): OpenedSecret {
  requireKey(recipient.key);
  const wrap = Object.hasOwn(sealed.wraps, recipient.id) ? sealed.wraps[recipient.id] : undefined;
  if (wrap === undefined) return { ok: false, code: 'not_for_us' };
  const dataKey = decrypt(recipient.key, wrap, wrapAad(sealed.id, recipient.id));
  if (dataKey?.length !== keyBytes) return { ok: false, code: 'wrong_key' };
  const plain = decrypt(dataKey, sealed.ciphertext, secretAad(sealed.id, sealed.aad));
  dataKey.fill(0);
  return plain ? { ok: true, plain } : { ok: false, code: 'damaged' };
}
