// A secret at rest: AES-256-GCM ciphertext under its own data key, and that data key wrapped once per recipient. Both planes read this
// shape; only holders of a recipient key can open it. `aad` binds the ciphertext to the record it belongs to.
import { z } from 'zod';

export const sealedSecret = z.object({
  id: z.uuid(),
  /** What it belongs to, for example `dkim_key:<id>`; authenticated together with the ciphertext. */
  aad: z.string(),
  /** base64 of nonce (12) + ciphertext + tag (16). */
  ciphertext: z.string(),
  /** Recipient key id -> base64 of nonce (12) + wrapped data key (32) + tag (16). */
  wraps: z.record(z.string(), z.string()),
});
export type SealedSecret = z.infer<typeof sealedSecret>;

/** Secret feed: rows newer than the reader's own cursor; `secret` null means deleted. */
export type SecretDelta = { cursor: number; secrets: { cursor: number; id: string; secret: SealedSecret | null }[] };
