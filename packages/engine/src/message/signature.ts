// One signature, start to finish: the canonical header, the RSA operation and the finished field. Synchronous and a quarter of a
// millisecond long, so it runs on a signing thread, never on the engine's own.
import { sign, type KeyObject } from 'node:crypto';
import { prepareSignature, type SigningInput } from './dkim.ts';

export type SignatureJob = SigningInput & { key: KeyObject };

/** What can make signatures beside the engine's thread. Rejects when the key cannot sign. */
export interface SignatureMaker {
  /** The DKIM-Signature field; empty when the header cannot be signed. */
  make(job: SignatureJob): Promise<Uint8Array>;
}

const nothing = new Uint8Array(0);

/** RSA-SHA256, RFC 6376 section 3.3.2. Throws when the key cannot sign. */
export function makeSignature(job: SignatureJob): Uint8Array {
  const prepared = prepareSignature(job);
  return prepared ? prepared.withSignature(sign('sha256', prepared.data, job.key).toString('base64')) : nothing;
}
