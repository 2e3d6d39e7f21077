// The two things the spool keeps and everything else passes around: the content of an injection, stored once, and one recipient entry
// per recipient. An entry carries all that delivery needs, so that no other record has to be looked up on the way out.
import type { TlsFacts, RemoteReply, OutcomeScope, BounceClass, DeliveryEvent, DeliveryWindow } from '@sluice/contract';

export type EgressMode = 'sandbox' | 'internet';

/** Where a stored content lies: byte range of one segment file. */
export type ContentRef = { segment: number; offset: number; length: number };

/** DSN parameters as given at submission; passed on only to peers that offer DSN. RFC 3461. */
export type DsnRequest = { notify: string | null; orcpt: string | null };

/** What was asked for a message as a whole, beside where it goes. Shared by its entries. */
export type MessageOptions = {
  /** How much of the message a report of failure carries. RFC 3461 section 4.3. */
  readonly ret: 'FULL' | 'HDRS' | null;
  /** The sender's own name for the transaction, decoded. RFC 3461 section 4.4. */
  readonly envid: string | null;
  /** Only over verified TLS, all the way. RFC 8689. */
  readonly requireTls: boolean;
  /** The sender prefers delivery to what the recipient's domain demands of TLS. RFC 8689 section 3. */
  readonly tlsOptional: boolean;
  /** No attempt before this time. */
  readonly notBefore: number | null;
  /** `expiresAt` was asked for with the message; a setting does not move it. */
  readonly ownExpiry: boolean;
  /** Attempts begin only in this window, whatever the settings say. */
  readonly window: DeliveryWindow | null;
  /** This is a report of our own; the entry that it speaks of. */
  readonly reportOn: string | null;
  /** The injector says that these recipients read such mail: warming sources take them first. */
  readonly engaged?: boolean;
};

export const noOptions: MessageOptions = {
  ret: null,
  envid: null,
  requireTls: false,
  tlsOptional: false,
  notBefore: null,
  ownExpiry: false,
  window: null,
  reportOn: null,
};

/** One recipient of one injection, from accept to its end. Times are milliseconds since the epoch. */
export type RecipientEntry = {
  /** `messageId.n`, n from 0. */
  readonly entryId: string;
  readonly messageId: string;
  readonly tenantId: string;
  readonly streamId: string;
  readonly campaign: string | null;
  /** Own envelope sender; empty string is the null sender. */
  readonly sender: string;
  /** Address as given, domain part in A-labels. */
  readonly recipient: string;
  /** Domain of the recipient, A-labels, lower case. */
  readonly domain: string;
  readonly content: ContentRef;
  /** Pool the injection narrowed to; null means the stream's first. */
  readonly poolId: string | null;
  readonly dsn: DsnRequest | null;
  /** Null where nothing was asked, which is most mail. */
  readonly options: MessageOptions | null;
  readonly egress: EgressMode;
  readonly acceptedAt: number;
  /** As injected, or as the setting for the greatest age says. */
  expiresAt: number;
  /** Attempts made so far. */
  attempts: number;
  /** When the next attempt may be made. */
  dueAt: number;
  /** Source of the last attempt. */
  lastSourceId: string | null;
  /** The final dot was sent and no reply came: a repeat may be a duplicate. RFC 5321 section 4.5.3.2.6. */
  dotSent: boolean;
  /** The sender was told of the delay. */
  delayReported: boolean;
};

/** What a scheduled queue holds the entries of. */
export type QueueNames = Pick<RecipientEntry, 'tenantId' | 'streamId' | 'campaign' | 'domain'>;

/** What is known of a content beside its bytes; computed once while it is received. */
export type ContentFacts = {
  /** Octets with CRLF line ends, without dot-stuffing and without the terminating dot. */
  sizeBytes: number;
  /** Octets up to and including the empty line that ends the header; the body starts here. */
  headerBytes: number;
  /** SHA-256 of the relaxed body, base64: the bh= of DKIM. RFC 6376 section 3.4.4. */
  bodyHash: string;
  /** A body octet above 127 occurs: needs 8BITMIME. RFC 6152. */
  eightBit: boolean;
  /** A header or address octet above 127 occurs: needs SMTPUTF8. RFC 6531. */
  utf8: boolean;
  /** Domain of the From header, A-labels, lower case: what a DKIM key is chosen by. */
  fromDomain: string;
  /** Header Message-ID, at most 500 characters; null when there is none. */
  headerMessageId: string | null;
};

/** What follows the beginning of a content that is not held whole. Ends in CRLF. */
export type FurtherParts = {
  /** Octets of all of them. */
  readonly bytes: number;
  readonly count: number;
  /** One part, n from 0, checked against its checksum. Rejects when it is missing or damaged. */
  read(n: number): Promise<Uint8Array>;
};

/** A content as read: all of it, or its beginning, the whole header at least, with what follows for the asking. */
export type StoredContent = { bytes: Uint8Array; facts: ContentFacts; further: FurtherParts | null };

/** A message as handed to the spool. `bytes` are exactly what is stored and sent. */
export type Injection = {
  messageId: string;
  tenantId: string;
  streamId: string;
  campaign: string | null;
  sender: string;
  recipients: { address: string; domain: string; dsn: DsnRequest | null }[];
  poolId: string | null;
  options: MessageOptions | null;
  egress: EgressMode;
  acceptedAt: number;
  expiresAt: number;
  facts: ContentFacts;
  bytes: Uint8Array;
  /** Where the content lies already, written in parts; `bytes` is empty then. */
  stored?: ContentRef;
};

/** How one attempt ended for one recipient. A value, not an exception: unknown means deferred. */
export type Outcome = {
  kind: 'delivered' | 'deferred' | 'bounced';
  scope: OutcomeScope;
  reply: RemoteReply | null;
  bounceClass: BounceClass | null;
  /** The rule of the provider that said what the reply means. */
  replyRule?: string;
  detail: string | null;
  /** Set when the final dot was sent and the reply never came. */
  dotSent: boolean;
  /** The connection ended before the peer answered anything: the entry was offered to nobody. */
  unoffered?: true;
  /** We cannot read the rest of the content; the message was broken off before its end. */
  contentLost?: true;
};

/** Facts of the connection an attempt ran over. */
export type ConnectionFacts = {
  sourceId: string;
  site: string;
  provider: string | null;
  mxHost: string;
  remoteAddress: string;
  tls: TlsFacts | null;
  /** The peer offers DSN, so that it takes over the duty to report. RFC 3461 section 5.2.1. */
  dsn: boolean;
};

/** An event before the accounting log gave it its identity. */
export type UnplacedEvent = Omit<DeliveryEvent, 'id' | 'node'>;

type Retry = {
  kind: 'retry';
  entryId: string;
  attempts: number;
  dueAt: number;
  lastSourceId: string | null;
  dotSent: boolean;
  delayReported: boolean;
  /** Until it is due the entry is to lie on disk alone. */
  deposit?: true;
};

/**
 * What becomes of an entry, and the accounting event of it. `end` removes the entry; `retry` moves it to a new due
 * time; `none` leaves the queue alone (path events).
 */
export type JournalRecord = { event: UnplacedEvent; change: { kind: 'end'; entryId: string } | Retry | { kind: 'none' } };
/** Nothing happened to the entry, which is to lie on disk alone until it is due: no event. */
export type LayByRecord = { event: null; change: Retry & { deposit: true } };
/** What the spool is asked to record. */
export type SpoolRecord = JournalRecord | LayByRecord;
