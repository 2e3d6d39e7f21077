// Secrets at rest: each under its own random data key (AES-256-GCM), the data key wrapped once per recipient: for the key-encryption key,
// and for the fleet key, whose private half only enrolled nodes have. The secret's id and what it belongs to are authenticated with the
// ciphertext, and the recipient's id with the wrap, so that no part can be moved to another row.
import { randomBytes } from 'node:crypto';
import type { SealedSecret } from '@sluice/contract';
import { decryptWith, encryptWith } from './aead.ts';
import { closeBox, openBox, type KeyPair } from './box.ts';
import { keyBytes, requireKey } from './kek.ts';

/** Somebody who can open with one shared key: an id (for example `kekIdOf(key)`) and 32 bytes. */
export type RecipientKey = { id: string; key: Uint8Array };
/** Somebody for whom anyone can seal: an id (for example `fleetIdOf(publicKey)`) and an X25519 key in base64. */
export type PublicRecipient = { id: string; publicKey: string };
export type Recipient = RecipientKey | PublicRecipient;
/** What opens: a shared key, or a pair. */
export type Opener = RecipientKey | ({ id: string } & KeyPair);

/** `not_for_us`: no wrap for this recipient. `wrong_key`: the wrap does not open. `damaged`: the data key opens nothing. */
export type OpenedSecret = { ok: true; plain: Uint8Array } | { ok: false; code: 'not_for_us' | 'wrong_key' | 'damaged' };

const secretAad = (id: string, aad: string) => `sluice secret v1\0${id}\0${aad}`;
const wrapAad = (id: string, recipientId: string) => `sluice wrap v1\0${id}\0${recipientId}`;

function wrapFor(recipient: Recipient, dataKey: Uint8Array, secretId: string): string {
  const aad = wrapAad(secretId, recipient.id);
  if ('publicKey' in recipient) return closeBox(recipient.publicKey, dataKey, aad);
  requireKey(recipient.key);
  return encryptWith(recipient.key, dataKey, aad).toString('base64');
}

/** The data key, or why there is none. */
function unwrap(sealed: SealedSecret, opener: Opener): Buffer | 'not_for_us' | 'wrong_key' {
  const wrap = Object.hasOwn(sealed.wraps, opener.id) ? sealed.wraps[opener.id] : undefined;
  if (wrap === undefined) return 'not_for_us';
  const aad = wrapAad(sealed.id, opener.id);
  const dataKey = 'key' in opener ? decryptWith(opener.key, Buffer.from(wrap, 'base64'), aad) : openBox(opener, wrap, aad);
  return dataKey?.length === keyBytes ? dataKey : 'wrong_key';
}

const wrapsFor = (recipients: readonly Recipient[], dataKey: Uint8Array, secretId: string): Record<string, string> =>
  Object.fromEntries(recipients.map((recipient) => [recipient.id, wrapFor(recipient, dataKey, secretId)]));

/** Seals `plain` for every recipient. `aad` says what it belongs to, for example `dkim_key:<id>`. */
export function sealSecret(plain: Uint8Array, { id, aad }: { id: string; aad: string }, recipients: readonly Recipient[]): SealedSecret {
  if (recipients.length === 0) throw new RangeError('a secret without recipients could never be opened');
  const dataKey = randomBytes(keyBytes);
  const wraps = wrapsFor(recipients, dataKey, id);
  const ciphertext = encryptWith(dataKey, plain, secretAad(id, aad)).toString('base64');
  dataKey.fill(0);
  return { id, aad, ciphertext, wraps };
}

export function openSecret(sealed: SealedSecret, opener: Opener): OpenedSecret {
  if ('key' in opener) requireKey(opener.key);
  const dataKey = unwrap(sealed, opener);
  if (typeof dataKey === 'string') return { ok: false, code: dataKey };
  const plain = decryptWith(dataKey, Buffer.from(sealed.ciphertext, 'base64'), secretAad(sealed.id, sealed.aad));
  dataKey.fill(0);
  return plain ? { ok: true, plain } : { ok: false, code: 'damaged' };
}

/** The same secret for exactly these recipients; only the data key is opened. Null when none of `openers` opens it. */
export function rewrapSecret(sealed: SealedSecret, openers: readonly Opener[], recipients: readonly Recipient[]): SealedSecret | null {
  for (const opener of openers) {
    const dataKey = unwrap(sealed, opener);
    if (typeof dataKey === 'string') continue;
    const wraps = wrapsFor(recipients, dataKey, sealed.id);
    dataKey.fill(0);
    return { ...sealed, wraps };
  }
  return null;
}
