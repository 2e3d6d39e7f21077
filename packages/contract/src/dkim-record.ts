// The records of DKIM selectors in DNS: asked of a node, whose resolver is the only way to DNS, and judged by the console.
import { z } from 'zod';

/** Names in one question; a node asks for all of them at once. */
export const maxDkimNames = 50;

/** Only names of selectors are asked for. RFC 6376 section 3.6.2.1 */
export const dkimName = z
  .string()
  .max(320)
  .regex(/^[a-z0-9-]+\._domainkey\.[a-z0-9._-]+$/);

export const dkimRecordsQuestion = z.object({ names: z.array(dkimName).min(1).max(maxDkimNames) });
export const dkimRecordsAnswer = z.object({
  records: z
    .array(
      z.object({
        name: z.string(),
        /** Each TXT record with its strings joined; null: DNS gave no answer. */
        texts: z.array(z.string().max(4096)).max(10).nullable(),
      }),
    )
    .max(maxDkimNames),
});

/** `mismatch`: there is a record, and receivers do not find this key in it. */
export const dkimRecordState = z.enum(['present', 'absent', 'mismatch', 'unreachable']);
export type DkimRecordState = z.infer<typeof dkimRecordState>;
