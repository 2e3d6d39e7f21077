// AES-256-GCM as everything here uses it: nonce (12) + ciphertext + tag (16), with what the text belongs to authenticated beside it.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const nonceBytes = 12;
const tagBytes = 16;
const cipher = 'aes-256-gcm';

export function encryptWith(key: Uint8Array, plain: Uint8Array, aad: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const box = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(aad));
  return Buffer.concat([nonce, box.update(plain), box.final(), box.getAuthTag()]);
}

/** Undefined when anything of it is not what was encrypted. */
export function decryptWith(key: Uint8Array, bytes: Uint8Array, aad: string): Buffer | undefined {
  if (bytes.length < nonceBytes + tagBytes) return undefined;
  const box = createDecipheriv(cipher, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes }).setAAD(Buffer.from(aad));
  box.setAuthTag(bytes.subarray(bytes.length - tagBytes));
  try {
    return Buffer.concat([box.update(bytes.subarray(nonceBytes, bytes.length - tagBytes)), box.final()]);
  } catch {
    return undefined; // GCM says no more than that the tag does not fit
  }
}
