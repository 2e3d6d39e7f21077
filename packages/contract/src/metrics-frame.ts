// A node's state once a second, for live screens: counters since start (the reader takes differences) and gauges. Bounded by design:
// the largest queues and paths only.
import { z } from 'zod';

export const metricsFrame = z.object({
  node: z.string(),
  /** New on every start; counters restart with it. */
  bootId: z.string(),
  at: z.number().int(),
  egress: z.enum(['sandbox', 'internet']),
  revision: z.number().int(),
  accepting: z.boolean(),
  counters: z.object({
    accepted: z.number().int(),
    delivered: z.number().int(),
    deferred: z.number().int(),
    bounced: z.number().int(),
    expired: z.number().int(),
    cancelled: z.number().int().default(0),
    pathDeferred: z.number().int(),
  }),
  /** Recipient entries: waiting for their time, in ready queues, in an attempt, held by a suspension or for want of a source. */
  queue: z.object({ scheduled: z.number().int(), ready: z.number().int(), inFlight: z.number().int(), held: z.number().int() }),
  oldestEntryAt: z.number().int().nullable(),
  connections: z.object({ inbound: z.number().int(), outbound: z.number().int() }),
  /** Bytes of accounting log not yet copied to Postgres. */
  unshippedBytes: z.number().int(),
  /**
   * What the spool cannot give back, since the start: entries and whole injections that are set aside, damaged stretches of the journal that
   * the start kept aside. `since`: when the first of it was seen.
   */
  damage: z
    .object({
      entries: z.number().int(),
      injections: z.number().int(),
      stretches: z.number().int(),
      since: z.number().int().nullable(),
    })
    .default({ entries: 0, injections: 0, stretches: 0, since: null }),
  eventLoopDelayMs: z.number(),
  residentBytes: z.number().int(),
  sources: z
    .array(
      z.object({
        sourceId: z.string(),
        ready: z.number().int(),
        inFlight: z.number().int(),
        connections: z.number().int(),
        suspendedUntil: z.number().int().nullable(),
      }),
    )
    .max(200),
  topQueues: z
    .array(
      z.object({
        tenantId: z.string(),
        streamId: z.string(),
        campaign: z.string().nullable(),
        domain: z.string(),
        count: z.number().int(),
      }),
    )
    .max(20),
});
export type MetricsFrame = z.infer<typeof metricsFrame>;
