// The audit record: what was done, by whom and why; to be searched, exported and checked.
import { z } from 'zod';
import { auditHead, auditLink } from '../audit.ts';
import { id } from '../names.ts';
import { auditView } from './config.ts';
import { pageInput, pageOf } from './page.ts';

const word = z.string().trim().min(1).max(300);
/** Everything given must fit. `action` and `target` are beginnings: `pools.` is all that was done to pools. */
export const auditFilter = z.strictObject({
  actor: word.optional(),
  actorKind: auditView.shape.actorKind.optional(),
  action: word.optional(),
  target: word.optional(),
  tenantId: id.optional(),
  requestId: word.optional(),
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  /** Anywhere in who, what, why, before and after; upper and lower case are the same. */
  text: word.optional(),
});
export type AuditFilter = z.output<typeof auditFilter>;

/** `before` and `after` hold no secret and nobody's recipients. */
export const auditDetail = auditView.extend({ seq: z.number().int(), before: z.unknown(), after: z.unknown(), hash: z.string() });
export type AuditDetail = z.output<typeof auditDetail>;

/** Newest first. A page can be short, or empty, and still have a next one: a search by text looks at a bounded number of entries. */
export const auditSearch = { input: pageInput.extend(auditFilter.shape), output: pageOf(auditDetail) };

export const auditFormats = ['ndjson', 'csv'] as const;
/** Oldest first, as lines of a file. The head line of a CSV comes with the first page. */
export const auditExport = {
  input: z.strictObject({
    cursor: z.string().max(200).optional(),
    limit: z.number().int().min(1).max(1_000).default(1_000),
    format: z.enum(auditFormats).default('ndjson'),
    ...auditFilter.shape,
  }),
  output: z.object({ text: z.string(), entries: z.number().int(), nextCursor: z.string().nullable() }),
};

/** The chain itself, from the entry after `after` on; for whoever checks it. */
export const auditChain = {
  input: z.strictObject({ after: z.number().int().min(0).default(0), limit: z.number().int().min(1).max(500).default(200) }),
  output: z.object({ links: z.array(auditLink), head: auditHead }),
};

/** How the record is: what the console has checked by itself, and what nodes say who keep anchors of it. */
export const auditState = {
  output: z.object({
    head: auditHead,
    checking: z.object({
      /** The entry that the check under way has come to. */
      at: z.number().int(),
      /** When the last whole check ended; null before the first. */
      endedAt: z.iso.datetime().nullable(),
      /** Entries of the last whole check. */
      entries: z.number().int(),
      problems: z.array(z.object({ kind: z.string(), seq: z.number().int(), message: z.string() })),
    }),
    anchors: z.array(z.object({ node: z.string(), at: z.iso.datetime(), seq: z.number().int(), agrees: z.boolean() })),
  }),
};
