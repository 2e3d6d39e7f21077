// How each kind of receiving host behaves: what it offers, how fast it answers, and what it allows one source address. The texts are
// those of the provider presets; the limits, delays and reactions are the simulator's own and may be changed while it runs.
import { apple, comcast, gmail, gmx, orange, outlook, yahoo, type ReactionReplies, type SampleReplies } from '@sluice/providers';
import { greylistingReaction, mildReaction, patientReaction } from './reaction/mild.ts';
import type { ReactionParameters } from './reaction/parameters.ts';

export type LimitedAt = 'mail' | 'message';

export type Profile = {
  /** Software or provider named in greeting and replies. */
  greeting: string;
  offers: { starttls: boolean; pipelining: boolean; eightBitMime: boolean; smtpUtf8: boolean; enhancedStatusCodes: boolean; dsn: boolean };
  maxMessageBytes: number;
  maxRecipients: number;
  /** Milliseconds before the greeting, and before the reply to the final dot. Other replies come at once. */
  greetingDelayMs: readonly [number, number];
  messageDelayMs: readonly [number, number];
  /** What one source address may do at all hosts of the provider together. Null means no limit. */
  limits: {
    connections: number | null;
    /** Attempted recipients: `count` per `perSeconds`, with `burst` on top. */
    messageRate: { count: number; perSeconds: number; burst: number } | null;
    messagesPerConnection: number | null;
  };
  /** Where the rate limit answers, and whether the connection ends with it. */
  rateLimitedAt: LimitedAt;
  replies: SampleReplies;
  /** How it takes to how a source sends, beside the limits above; null takes it as it comes. */
  reaction: ReactionParameters | null;
  reactions: ReactionReplies;
};

export type ProfileName = 'gmail' | 'yahoo' | 'outlook' | 'apple' | 'comcast' | 'orange' | 'gmx' | 'corporate' | 'greylisting' | 'plain';
/** A change of a profile; `limits` and `offers` are merged key by key. */
export type ProfileOverrides = Partial<Omit<Profile, 'limits' | 'offers'>> & {
  limits?: Partial<Profile['limits']>;
  offers?: Partial<Profile['offers']>;
};

const modern = { starttls: true, pipelining: true, eightBitMime: true, smtpUtf8: true, enhancedStatusCodes: true, dsn: false };

const postfixReplies: SampleReplies = {
  rateLimited: { code: 450, enhanced: '4.7.1', text: 'Error: too much mail from {source}' },
  connectionLimited: { code: 421, enhanced: '4.7.0', text: '{host} Error: too many connections from {source}' },
  unknownMailbox: {
    code: 550,
    enhanced: '5.1.1',
    text: '<{recipient}>: Recipient address rejected: User unknown in local recipient table',
  },
  mailboxFull: { code: 452, enhanced: '4.2.2', text: '<{recipient}>: Recipient address rejected: mailbox is full' },
  recipientBusy: { code: 450, enhanced: '4.2.1', text: '<{recipient}>: Recipient address rejected: recipient gets too much mail' },
  temporaryFailure: { code: 451, enhanced: '4.3.0', text: 'Error: queue file write error' },
  accepted: { code: 250, enhanced: '2.0.0', text: 'Ok: queued as {id}' },
};

const postfixReactions: ReactionReplies = {
  poorReputation: { code: 450, enhanced: '4.7.1', text: 'Service temporarily unavailable; client [{source}] has a poor reputation' },
  blocked: { code: 554, enhanced: '5.7.1', text: 'Service unavailable; client host [{source}] blocked' },
  dkimDomainTooFast: postfixReplies.rateLimited,
  envelopeDomainTooFast: postfixReplies.rateLimited,
  greylisted: { code: 450, enhanced: '4.2.0', text: '<{recipient}>: Recipient address rejected: Greylisted, try again later' },
};

/** What an account may do that sends `perSecond` all day. */
const limitsOf = (connections: number, perSecond: number, messagesPerConnection: number | null): Profile['limits'] => ({
  connections,
  messageRate: { count: perSecond, perSeconds: 1, burst: perSecond },
  messagesPerConnection,
});

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  gmail: {
    greeting: 'mx.google.com ESMTP {id} - gsmtp',
    offers: modern,
    maxMessageBytes: 157_286_400,
    maxRecipients: 100,
    greetingDelayMs: [5, 20],
    messageDelayMs: [30, 90],
    limits: limitsOf(10, 50, 100),
    rateLimitedAt: 'message',
    replies: gmail.simulated.replies,
    reaction: mildReaction(50, 'message'),
    reactions: gmail.simulated.reactions,
  },
  yahoo: {
    greeting: '{host} ESMTP ready',
    offers: { ...modern, smtpUtf8: false },
    maxMessageBytes: 41_943_040,
    maxRecipients: 30,
    greetingDelayMs: [10, 30],
    messageDelayMs: [40, 120],
    limits: limitsOf(10, 30, 20),
    rateLimitedAt: 'mail',
    replies: yahoo.simulated.replies,
    reaction: mildReaction(30, 'mail'),
    reactions: yahoo.simulated.reactions,
  },
  outlook: {
    greeting: '{host} Microsoft ESMTP MAIL Service ready',
    offers: { ...modern, dsn: true },
    maxMessageBytes: 49_283_072,
    maxRecipients: 500,
    greetingDelayMs: [10, 40],
    messageDelayMs: [50, 150],
    limits: limitsOf(20, 30, 50),
    rateLimitedAt: 'mail',
    replies: outlook.simulated.replies,
    reaction: mildReaction(30, 'mail'),
    reactions: outlook.simulated.reactions,
  },
  apple: {
    greeting: '{host} ESMTP iCloud Mail',
    offers: { ...modern, smtpUtf8: false },
    maxMessageBytes: 28_311_552,
    maxRecipients: 100,
    greetingDelayMs: [10, 40],
    messageDelayMs: [60, 150],
    limits: limitsOf(20, 20, 20),
    rateLimitedAt: 'mail',
    replies: apple.simulated.replies,
    reaction: mildReaction(20, 'mail'),
    reactions: apple.simulated.reactions,
  },
  comcast: {
    greeting: '{host} ESMTP server ready',
    offers: { ...modern, smtpUtf8: false },
    maxMessageBytes: 36_700_160,
    maxRecipients: 100,
    greetingDelayMs: [10, 40],
    messageDelayMs: [40, 120],
    limits: limitsOf(25, 20, 1_000),
    rateLimitedAt: 'mail',
    replies: comcast.simulated.replies,
    reaction: mildReaction(20, 'mail'),
    reactions: comcast.simulated.reactions,
  },
  orange: {
    greeting: '{host} ESMTP ABO',
    offers: { ...modern, smtpUtf8: false },
    maxMessageBytes: 26_214_400,
    maxRecipients: 50,
    greetingDelayMs: [20, 80],
    messageDelayMs: [80, 250],
    limits: limitsOf(2, 8, 100),
    rateLimitedAt: 'mail',
    replies: orange.simulated.replies,
    reaction: mildReaction(8, 'mail'),
    reactions: orange.simulated.reactions,
  },
  gmx: {
    greeting: 'gmx.net ({host}) Nemesis ESMTP Service ready',
    offers: { ...modern, smtpUtf8: false, enhancedStatusCodes: false },
    maxMessageBytes: 69_920_427,
    maxRecipients: 50,
    greetingDelayMs: [20, 60],
    messageDelayMs: [60, 180],
    limits: limitsOf(6, 15, 50),
    rateLimitedAt: 'mail',
    replies: gmx.simulated.replies,
    reaction: mildReaction(15, 'mail'),
    reactions: gmx.simulated.reactions,
  },
  corporate: {
    greeting: '{host} ESMTP',
    offers: { starttls: false, pipelining: false, eightBitMime: true, smtpUtf8: false, enhancedStatusCodes: true, dsn: false },
    maxMessageBytes: 10_240_000,
    maxRecipients: 20,
    greetingDelayMs: [100, 300],
    messageDelayMs: [300, 900],
    limits: { connections: 2, messageRate: { count: 5, perSeconds: 1, burst: 10 }, messagesPerConnection: 10 },
    rateLimitedAt: 'mail',
    replies: postfixReplies,
    reaction: patientReaction(5),
    reactions: postfixReactions,
  },
  /** A small host that does not know the sender puts its first try off, by time as such hosts do, whatever the mailbox. */
  greylisting: {
    greeting: '{host} ESMTP Postfix',
    offers: modern,
    maxMessageBytes: 20_480_000,
    maxRecipients: 50,
    greetingDelayMs: [5, 20],
    messageDelayMs: [20, 60],
    limits: limitsOf(5, 5, 100),
    rateLimitedAt: 'mail',
    replies: postfixReplies,
    reaction: greylistingReaction,
    reactions: postfixReactions,
  },
  plain: {
    greeting: '{host} ESMTP Postfix (Debian/GNU)',
    offers: { ...modern, dsn: true },
    maxMessageBytes: 52_428_800,
    maxRecipients: 1000,
    greetingDelayMs: [0, 0],
    messageDelayMs: [0, 0],
    limits: { connections: 500, messageRate: null, messagesPerConnection: null },
    rateLimitedAt: 'mail',
    replies: postfixReplies,
    reaction: null,
    reactions: postfixReactions,
  },
};

export function withOverrides(profile: Profile, overrides: ProfileOverrides): Profile {
  return {
    ...profile,
    ...overrides,
    limits: { ...profile.limits, ...overrides.limits },
    offers: { ...profile.offers, ...overrides.offers },
  };
}
