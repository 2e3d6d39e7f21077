// How secrets are kept: the keys that they are sealed for, and the nodes that may open them. No procedure answers with a secret.
import { z } from 'zod';

const reason = z.string().trim().min(3).max(500);
const keyId = z.string().regex(/^node-[0-9a-f]{16}$/);

export const nodeKeyView = z.object({
  id: z.string(),
  node: z.string(),
  /** `pending`: it has asked, and opens nothing. `removed`: it opens nothing that is sealed since. */
  state: z.enum(['pending', 'enrolled', 'removed']),
  /** As the node writes it into its own log. */
  fingerprint: z.string(),
  reportedAt: z.iso.datetime(),
  seenAt: z.iso.datetime(),
  decidedAt: z.iso.datetime().nullable(),
  decidedBy: z.string().nullable(),
  /** It has the fleet key in force. */
  ready: z.boolean(),
});
export type NodeKeyView = z.infer<typeof nodeKeyView>;
export const nodesKeys = { output: z.array(nodeKeyView) };
export const nodesEnroll = { input: z.strictObject({ keyId, reason }), output: z.object({ id: z.string(), node: z.string() }) };
export const nodesRemove = { input: z.strictObject({ keyId, reason }), output: z.object({ id: z.string(), node: z.string() }) };

export const secretsStatus = {
  output: z.object({
    /** The key-encryption key in force. */
    kekId: z.string(),
    /** Those before it that are set too; `needed` while something is sealed for them alone. */
    oldKeks: z.array(z.object({ id: z.string(), needed: z.boolean() })),
    total: z.number().int(),
    /** Secrets that are not sealed for the keys in force yet. */
    waiting: z.number().int(),
    fleetKeys: z.array(
      z.object({
        id: z.string(),
        state: z.enum(['active', 'retiring', 'retired']),
        createdAt: z.iso.datetime(),
        retiredAt: z.iso.datetime().nullable(),
      }),
    ),
  }),
};
export const secretsRotateFleetKey = { input: z.strictObject({ reason }), output: z.object({ fleetKeyId: z.string() }) };
