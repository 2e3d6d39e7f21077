// Opens the sealed secrets that the feed brought with what this node's key ring has. Plain secrets exist only where they are used.
import type { SealedSecret } from '@sluice/contract';
import { openSecret } from '@sluice/plane';
import type { KeyRing } from './key-ring.ts';

export type OpenSealed = (sealed: SealedSecret | undefined) => Uint8Array | null;

/** Null for a secret that is absent, damaged or sealed for another key; `onProblem` hears which, without the secret. */
export function sealedOpener(ring: Pick<KeyRing, 'openers'>, onProblem: (secretId: string, code: string) => void): OpenSealed {
  return (sealed) => {
    if (!sealed) return null;
    let code = 'not_for_us';
    for (const opener of ring.openers(Object.keys(sealed.wraps))) {
      const opened = openSecret(sealed, opener);
      if (opened.ok) return opened.plain;
      if (opened.code !== 'not_for_us') code = opened.code;
    }
    onProblem(sealed.id, code);
    return null;
  };
}

/** Tells each problem of each secret once, and again after `forget`. */
export function once(tell: (secretId: string, code: string) => void): { tell: typeof tell; forget: () => void } {
  const told = new Set<string>();
  return {
    tell(secretId, code) {
      if (told.has(`${secretId} ${code}`)) return;
      if (told.size < maxTold) told.add(`${secretId} ${code}`);
      tell(secretId, code);
    },
    forget: () => told.clear(),
  };
}
const maxTold = 10_000;
