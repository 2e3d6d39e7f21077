// DKIM signing on the way out. Preparing a signature is cheap and happens here on the loop; the RSA operation runs in libuv's pool, a
// bounded number at once. A content sent to many recipients is signed once.
import { sign as signAsync, type KeyObject } from 'node:crypto';
import type { ContentFacts, RecipientEntry } from '../entry.ts';
import type { Clock } from '../ports.ts';
import { prepareSignature } from './dkim.ts';

/**
 * Enough to keep the pool busy through one turn of the loop, which hands out the next ones only when it comes round. The spool and DNS do
 * not use the pool, so a signature in front of them delays neither.
 */
const SIGNATURES_PER_CORE = 8;
/** Finished signatures kept, about 1 KB each. */
const CACHE_ENTRIES = 2_000;
/** A cached signature older than this is made again: its t= should be near the attempt, and keys rotate. */
const CACHE_AGE_MS = 10 * 60_000;
const NO_HEADER = new Uint8Array(0);

export type SigningKey = { selector: string; domain: string; privateKey: KeyObject };
export type SignerOptions = {
  /**
   * The tenant's active key for exactly this domain; null when it has none, which sends unsigned. `unavailable`: there is one, but not
   * to be had now; its mail waits, since a receiver may refuse for good what its domain's policy wants signed. RFC 7489 section 6.3.
   */
  keyFor: (tenantId: string, domain: string) => SigningKey | 'unavailable' | null;
  clock: Clock;
  cores: number;
};

export type Signer = {
  /** The DKIM-Signature field to send before the message, or nothing when there is no key. Rejects only when there is one that cannot sign. */
  sign(facts: ContentFacts, bytes: Uint8Array, entry: RecipientEntry): Promise<Uint8Array>;
};

type Cached = { header: Promise<Uint8Array>; key: KeyObject; selector: string; madeAt: number };

/** Runs at most `limit` signatures at once; the rest wait in order. How many wait is bounded by open deliveries. */
function createPool(limit: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  const start = (data: Buffer, key: KeyObject, settle: (error: Error | null, signature: Buffer) => void) => {
    running += 1;
    signAsync('sha256', data, key, (error, signature) => {
      running -= 1;
      waiting.shift()?.();
      settle(error, signature);
    });
  };
  return (data: Buffer, key: KeyObject): Promise<string> =>
    new Promise((resolve, reject) => {
      const settle = (error: Error | null, signature: Buffer) => (error ? reject(error) : resolve(signature.toString('base64')));
      if (running < limit) start(data, key, settle);
      else waiting.push(() => start(data, key, settle));
    });
}

/** Signs with RSA-SHA256 relaxed/relaxed, From and its kin oversigned. RFC 6376, RFC 8301 section 3. */
export function createSigner(options: SignerOptions): Signer {
  const rsa = createPool(Math.max(1, options.cores) * SIGNATURES_PER_CORE);
  const cache = new Map<string, Cached>();

  async function make(facts: ContentFacts, bytes: Uint8Array, key: SigningKey, nowMs: number): Promise<Uint8Array> {
    const prepared = prepareSignature({
      header: bytes.subarray(0, facts.headerBytes),
      bodyHash: facts.bodyHash,
      domain: key.domain,
      selector: key.selector,
      timeSeconds: Math.floor(nowMs / 1000),
    });
    return prepared ? prepared.withSignature(await rsa(prepared.data, key.privateKey)) : NO_HEADER;
  }

  return {
    sign(facts, bytes, entry) {
      const key = options.keyFor(entry.tenantId, facts.fromDomain);
      if (!key) return Promise.resolve(NO_HEADER);
      if (key === 'unavailable') return Promise.reject(new Error('the signing key is not available'));
      const nowMs = options.clock.nowMs();
      const name = `${entry.tenantId} ${entry.egress} ${entry.messageId}`;
      const kept = cache.get(name);
      const fresh = kept && kept.key === key.privateKey && kept.selector === key.selector && nowMs - kept.madeAt < CACHE_AGE_MS;
      if (fresh) return kept.header;
      const header = make(facts, bytes, key, nowMs);
      cache.delete(name);
      cache.set(name, { header, key: key.privateKey, selector: key.selector, madeAt: nowMs });
      if (cache.size > CACHE_ENTRIES) {
        const [oldest] = cache.keys();
        if (oldest !== undefined) cache.delete(oldest);
      }
      // A failure is told to those who wait for it and not remembered.
      header.catch(() => {
        if (cache.get(name)?.header === header) cache.delete(name);
      });
      return header;
    },
  };
}
