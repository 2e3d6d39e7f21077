// From "this tenant signs for this domain" to a key that can sign: selector from the running generation, private half opened from its
// sealed secret once and kept as a parsed key. Both are dropped when the secret changes.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { Configuration, SigningKey } from '@sluice/engine';
import type { OpenSealed } from './key-store.ts';

/** Parsed keys kept; each is a few kilobytes. */
const keptKeys = 5_000;

export type SigningKeys = {
  /** Null: no active key. `unavailable`: its secret has not arrived, does not open or is no key. */
  keyFor(tenantId: string, domain: string): SigningKey | 'unavailable' | null;
};

export function signingKeys(
  configuration: Configuration,
  open: OpenSealed,
  onProblem: (keyId: string, message: string) => void,
): SigningKeys {
  const parsed = new Map<string, KeyObject>();
  configuration.onSecrets((ids) => {
    for (const id of ids) parsed.delete(id);
  });

  function parse(keyId: string, secretId: string): KeyObject | null {
    const plain = open(configuration.sealedSecret(secretId));
    if (!plain) return null;
    try {
      return createPrivateKey(Buffer.from(plain));
    } catch {
      onProblem(keyId, 'the private key cannot be read');
      return null;
    }
  }

  return {
    keyFor(tenantId, domain) {
      const key = configuration.current.signingKey(tenantId, domain);
      if (!key) return null;
      let privateKey = parsed.get(key.secretId) ?? null;
      if (privateKey === null) {
        privateKey = parse(key.id, key.secretId);
        // A secret that has not arrived yet is looked for again.
        if (privateKey === null) return 'unavailable';
        if (parsed.size >= keptKeys) parsed.delete(parsed.keys().next().value ?? '');
        parsed.set(key.secretId, privateKey);
      }
      return { selector: key.selector, domain: key.domain, privateKey };
    },
  };
}
