// DKIM signing on the way out: which key, and whether a signature made a moment ago will do. A content sent to many recipients is signed
// once. How many signatures wait is bounded by open deliveries.
import type { KeyObject } from 'node:crypto';
import type { ContentFacts, RecipientEntry } from '../entry.ts';
import type { Clock } from '../ports.ts';
import type { SignatureMaker } from './signature.ts';

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
  maker: SignatureMaker;
};

export type Signer = {
  /** The DKIM-Signature field to send before the message, or nothing when there is no key. Rejects only when there is one that cannot sign. */
  sign(facts: ContentFacts, bytes: Uint8Array, entry: RecipientEntry): Promise<Uint8Array>;
};

type Cached = { header: Promise<Uint8Array>; key: KeyObject; selector: string; madeAt: number };

/** Signs with RSA-SHA256 relaxed/relaxed, From and its kin oversigned. RFC 6376, RFC 8301 section 3. */
export function createSigner(options: SignerOptions): Signer {
  const cache = new Map<string, Cached>();

  function make(facts: ContentFacts, bytes: Uint8Array, key: SigningKey, nowMs: number): Promise<Uint8Array> {
    const { domain, selector, privateKey } = key;
    const header = bytes.subarray(0, facts.headerBytes);
    return options.maker.make({
      ...{ header, bodyHash: facts.bodyHash, domain, selector },
      timeSeconds: Math.floor(nowMs / 1000),
      key: privateKey,
    });
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
