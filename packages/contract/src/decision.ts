// What the engine decided by itself, as against what an operator told it: a rule slowed a source down, a warm-up day was held, a source was
// taken out of its pools. Each is one sentence that says what changed, why and until when; nothing else explains it later. A decision is
// written once, keeps its id wherever it goes, and is never changed: the end of what it began is another decision.
import { z } from 'zod';
import { id } from './names.ts';

export const decisionKinds = ['automation', 'warm_up', 'source_health'] as const;

/** What a decision is about; what does not apply is absent. */
export const decisionSubject = z.object({
  source: z.string().max(64).optional(),
  pool: z.string().max(64).optional(),
  provider: z.string().max(64).optional(),
  site: z.string().max(300).optional(),
  domain: z.string().max(253).optional(),
  tenant: id.optional(),
  stream: z.string().max(64).optional(),
  campaign: z.string().max(64).optional(),
  /** What a reply named: an address, a netblock or a domain. */
  identity: z.string().max(253).optional(),
});
export type DecisionSubject = z.infer<typeof decisionSubject>;

export const decision = z.object({
  id,
  /** Milliseconds since the epoch. */
  at: z.number().int(),
  node: z.string().max(64),
  kind: z.enum(decisionKinds),
  /** What was done, in a word that stays: `reduce`, `recover`, `suspend`, `hold_day`. */
  action: z.string().regex(/^[a-z][a-z_]{0,39}$/),
  subject: decisionSubject,
  /** What changed, why and until when, for an operator. */
  sentence: z.string().min(1).max(500),
  /** An operator should look at it. */
  alert: z.boolean(),
  /** The automation rule or the warm-up plan that it follows from. */
  ruleId: id.nullable().default(null),
  planId: id.nullable().default(null),
});
export type Decision = z.infer<typeof decision>;
export type DecisionKind = Decision['kind'];
