// A DKIM key pair: the private half leaves this file only to be sealed, the public half is what the TXT record says. RFC 6376 section 3.6.1.
import { createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

/** RFC 8301 section 3.2: signers use at least 2048 bits. */
const modulusBits = 2048;

export interface DkimKeyPair {
  /** PKCS #8, PEM. Never logged, never answered. */
  readonly privateKeyPem: string;
  /** SubjectPublicKeyInfo, DER, base64. */
  readonly publicKey: string;
}

/** About 0.2 s, in libuv's pool. */
export async function makeDkimKey(): Promise<DkimKeyPair> {
  const pair = await generate('rsa', {
    modulusLength: modulusBits,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { privateKeyPem: pair.privateKey, publicKey: pair.publicKey.toString('base64') };
}

/** A private key that came from outside, as we keep our own; null when it is none that we can read. Encrypted keys are not. */
export function readDkimKey(pem: string): DkimKeyPair | null {
  try {
    const key = createPrivateKey({ key: pem, format: 'pem' });
    const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');
    return { privateKeyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(), publicKey };
  } catch {
    return null;
  }
}

/** Name and value of the TXT record an operator publishes; the value is one logical string, longer than one character-string. */
export function dkimRecord(key: { selector: string; domain: string; publicKey: string }): { dnsName: string; dnsValue: string } {
  return { dnsName: `${key.selector}._domainkey.${key.domain}`, dnsValue: `v=DKIM1; k=rsa; p=${key.publicKey}` };
}
