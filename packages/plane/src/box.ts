// A box that anyone can close for the holder of an X25519 key and only that holder can open: a pair made for this one box, the shared
// secret through HKDF-SHA256, AES-256-GCM. RFC 7748, RFC 5869. Keys are 32 raw octets in base64.
import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto';
import { decryptWith, encryptWith } from './aead.ts';

export const rawKeyBytes = 32;

export type KeyPair = { publicKey: string; privateKey: string };

const base64 = (base64url: string | undefined): string => Buffer.from(base64url ?? '', 'base64url').toString('base64');
const url = (text: string): string => Buffer.from(text, 'base64').toString('base64url');

export function makeKeyPair(): KeyPair {
  const { d, x } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
  return { publicKey: base64(x), privateKey: base64(d) };
}

function requireRaw(key: string): void {
  if (Buffer.from(key, 'base64').length !== rawKeyBytes) throw new RangeError(`a key has ${rawKeyBytes} bytes`);
}

function publicObject(publicKey: string): KeyObject {
  requireRaw(publicKey);
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: url(publicKey) }, format: 'jwk' });
}

function privateObject({ publicKey, privateKey }: KeyPair): KeyObject {
  requireRaw(privateKey);
  return createPrivateKey({ key: { kty: 'OKP', crv: 'X25519', x: url(publicKey), d: url(privateKey) }, format: 'jwk' });
}

function boxKey(shared: Buffer, ephemeral: Buffer, publicKey: string): Buffer {
  const salt = Buffer.concat([ephemeral, Buffer.from(publicKey, 'base64')]);
  const key = Buffer.from(hkdfSync('sha256', shared, salt, 'sluice box v1', rawKeyBytes));
  shared.fill(0);
  return key;
}

/** base64 of the box's own public key (32) + nonce (12) + ciphertext + tag (16). `aad` must be the same when it is opened. */
export function closeBox(publicKey: string, plain: Uint8Array, aad: string): string {
  const own = makeKeyPair();
  const ephemeral = Buffer.from(own.publicKey, 'base64');
  const shared = diffieHellman({ privateKey: privateObject(own), publicKey: publicObject(publicKey) });
  const key = boxKey(shared, ephemeral, publicKey);
  const sealed = encryptWith(key, plain, aad);
  key.fill(0);
  return Buffer.concat([ephemeral, sealed]).toString('base64');
}

/** Undefined for a box that is not ours, or not whole. */
export function openBox(pair: KeyPair, box: string, aad: string): Buffer | undefined {
  const bytes = Buffer.from(box, 'base64');
  if (bytes.length <= rawKeyBytes) return undefined;
  const ephemeral = bytes.subarray(0, rawKeyBytes);
  try {
    const shared = diffieHellman({ privateKey: privateObject(pair), publicKey: publicObject(ephemeral.toString('base64')) });
    const key = boxKey(shared, ephemeral, pair.publicKey);
    const plain = decryptWith(key, bytes.subarray(rawKeyBytes), aad);
    key.fill(0);
    return plain;
  } catch {
    return undefined; // OpenSSL refuses a public key of low order
  }
}
