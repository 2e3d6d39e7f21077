// Opens the sealed secrets that the feed brought with this node's key-encryption key. Plain secrets exist only where they are used.
import type { SealedSecret } from '@sluice/contract';
import { kekIdOf, openSecret } from '@sluice/plane';

export type OpenSealed = (sealed: SealedSecret | undefined) => Uint8Array | null;

/** Null for a secret that is absent, damaged or sealed for another key; `onProblem` hears which, without the secret. */
export function sealedOpener(key: Uint8Array, onProblem: (secretId: string, code: string) => void): OpenSealed {
  const recipient = { id: kekIdOf(key), key };
  return (sealed) => {
    if (!sealed) return null;
    const opened = openSecret(sealed, recipient);
    if (opened.ok) return opened.plain;
    onProblem(sealed.id, opened.code);
    return null;
  };
}
