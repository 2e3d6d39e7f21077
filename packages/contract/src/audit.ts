// Entries of the audit record as they stand in its chain, its head, and the anchors that nodes keep of it. The rule of the chain itself is
// in audit-chain.ts.
import { z } from 'zod';

/** One entry as it is hashed: texts exactly as the database has them, `before` and `after` as the text of its JSON. */
export const auditLink = z.object({
  seq: z.number().int().positive(),
  prevHash: z.string(),
  hash: z.string(),
  id: z.string(),
  /** ISO 8601 in UTC with milliseconds. */
  at: z.string(),
  actorKind: z.string(),
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  tenantId: z.string().nullable(),
  reason: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  requestId: z.string(),
  address: z.string().nullable(),
  revision: z.number().int().nullable(),
});
export type AuditLink = z.infer<typeof auditLink>;

export const auditHead = z.object({ seq: z.number().int().nonnegative(), hash: z.string() });
export type AuditHead = z.infer<typeof auditHead>;

/** What a node saw of the head, as it keeps it. `agrees` is false where what it had kept before was gone by then. */
export const auditAnchor = z.object({ at: z.number(), ...auditHead.shape, agrees: z.boolean() });
export type AuditAnchor = z.infer<typeof auditAnchor>;
