// What an operator tells running engines to do now, as against configuration, which says how things are. A command is a stored
// predicate with an issuer, a reason and an expiry; every node reports seen, applied and its result once, and keeps active ones on its
// own disk. Applying twice is applying once.
import { z } from 'zod';
import { id, instant, reason } from './names.ts';

/** What the command touches. The first scope is one egress source. */
export const commandScope = z.object({ sourceId: id });

export const engineCommand = z.object({
  id,
  kind: z.enum(['suspend', 'resume']),
  scope: commandScope,
  reason,
  issuedBy: z.string().max(200),
  issuedAt: instant,
  /** A suspension ends by itself at this time; a resume has none. */
  expiresAt: instant.nullable(),
});
export type EngineCommand = z.infer<typeof engineCommand>;

export const commandResult = z.object({
  commandId: id,
  node: z.string().max(64),
  status: z.enum(['seen', 'applied', 'failed']),
  /** Entries that the command matched on this node when it was applied. */
  matched: z.number().int().min(0),
  message: z.string().max(500),
  at: instant,
});
export type CommandResult = z.infer<typeof commandResult>;
