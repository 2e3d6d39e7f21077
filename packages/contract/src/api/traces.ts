// Live protocol traces. The server narrows every scope to the operator's tenant; what a trace shows is narrowed by its scope on the node.
import { z } from 'zod';
import { commandScope } from '../command.ts';
import { id, reason } from '../names.ts';
import { traceBounds, traceLine, traceReport } from '../trace.ts';

export const tracesStart = {
  input: z.strictObject({
    scope: commandScope,
    reason,
    minutes: z.number().int().min(1).max(traceBounds.minutes).default(10),
    sessions: z.number().int().min(1).max(traceBounds.sessions).default(20),
    lines: z.number().int().min(1).max(traceBounds.lines).default(2_000),
  }),
  output: z.object({ traceId: id, expiresAt: z.iso.datetime() }),
};
export const tracesStop = { input: z.strictObject({ id, reason }), output: z.object({ traceId: id }) };

export const traceView = z.object({
  id,
  scope: commandScope,
  /** What the scope names, in words: `source tx-1, provider gmail`. */
  touches: z.string(),
  /** Bounds on each node. */
  sessions: z.number().int(),
  lines: z.number().int(),
  reason: z.string(),
  startedBy: z.string(),
  startedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  stoppedAt: z.iso.datetime().nullable(),
  running: z.boolean(),
  reports: z.array(traceReport),
});
export const tracesList = {
  input: z.strictObject({ limit: z.number().int().min(1).max(200).default(50) }),
  output: z.array(traceView),
};
export const tracesLines = {
  input: z.strictObject({
    id,
    /** The newest line that is known of each node. */
    after: z
      .record(z.string().max(64), z.number().int().min(0))
      .refine((after) => Object.keys(after).length <= 100, 'at most 100 nodes')
      .default({}),
    limit: z.number().int().min(1).max(1_000).default(500),
  }),
  output: z.object({ trace: traceView, lines: z.array(traceLine.extend({ node: z.string() })) }),
};
