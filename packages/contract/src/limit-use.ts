// What a node says of its limits: how much of each is used now, and who waits for it. A limit counts apart by what it names, so it can have
// very many counters; the fullest few are told.
import { z } from 'zod';
import { limitDimension, limitKinds } from './entities.ts';

export const maxLimitsAnswered = 1_000;
export const maxCountersAnswered = 5;

export const limitCounter = z.object({
  /** The values that it counts apart by, in the order of the limit's `by`; empty for a value that mail does not have. */
  values: z.array(z.string()),
  /** Open connections; what passed of a cap in its hour or day; of a rate, what of its burst and one is used up. */
  used: z.number(),
  of: z.number(),
  /** Lanes, paths and queues in line for it. */
  waiting: z.number().int(),
  /** When it lets something pass again, milliseconds since the epoch; null when it does now, or when something has to be given back first. */
  clearsAt: z.number().int().nullable(),
});
export type LimitCounter = z.infer<typeof limitCounter>;

export const limitInUse = z.object({
  id: z.string(),
  /** Of a limit that the engine itself set, what it says of it; null for one of the configuration. */
  setBySelf: z.string().nullable(),
  kind: z.enum(limitKinds),
  where: z.partialRecord(limitDimension, z.string()),
  by: z.array(limitDimension),
  count: z.number(),
  perSeconds: z.number(),
  /** As it counts, whether it was set or not. */
  burst: z.number(),
  counters: z.number().int(),
  waiting: z.number().int(),
  fullest: z.array(limitCounter).max(maxCountersAnswered),
});
export type LimitInUse = z.infer<typeof limitInUse>;

/** Those that somebody waits for come first; `total`: limits in use, also past the bound. */
export const limitsInUse = z.object({ limits: z.array(limitInUse).max(maxLimitsAnswered), total: z.number().int() });

/** What a node's disk holds of a limit that is leased: a rate is out of debt at a time; of a cap so much is given out in a stretch of time. */
export const leaseRecord = z.union([
  z.object({ key: z.string(), at: z.number(), intervalMs: z.number().positive() }),
  z.object({ key: z.string(), used: z.number().min(0), startMs: z.number(), endMs: z.number() }),
]);
export type LeaseRecord = Readonly<z.infer<typeof leaseRecord>>;
