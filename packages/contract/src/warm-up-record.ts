// A ladder of a warm-up plan as the node that sends keeps it on disk: where it stands, and what of its present day is used.
import { z } from 'zod';

const count = z.number().int().min(0);

/** Counts of the present day are as of the write; between `committed` and `granted` lies what may have been used since. */
export const ladderRecord = z.object({
  key: z.string().max(400),
  /** From 0. */
  stage: count,
  finished: z.boolean(),
  /** Days since 1970-01-01 in the plan's zone, and when it begins and ends, milliseconds since the epoch. */
  day: z.number().int(),
  startsMs: z.number(),
  endsMs: z.number(),
  /** Its first day has come. */
  begun: z.boolean(),
  committed: count,
  granted: count,
  /** Clock hours since the epoch. */
  hour: count,
  hourCommitted: count,
  /** Attempted, deferred, blocked, hard bounces, complaints. */
  counts: z.tuple([count, count, count, count, count]),
  /** Day on which a marked recipient was last seen, and on which anything was attempted. */
  markedDay: z.number().int(),
  lastDay: z.number().int(),
  steppedBack: z.boolean(),
  /** Why the present day cannot count, from outside. */
  heldBy: z.string().max(300).nullable(),
  last: z.string().max(500).nullable(),
  /** Commands that were applied, newest last. */
  commands: z.array(z.string().max(64)).max(16),
});
export type LadderRecord = z.infer<typeof ladderRecord>;

/** A past day: day, stage, ceiling, attempted, deferred, blocked, hard bounces, complaints, number of the verdict. */
export const ladderDay = z.array(z.number().int().min(0)).length(9);
