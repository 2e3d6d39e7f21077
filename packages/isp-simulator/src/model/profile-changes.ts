// What somebody assumes of the sandbox's providers, as data: `{ "gmail": { "limits": {...}, "reaction": {...} } }`, by profile. What is left
// out stays as it is. Nobody outside a provider knows these numbers.
import { z } from 'zod';
import { profiles, type ProfileName, type ProfileOverrides } from '../profiles.ts';
import { reactionParameters } from '../reaction/parameters.ts';

const range = z.tuple([z.number().min(0).max(600_000), z.number().min(0).max(600_000)]);
const limits = z.strictObject({
  connections: z.number().int().min(1).max(100_000).nullable().optional(),
  messageRate: z
    .strictObject({
      count: z.number().min(0.001).max(1_000_000),
      perSeconds: z.number().min(0.001).max(86_400),
      burst: z.number().min(0).max(1_000_000),
    })
    .nullable()
    .optional(),
  messagesPerConnection: z.number().int().min(1).max(100_000).nullable().optional(),
});
const change = z.strictObject({
  greetingDelayMs: range.optional(),
  messageDelayMs: range.optional(),
  maxRecipients: z.number().int().min(1).max(10_000).optional(),
  limits: limits.optional(),
  reaction: reactionParameters.nullable().optional(),
});
const names = Object.keys(profiles) as [ProfileName, ...ProfileName[]];
const changes = z.partialRecord(z.enum(names), change);

export type ProfileChanges = { [name in ProfileName]?: ProfileOverrides };
export type ReadProfileChanges = { ok: true; changes: ProfileChanges } | { ok: false; problems: string[] };

const maxProblems = 10;

/** `parsed`: from JSON. Every problem says where it stands. */
export function readProfileChanges(parsed: unknown): ReadProfileChanges {
  const read = changes.safeParse(parsed);
  // By way of JSON, so that what was left out is not there rather than undefined: a change names what it changes.
  if (read.success) return { ok: true, changes: JSON.parse(JSON.stringify(read.data)) as ProfileChanges };
  const problems = read.error.issues.slice(0, maxProblems).map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  return { ok: false, problems };
}
