// How each kind of receiving host behaves: what it offers, how fast it answers, and what it allows one source address. The texts are
// those of the provider presets; the limits and delays are the simulator's own and may be changed while it runs.
import { gmail, outlook, yahoo, type SampleReplies } from '@sluice/providers';

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
};

export type ProfileName = 'gmail' | 'yahoo' | 'outlook' | 'corporate' | 'plain';
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

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  gmail: {
    greeting: 'mx.google.com ESMTP {id} - gsmtp',
    offers: modern,
    maxMessageBytes: 157_286_400,
    maxRecipients: 100,
    greetingDelayMs: [5, 20],
    messageDelayMs: [30, 90],
    limits: { connections: 10, messageRate: { count: 50, perSeconds: 1, burst: 50 }, messagesPerConnection: 100 },
    rateLimitedAt: 'message',
    replies: gmail.simulated.replies,
  },
  yahoo: {
    greeting: '{host} ESMTP ready',
    offers: { ...modern, smtpUtf8: false },
    maxMessageBytes: 41_943_040,
    maxRecipients: 30,
    greetingDelayMs: [10, 30],
    messageDelayMs: [40, 120],
    limits: { connections: 10, messageRate: { count: 30, perSeconds: 1, burst: 30 }, messagesPerConnection: 20 },
    rateLimitedAt: 'mail',
    replies: yahoo.simulated.replies,
  },
  outlook: {
    greeting: '{host} Microsoft ESMTP MAIL Service ready',
    offers: { ...modern, dsn: true },
    maxMessageBytes: 49_283_072,
    maxRecipients: 500,
    greetingDelayMs: [10, 40],
    messageDelayMs: [50, 150],
    limits: { connections: 20, messageRate: { count: 30, perSeconds: 1, burst: 30 }, messagesPerConnection: 50 },
    rateLimitedAt: 'mail',
    replies: outlook.simulated.replies,
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
