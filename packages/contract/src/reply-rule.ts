// What a mailbox provider means by a refusal: rules over code, enhanced code and text of a reply, in the order in which they are asked.
// The first that matches names the bounce class, whom the reply blames and what would help. Data of the provider entity: presets bring
// them, operators edit them, both planes read them (policy/reply-rules). Rules concern refusals only; whatever no rule knows is read by
// its codes.
import { z } from 'zod';
import { bounceClasses, remoteReply } from './delivery-event.ts';

/** The command that a reply answers, or the phase where no command was open. */
export const replyPhase = remoteReply.shape.command;

/** Whom a reply blames. `none`: the provider itself is busy, or nobody can tell. */
export const blamedIdentities = [
  'none',
  'recipient',
  'source',
  'dkim_domain',
  'url_domain',
  'envelope_domain',
  'message',
  'account',
] as const;

/** What would help; a rule names it, automation acts on it. */
export const remedies = [
  'none',
  /** Fewer messages in a time from the source to the provider. */
  'slow_down',
  /** Fewer messages in a time with what the reply blames, over every source: another source would not help. */
  'slow_identity',
  'fewer_connections',
  'fewer_messages_per_connection',
  /** The reputation is what is wrong: send a trickle and do not raise the ceiling. */
  'hold_warm_up',
  /** SPF, DKIM, DMARC, PTR or TLS: a retry is useless until it is mended. */
  'fix_authentication',
  'suppress_recipient',
  /** The content or the list is what is wrong. */
  'hold_stream',
  /** The source is blocked. */
  'disable_source',
] as const;

export const ruleKey = z
  .string()
  .max(64)
  .regex(/^[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)*$/, 'a key is lower-case words with - and . between them, such as gmail.ip-rate');

/** One whole code, or a class: 4 is every temporary refusal, 5 every permanent one. RFC 5321 section 4.2.1. */
const codeOrClass = z.union([z.literal(4), z.literal(5), z.number().int().min(400).max(599)]);
/** `4.7.28`, every detail of a subject `4.7.*`, or every code of a class `5.*`. RFC 3463. */
export const enhancedPattern = z.string().regex(/^[45]\.(\*|\d{1,3}\.(\*|\d{1,3}))$/, 'an enhanced code is like 4.7.28, 4.7.* or 5.*');

/** What a reply must be like: all that is named must hold, an empty list or null asks for nothing. */
const matchFields = {
  codes: z.array(codeOrClass).max(16).default([]),
  enhanced: z.array(enhancedPattern).max(32).default([]),
  /** A regular expression in the syntax of RE2, without regard to case, found anywhere in the text, whose lines are joined by spaces. */
  pattern: z.string().min(1).max(500).nullable().default(null),
  phases: z.array(replyPhase).max(11).default([]),
};
const asksForSomething = ({ codes, enhanced, pattern }: { codes: unknown[]; enhanced: unknown[]; pattern: string | null }): boolean =>
  codes.length > 0 || enhanced.length > 0 || pattern !== null;
const asksForNothing = 'a rule names codes, enhanced codes or a pattern; one that matches every reply would hide all after it';

const sampleFields = {
  code: z.number().int().min(400).max(599),
  enhanced: z
    .string()
    .regex(/^[45]\.\d{1,3}\.\d{1,3}$/)
    .nullable(),
  /** Without codes; lines separated by LF. */
  text: z.string().min(1).max(600),
};

const ruleFields = {
  /** Stays the same over the versions of a preset: events carry it. */
  key: ruleKey,
  /** One sentence for an operator. */
  meaning: z
    .string()
    .trim()
    .min(3)
    .max(300)
    .regex(/^[^\u0000-\u001f\u007f]+$/, 'control characters are not allowed'),
  bounceClass: z.enum(bounceClasses),
  /** Null: as the code says. */
  permanence: z.enum(['temporary', 'permanent']).nullable().default(null),
  identity: z.enum(blamedIdentities).default('none'),
  remedy: z.enum(remedies).default('none'),
};
const maxSamples = 8;

export const replyRule = z.object({
  ...ruleFields,
  match: z.object(matchFields).refine(asksForSomething, asksForNothing),
  /** Replies that the rule is there for: shown to operators, and proof that it matches. */
  samples: z.array(z.object(sampleFields)).min(1).max(maxSamples),
});

/** The same as input of a procedure: what is not known is refused. */
const strictReplyRule = z.strictObject({
  ...ruleFields,
  match: z.strictObject(matchFields).refine(asksForSomething, asksForNothing),
  samples: z.array(z.strictObject(sampleFields)).min(1).max(maxSamples),
});

export const maxReplyRules = 100;
const keysDiffer = (rules: readonly { key: string }[]): boolean => new Set(rules.map(({ key }) => key)).size === rules.length;
export const replyRules = z.array(replyRule).max(maxReplyRules).refine(keysDiffer, 'two rules have the same key');
export const strictReplyRules = z.array(strictReplyRule).max(maxReplyRules).refine(keysDiffer, 'two rules have the same key');

export type ReplyRule = z.infer<typeof replyRule>;
export type ReplyPhase = z.infer<typeof replyPhase>;
export type BlamedIdentity = ReplyRule['identity'];
export type Remedy = ReplyRule['remedy'];
