// The shape of a mailbox provider preset: what the control plane seeds (MX suffixes, reply rules, starting limits and settings), and what
// only the simulator needs (MX names, whole replies). Data only: how a reply is acted upon is decided elsewhere.
import type { DeliverySettings, ReplyRule } from '@sluice/contract';

/**
 * One reply as it stands on the wire, without the code. Several lines are separated by LF. Places filled in by whoever sends it:
 * `{source}` the client's address, `{recipient}`, `{id}` the id given to an accepted message, `{host}` the name of the receiving host.
 */
export type SampleReply = {
  code: number;
  /** Enhanced status code, RFC 3463, repeated on every line; null where the provider sends none. */
  enhanced: string | null;
  text: string;
};

/** Replies that every provider has, in its own words. */
export type SampleReplies = {
  rateLimited: SampleReply;
  connectionLimited: SampleReply;
  unknownMailbox: SampleReply;
  mailboxFull: SampleReply;
  /** One mailbox gets mail too fast: the delay concerns this recipient only. */
  recipientBusy: SampleReply;
  temporaryFailure: SampleReply;
  accepted: SampleReply;
};

/** What a provider says to a sender whose sending it does not like, in its own words. */
export type ReactionReplies = {
  /** Puts off whatever the source sends, for its reputation. */
  poorReputation: SampleReply;
  /** Refuses whatever the source sends. */
  blocked: SampleReply;
  /** Mail of one signing domain, or of one envelope domain, comes too fast; in the words for a source where it has no others. */
  dkimDomainTooFast: SampleReply;
  envelopeDomainTooFast: SampleReply;
  greylisted: SampleReply;
};

/** A starting limit for a new source at this provider, in the words of the limit entity. Counted apart for each source. */
export type StartingLimit =
  | { kind: 'message_rate'; count: number; perSeconds: number; burst: number }
  | { kind: 'connections'; count: number; perSeconds: 1; burst: 0 };

export type StartingSettings = Partial<Pick<DeliverySettings, 'messagesPerConnection' | 'recipientsPerTransaction' | 'tls'>>;

export type MxRecord = { exchange: string; preference: number };

/** What a simulator needs to stand in for the provider. */
export type SimulatedProvider = {
  /** MX records of its own domains, as published. */
  mxHosts: readonly MxRecord[];
  /** MX host of a customer's domain, where it follows a pattern: `{domain}` is the domain with dots turned into hyphens. */
  customerMx: MxRecord | null;
  replies: SampleReplies;
  reactions: ReactionReplies;
  /** Finds the id in the text of an accepting reply: its first group. */
  acceptedIdPattern: RegExp;
};

export type ProviderPreset = {
  /** Stable key, used by limits and rollups. */
  key: string;
  name: string;
  /** Grows with every change of what is seeded, so that installations take it over. */
  version: number;
  /** Mailbox domains of its own, for operators to read. What belongs to the provider is known by MX alone: mail moves, names stay. */
  domains: readonly string[];
  /** A host whose name is or ends in `.` + one of these belongs to the provider. Lower case, longest match wins. */
  mxSuffixes: readonly string[];
  limits: readonly StartingLimit[];
  settings: StartingSettings;
  /** In the order in which they are asked; every rule matches all of its samples, and no earlier one does. */
  replyRules: readonly ReplyRule[];
  simulated?: SimulatedProvider;
};
export type SimulatedPreset = ProviderPreset & { simulated: SimulatedProvider };

/** One rate and one number of connections, for each source. */
export function startingLimits(messagesPerSecond: number, connections: number): readonly StartingLimit[] {
  return [
    { kind: 'message_rate', count: messagesPerSecond, perSeconds: 1, burst: messagesPerSecond },
    { kind: 'connections', count: connections, perSeconds: 1, burst: 0 },
  ];
}
