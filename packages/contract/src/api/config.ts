// What changed, who changed it, and why.
import { z } from 'zod';
import { pageInput, pageOf } from './page.ts';

export const revisionView = z.object({
  number: z.number().int(),
  at: z.iso.datetime(),
  author: z.string(),
  reason: z.string(),
  contentRoot: z.string(),
  changes: z.array(z.object({ kind: z.string(), id: z.string(), action: z.enum(['put', 'delete']) })),
});
export const configRevisions = { input: pageInput, output: pageOf(revisionView) };

export const auditView = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  actorKind: z.enum(['user', 'key', 'system', 'local']),
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  tenantId: z.string().nullable(),
  reason: z.string(),
  requestId: z.string(),
  address: z.string().nullable(),
  revision: z.number().int().nullable(),
});
export const auditList = { input: pageInput, output: pageOf(auditView) };
