// What an engine does by itself when a provider's answers change: a rule is a trigger, what it counts apart, what it then does, and for how
// long. Data of the configuration: presets bring some, operators edit them and make their own. An action that a rule began is state of the
// node that began it; it is told as decisions and answered to whoever asks. Unknown words of a rule are refused: to leave one out would
// widen it.
import { z } from 'zod';
import { bounceClasses } from './delivery-event.ts';
import { actionCommandKinds } from './command.ts';
import { decisionSubject } from './decision.ts';
import { entityName, id } from './names.ts';
import { enhancedPattern, remedies, ruleKey } from './reply-rule.ts';

export const maxAutomationRules = 2_000;

/** Which refusals are meant: all that is named must hold, an empty list or null asks for nothing. */
export const automationMatch = z.strictObject({
  /** Keys of reply rules of providers: the reply was read by one of them. */
  replyRules: z.array(ruleKey).max(50).default([]),
  /** What the reply rule that read the reply says would help. */
  remedies: z.array(z.enum(remedies)).max(10).default([]),
  /** `4.7.28`, `4.7.*` or `5.*`. */
  enhanced: z.array(enhancedPattern).max(32).default([]),
  classes: z.array(z.enum(bounceClasses)).max(13).default([]),
  /** A regular expression in the syntax of RE2, without regard to case, found anywhere in the text. */
  pattern: z.string().min(1).max(500).nullable().default(null),
});
export type AutomationMatch = z.infer<typeof automationMatch>;
const names = (match: AutomationMatch): boolean =>
  match.replyRules.length + match.remedies.length + match.enhanced.length + match.classes.length > 0 || match.pattern !== null;

const windowSeconds = z.number().int().min(10).max(86_400);
/** Attempts in the window below which nothing is judged. */
const minimumVolume = z.number().int().min(1).max(1_000_000);

/** What a share is of: recipients that were deferred, refused as a block, refused for good as unknown, or whose owner complained. */
export const shareKinds = ['deferred', 'blocked', 'hard_bounced', 'complained'] as const;

export const automationTrigger = z.discriminatedUnion('kind', [
  /** So many refusals that match, in the window. */
  z.strictObject({
    kind: z.literal('replies'),
    match: automationMatch.refine(names, 'name a reply rule, a remedy, an enhanced code, a class or a pattern'),
    count: z.number().int().min(1).max(100_000),
    windowSeconds,
  }),
  /** More than this share of the attempts in the window. */
  z.strictObject({
    kind: z.literal('share'),
    of: z.enum(shareKinds),
    percent: z.number().min(0.01).max(100),
    minimumVolume,
    windowSeconds,
  }),
  /** More than this share of the attempts was refused with what matches. */
  z.strictObject({
    kind: z.literal('matching_share'),
    match: automationMatch.refine(names, 'name a reply rule, a remedy, an enhanced code, a class or a pattern'),
    percent: z.number().min(0.01).max(100),
    minimumVolume,
    windowSeconds,
  }),
  /** So many percent of the attempts in the window took longer than this. */
  z.strictObject({
    kind: z.literal('latency'),
    percentile: z.number().min(50).max(99.9),
    aboveMs: z.number().int().min(100).max(3_600_000),
    minimumVolume,
    windowSeconds,
  }),
]);
export type AutomationTrigger = z.infer<typeof automationTrigger>;

/**
 * What a rule counts apart, and acts on. `identity`: what the reply blames. An address or its network is held at that provider over the
 * whole pool, so that no other source takes over; a domain is held through the tenant that owns it, over all sources.
 */
export const automationPer = z.enum(['source_provider', 'tenant_provider', 'tenant', 'campaign', 'identity']);
export type AutomationPer = z.infer<typeof automationPer>;

/** Only mail and sources that match all that is named. */
export const automationWhere = z.strictObject({
  source: id.optional(),
  provider: z.string().min(1).max(64).optional(),
  tenant: id.optional(),
  stream: id.optional(),
  campaign: z.string().min(1).max(64).optional(),
});
export type AutomationWhere = z.infer<typeof automationWhere>;

const perMinute = z.number().min(1).max(10_000_000);

export const automationAction = z.discriminatedUnion('kind', [
  /** To this share of the present rate, and back in steps. */
  z.strictObject({
    kind: z.literal('reduce'),
    toPercent: z.number().min(5).max(95),
    /** Recipients a minute below which it never goes. */
    floorPerMinute: perMinute,
    /** Without a hit for so long the rate goes up a step: half of the way back to where it was hit. */
    quietSeconds: z.number().int().min(10).max(86_400),
    /** A step past the level of the last hit, in percent of the rate; it grows as long as nothing hits it. */
    stepPercent: z.number().min(1).max(100),
  }),
  /** At most this, until the time is over. */
  z.strictObject({
    kind: z.literal('limit'),
    of: z.enum(['message_rate', 'connections']),
    count: z.number().int().min(1).max(10_000_000),
    perSeconds: z.number().int().min(1).max(86_400),
  }),
  z.strictObject({ kind: z.literal('suspend') }),
  z.strictObject({ kind: z.literal('move'), poolId: id }),
  z.strictObject({ kind: z.literal('hold_warm_up') }),
  /** Returns what waits to its senders. */
  z.strictObject({ kind: z.literal('bounce') }),
  /** Tells and does nothing. */
  z.strictObject({ kind: z.literal('alert') }),
]);
export type AutomationAction = z.infer<typeof automationAction>;

export const automationModes = ['on', 'dry_run', 'off'] as const;

const fields = {
  name: entityName,
  /** `dry_run`: tells what it would do. */
  mode: z.enum(automationModes).default('on'),
  trigger: automationTrigger,
  per: automationPer.default('source_provider'),
  where: automationWhere.default({}),
  action: automationAction,
  /** How long an action lasts at most after the last hit. */
  forSeconds: z
    .number()
    .int()
    .min(30)
    .max(7 * 86_400),
  /** An operator should look at it. */
  alert: z.boolean().default(false),
};

/** Why the parts of a rule do not go together; null when they do. */
export function automationProblem({
  trigger,
  per,
  action,
  where,
}: Pick<AutomationBody, 'trigger' | 'per' | 'action' | 'where'>): string | null {
  const counted = trigger.kind === 'replies';
  if (per === 'identity' && !counted) return 'per: only a number of replies can be counted by what they blame';
  if (action.kind === 'move' && (per === 'source_provider' || per === 'identity'))
    return 'action: a pool is chosen before a source: move by tenant or campaign; what a provider blames is never moved to other sources';
  if (action.kind === 'bounce' && per !== 'campaign' && per !== 'tenant_provider')
    return 'action: only mail of one campaign, or of a tenant at one provider, is returned by a rule';
  if (action.kind === 'hold_warm_up' && per !== 'source_provider' && per !== 'identity')
    return 'action: warm-up is held by source and provider';
  if (action.kind === 'limit' && action.of === 'connections' && per !== 'source_provider')
    return 'action: mail of all tenants shares connections: limit them by source and provider';
  if (per === 'tenant' && where.provider !== undefined) return 'where.provider: count by tenant and provider instead';
  if (trigger.kind === 'latency' && per !== 'source_provider') return 'per: latency is measured by source and provider';
  return null;
}

const preset = z.object({ key: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/), version: z.number().int().min(1) });

export const automationBody = z.object({
  schemaVersion: z.literal(1).default(1),
  minEngine: z.string().optional(),
  ...fields,
  /** The preset that it comes from, as of that version; null for one that an operator made. */
  preset: preset.nullable().default(null),
  /** An operator changed it: a newer version of the preset leaves it as it is. */
  edited: z.boolean().default(false),
});
export type AutomationBody = z.infer<typeof automationBody>;
/** The same as input of a procedure. */
export const automationInput = z.strictObject(fields);
export type AutomationInput = z.input<typeof automationInput>;

export const maxActionsAnswered = 200;

export const actionCommandKind = z.enum(actionCommandKinds);

/** An action that goes on now on a node. */
export const activeAction = z.object({
  id,
  ruleId: id,
  ruleName: z.string().max(80),
  kind: z.enum(['reduce', 'limit', 'suspend', 'move', 'hold_warm_up', 'bounce']),
  subject: decisionSubject,
  /** What is held and how, in a sentence. */
  sentence: z.string().max(500),
  /** Milliseconds since the epoch. */
  startedAt: z.number().int(),
  lastHitAt: z.number().int(),
  /** When it ends by itself. */
  endsAt: z.number().int(),
  /** When its rate goes up next, if nothing happens. */
  nextStepAt: z.number().int().nullable(),
  /** Recipients a minute: now, before the first hit. */
  ratePerMinute: z.number().nullable(),
  fromPerMinute: z.number().nullable(),
  pinned: z.boolean(),
});
export type ActiveAction = z.infer<typeof activeAction>;
