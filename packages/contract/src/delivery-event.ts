// What the engine says happened. An event is written once into the accounting log together with the queue change it reports, keeps its
// place there as its identity, and is copied unchanged to Postgres; the console reads nothing else about mail. Replies of remote
// servers are attacker-written text: length-bounded here, escaped by whoever shows them.
import { z } from 'zod';

export const eventTypes = ['accepted', 'delivered', 'deferred', 'bounced', 'expired', 'cancelled', 'path_deferred'] as const;
export const outcomeScopes = ['recipient', 'transaction', 'session', 'path'] as const;
/** Why it failed, coarse: codes tell it, and a provider's reply rules more precisely. */
export const bounceClasses = [
  'bad_mailbox',
  'bad_domain',
  'mailbox_full',
  'policy',
  'rate_limited',
  'message',
  'network',
  'dns',
  'tls',
  'protocol',
  'expired',
  /** An operator returned it. */
  'administrative',
  'other',
] as const;

export const tlsFacts = z.object({
  version: z.string().max(16),
  cipher: z.string().max(64),
  /** Whether the certificate chain and name were valid; opportunistic TLS goes on regardless. RFC 7435. */
  verified: z.boolean(),
  /** What proved who the peer is. Absent in events of engines that did not tell. RFC 5280, RFC 7672. */
  verifiedBy: z.enum(['none', 'pkix', 'dane']).optional(),
  /** What was required of the connection: the TLS mode and the policies above it, such as `opportunistic dane`. */
  requirement: z.string().max(200).optional(),
});

export const remoteReply = z.object({
  code: z.number().int().min(200).max(599),
  /** Enhanced status code, `class.subject.detail`, or null when the peer sent none. RFC 3463. */
  enhanced: z.string().max(16).nullable(),
  /** Reply text without codes, lines joined by LF, control characters replaced; at most 2,000 characters. */
  text: z.string().max(2000),
  /** The command it answered, or the phase where no command was open. */
  command: z.enum(['connect', 'greeting', 'ehlo', 'starttls', 'auth', 'mail', 'rcpt', 'data', 'message', 'rset', 'quit']),
});

export const deliveryEvent = z.object({
  /** Identity: `node/worker/logId/segment/offset`, plus `#n` for the n-th recipient (from 1) of an accept record. */
  id: z.string().max(200),
  type: z.enum(eventTypes),
  /** Milliseconds since the epoch. */
  at: z.number().int(),
  node: z.string(),
  egress: z.enum(['sandbox', 'internet']),
  /** Null only on path events, which belong to no tenant. */
  tenantId: z.string().nullable(),
  streamId: z.string().nullable(),
  campaign: z.string().nullable(),
  messageId: z.string().nullable(),
  /** `messageId.n`; one per recipient. */
  entryId: z.string().nullable(),
  sender: z.string().nullable(),
  recipient: z.string().nullable(),
  domain: z.string().nullable(),
  sizeBytes: z.number().int().nullable(),
  /** 1 for the first attempt; null on accepted and path events. */
  attempt: z.number().int().nullable(),
  sourceId: z.string().nullable(),
  poolId: z.string().nullable(),
  provider: z.string().nullable(),
  site: z.string().nullable(),
  mxHost: z.string().nullable(),
  remoteAddress: z.string().nullable(),
  reply: remoteReply.nullable(),
  scope: z.enum(outcomeScopes).nullable(),
  bounceClass: z.enum(bounceClasses).nullable(),
  /** Key of the provider's reply rule that said what the reply means. Absent where none did. */
  replyRule: z.string().max(64).optional(),
  /** What we say when there is no reply: a connect error, a DNS answer. */
  detail: z.string().max(500).nullable(),
  tls: tlsFacts.nullable(),
  /** From taking the entry in hand to the outcome. */
  latencyMs: z.number().int().nullable(),
  /** When the next attempt is due (deferred), milliseconds since the epoch. */
  nextAttemptAt: z.number().int().nullable(),
  /** Entries held behind the path (path_deferred). */
  heldCount: z.number().int().nullable(),
  /** Header Message-ID of the injected message (accepted only). */
  headerMessageId: z.string().max(500).nullable(),
});

export type DeliveryEvent = z.infer<typeof deliveryEvent>;
export type EventType = DeliveryEvent['type'];
export type OutcomeScope = (typeof outcomeScopes)[number];
export type BounceClass = (typeof bounceClasses)[number];
export type RemoteReply = z.infer<typeof remoteReply>;
export type TlsFacts = z.infer<typeof tlsFacts>;

/** Every field of an event that says something about mail, saying nothing: what builders of events start from. */
export const noEventFacts = {
  tenantId: null,
  streamId: null,
  campaign: null,
  messageId: null,
  entryId: null,
  sender: null,
  recipient: null,
  domain: null,
  sizeBytes: null,
  attempt: null,
  sourceId: null,
  poolId: null,
  provider: null,
  site: null,
  mxHost: null,
  remoteAddress: null,
  reply: null,
  scope: null,
  bounceClass: null,
  detail: null,
  tls: null,
  latencyMs: null,
  nextAttemptAt: null,
  heldCount: null,
  headerMessageId: null,
} as const satisfies Partial<DeliveryEvent>;
