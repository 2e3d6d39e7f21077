// What an operator tells running engines to do now, as against configuration, which says how things are. A command is a stored
// predicate (scope and cut-off) with an issuer, a reason and an expiry; every node reports seen, applied and its result once, and keeps
// active ones on its own disk. Applying twice is applying once. It is looked at as entries come due and in lanes; no entry is rewritten.
import { z } from 'zod';
import { campaignName, domainName, id, instant, reason } from './names.ts';

/** Kinds that an operator issues. `withdraw` is the end of one command before its time and names it. */
export const operatorCommandKinds = [
  'suspend',
  'resume',
  'retry',
  'cancel',
  'bounce',
  'move',
  'drain',
  'undrain',
  'flush_dns',
  'flush_connections',
  'probe_source',
  'use_source',
] as const;
/** Those that end mail for good. They are given by a procedure of their own, which asks for a higher role. */
export const endingCommandKinds = ['cancel', 'bounce'] as const;
export type EndingCommandKind = (typeof endingCommandKinds)[number];
export const isEnding = (kind: string): kind is EndingCommandKind => endingCommandKinds.some((ending) => ending === kind);
/** Who gives the commands by which a rule holds, moves or returns mail on its node. */
export const automationIssuer = 'automation';
/** What operators do to an action that a rule began; `targetId` names it. */
export const actionCommandKinds = ['cancel_action', 'pin_action', 'unpin_action'] as const;
/** What operators do to ladders of the warm-up plan `targetId`: all of them, those of a source, or those of a group of providers. */
export const warmUpCommandKinds = ['warm_up_skip', 'warm_up_step_back', 'warm_up_restart'] as const;
export type WarmUpCommandKind = (typeof warmUpCommandKinds)[number];
export const commandKinds = [...operatorCommandKinds, 'withdraw', ...actionCommandKinds, ...warmUpCommandKinds] as const;
export type CommandKind = (typeof commandKinds)[number];

/** What mail or what part of an engine a command touches: all that is named must match. */
export const scopeDimensions = ['source', 'pool', 'provider', 'site', 'domain', 'tenant', 'stream', 'campaign'] as const;
export type ScopeDimension = (typeof scopeDimensions)[number];

/** Unknown words are refused: to leave one out would widen the command. */
const scopeFields = z.strictObject({
  source: id.optional(),
  pool: id.optional(),
  provider: z.string().min(1).max(64).optional(),
  site: z.string().min(1).max(300).optional(),
  domain: domainName.optional(),
  tenant: id.optional(),
  stream: id.optional(),
  campaign: campaignName.optional(),
  /** Only this node; for drain and flush. */
  node: z.string().min(1).max(64).optional(),
  /** Only this group of providers; for warm-up plans. */
  group: z.string().min(1).max(80).optional(),
});
/** Suspensions of the first form named a source and nothing else. */
const oldScope = z.strictObject({ sourceId: id }).transform(({ sourceId }): z.infer<typeof scopeFields> => ({ source: sourceId }));
export const commandScope = z
  .union([scopeFields, oldScope])
  .refine((scope) => Object.values(scope).some((value) => value !== undefined), 'a command names at least one thing it touches');
export type CommandScope = z.infer<typeof commandScope>;

const mail = scopeDimensions;
/** What each kind may be narrowed by. */
export const scopeOf: Readonly<Record<CommandKind, readonly (ScopeDimension | 'node' | 'group')[]>> = {
  suspend: mail,
  resume: mail,
  retry: mail,
  cancel: mail,
  bounce: mail,
  move: mail,
  drain: ['node'],
  undrain: ['node'],
  flush_dns: ['domain', 'node'],
  flush_connections: ['source', 'provider', 'site', 'node'],
  probe_source: ['source', 'node'],
  use_source: ['source', 'node'],
  withdraw: [...mail, 'node'],
  cancel_action: ['node'],
  pin_action: ['node'],
  unpin_action: ['node'],
  warm_up_skip: ['source', 'group', 'node'],
  warm_up_step_back: ['source', 'group', 'node'],
  warm_up_restart: ['source', 'group', 'node'],
};

/** Why the kind cannot be given with this scope; null when it can. */
export function scopeProblem(kind: CommandKind, scope: CommandScope): string | null {
  if ((kind === 'probe_source' || kind === 'use_source') && scope.source === undefined) return `${kind} names a source`;
  const allowed = scopeOf[kind];
  for (const [name, value] of Object.entries(scope)) {
    if (value === undefined) continue;
    if (!allowed.some((dimension) => dimension === name)) return `${kind} cannot be narrowed by ${name}; only by ${allowed.join(', ')}`;
  }
  return null;
}

export const engineCommand = z.object({
  id,
  kind: z.enum(commandKinds),
  scope: commandScope,
  reason,
  issuedBy: z.string().max(200),
  issuedAt: instant,
  /** It ends by itself at this time; null means when it is done, at the latest after eight days. */
  expiresAt: instant.nullable(),
  /** Entries accepted after this are not touched; null touches those to come as well. */
  cutoffAt: instant.nullable().default(null),
  /** Nothing is touched before this: until then it can be withdrawn without a trace. */
  startsAt: instant.nullable().default(null),
  /** `move`: where to. */
  poolId: id.nullable().default(null),
  /** `withdraw`: which command; acts on an action: which. */
  targetId: id.nullable().default(null),
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
