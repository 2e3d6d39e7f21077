// An action that a rule began, as its node keeps it in memory and on disk. Read back by whatever version starts next.
import { z } from 'zod';
import { decisionSubject } from './decision.ts';
import { id } from './names.ts';

const rate = z.number();
const ms = z.number();

export const storedAction = z.object({
  id,
  ruleId: id,
  /** As the rule was called when it began. */
  ruleName: z.string(),
  /** What it acts on, as rules count it apart. */
  key: z.string(),
  kind: z.enum(['reduce', 'limit', 'suspend', 'move', 'hold_warm_up', 'bounce', 'alert']),
  /** Only told: the rule is tried out. */
  dry: z.boolean(),
  subject: decisionSubject,
  /** What is held and how. */
  sentence: z.string(),
  startedMs: ms,
  lastHitMs: ms,
  endsMs: ms,
  /** Until when an operator pinned it, and how long it would have gone on then. */
  pinned: z.object({ leftMs: ms }).nullable(),
  throttle: z
    .object({
      fromPerMinute: rate,
      ratePerMinute: rate,
      quietPerMinute: rate.nullable(),
      hitPerMinute: rate.nullable(),
      capPerMinute: rate.nullable(),
      patience: z.number(),
      above: z.number(),
      pausedUntilMs: ms,
      stepAtMs: ms,
    })
    .nullable(),
  /** The whole pool is held to what it sent less what the source gave up: no other address takes over what a provider slows down. */
  pool: z.object({ id, fromPerMinute: rate }).nullable(),
  /** The command by which mail is held, moved or returned. */
  commandId: id.nullable(),
});
export type StoredAction = z.infer<typeof storedAction>;

/** Nothing new begins for the rule there until then: an operator ended its action. */
export const storedMute = z.object({ mute: z.string(), untilMs: ms });

/** The action is over. */
export const storedEnd = z.object({ ended: z.string() });
