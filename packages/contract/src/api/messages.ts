// Where is this mail? Search by recipient, then one timeline a message with every attempt and what the remote said.
import { z } from 'zod';
import { bounceClasses, eventTypes, outcomeScopes, remoteReply, tlsFacts } from '../delivery-event.ts';
import { mailbox } from '../names.ts';
import { pageOf } from './page.ts';

export const eventView = z.object({
  id: z.string(),
  type: z.enum(eventTypes),
  at: z.iso.datetime(),
  node: z.string(),
  tenantId: z.string().nullable(),
  streamId: z.string().nullable(),
  campaign: z.string().nullable(),
  messageId: z.string().nullable(),
  entryId: z.string().nullable(),
  sender: z.string().nullable(),
  recipient: z.string().nullable(),
  domain: z.string().nullable(),
  sizeBytes: z.number().int().nullable(),
  attempt: z.number().int().nullable(),
  sourceId: z.string().nullable(),
  /** Name of the source, when it still exists. */
  source: z.string().nullable(),
  provider: z.string().nullable(),
  site: z.string().nullable(),
  mxHost: z.string().nullable(),
  remoteAddress: z.string().nullable(),
  remoteReply: remoteReply.nullable(),
  scope: z.enum(outcomeScopes).nullable(),
  bounceClass: z.enum(bounceClasses).nullable(),
  /** The provider's rule that said what the reply means; the meaning while the provider still has the rule. */
  replyRule: z.object({ key: z.string(), meaning: z.string().nullable() }).nullable(),
  detail: z.string().nullable(),
  tls: tlsFacts.nullable(),
  latencyMs: z.number().int().nullable(),
  nextAttemptAt: z.iso.datetime().nullable(),
  heldCount: z.number().int().nullable(),
});
export type EventView = z.infer<typeof eventView>;

/** One row an entry (message x recipient), newest first. `state` is the type of its newest event. */
export const messageRow = z.object({
  entryId: z.string(),
  messageId: z.string(),
  tenantId: z.string(),
  tenantName: z.string().nullable(),
  sender: z.string().nullable(),
  recipient: z.string(),
  state: z.enum(eventTypes),
  acceptedAt: z.iso.datetime().nullable(),
  lastEventAt: z.iso.datetime(),
  attempts: z.number().int(),
  lastReply: remoteReply.nullable(),
});
/** Exact recipient address, or `@domain` for all of a domain. Without `recipient`: the newest mail. */
export const messagesSearch = {
  input: z.strictObject({
    recipient: z.union([mailbox, z.string().regex(/^@[^\s@]+$/)]).optional(),
    cursor: z.string().max(200).optional(),
    limit: z.number().int().min(1).max(200).default(50),
  }),
  output: pageOf(messageRow),
};
/** All events of one entry, oldest first. */
export const messagesTimeline = {
  input: z.strictObject({ entryId: z.string().max(100) }),
  output: z.object({ entryId: z.string(), events: z.array(eventView) }),
};
/** All events of one recipient address, oldest first; at most `limit`, the newest are kept. */
export const messagesTrace = {
  input: z.strictObject({ recipient: mailbox, limit: z.number().int().min(1).max(1000).default(200) }),
  output: z.object({ recipient: z.string(), events: z.array(eventView) }),
};
