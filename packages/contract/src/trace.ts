// A live protocol trace: which sessions an operator wants to watch for a while, and what a node tells of them. A trace is an order in
// Postgres with an end of its own; lines come back in batches and are deleted a few hours after that end. They hold commands, replies and
// sizes, never a message.
import { z } from 'zod';
import { commandScope, type CommandScope } from './command.ts';
import { id, instant } from './names.ts';

export const traceBounds = {
  sessions: 100,
  lines: 10_000,
  /** Characters of all lines together, a node. */
  textChars: 2_000_000,
  lineChars: 600,
  minutes: 60,
  /** Running at the same time: in all, of one tenant's operators, and on a node whatever was let through. */
  running: 20,
  runningOfTenant: 3,
  runningOnNode: 50,
  batchLines: 500,
  /** Lines are kept this long after the end. */
  keepHours: 6,
} as const;

/** Why a scope cannot be traced; null when it can. An empty one is refused as such. */
export function traceScopeProblem(scope: CommandScope): string | null {
  return scope.node === undefined ? null : 'a trace cannot be narrowed by node';
}

/** What a node is asked to trace. */
export const traceOrder = z.object({
  id,
  scope: commandScope,
  /** On each node. */
  sessions: z.number().int().min(1).max(traceBounds.sessions),
  lines: z.number().int().min(1).max(traceBounds.lines),
  expiresAt: instant,
  /** What the node has told of it before it was started anew. */
  already: z.object({ sessions: z.number().int(), lines: z.number().int(), dropped: z.number().int() }),
});
export type TraceOrder = z.infer<typeof traceOrder>;

/**
 * `opened`: dialled, or taken up while it was open. `sent` and `received`: one line of the wire each. `message`: that one went out, and
 * its size. `tls`: how the handshake ended. `closed`: the end, and why.
 */
export const traceLineKinds = ['opened', 'connected', 'sent', 'received', 'message', 'tls', 'closed'] as const;
export type TraceLineKind = (typeof traceLineKinds)[number];

export const traceLine = z.object({
  /** From 1, without gaps, per trace and node. */
  seq: z.number().int(),
  /** Session of the trace on its node, from 1. */
  session: z.number().int(),
  at: instant,
  /** Milliseconds since the session was opened, by the monotonic clock. */
  sinceMs: z.number(),
  kind: z.enum(traceLineKinds),
  /** Printable: what a server wrote is escaped and cut. */
  text: z.string(),
});
export type TraceLine = z.infer<typeof traceLine>;

export const traceEnds = ['expired', 'stopped', 'sessions', 'lines', 'characters'] as const;
export type TraceEnd = (typeof traceEnds)[number];

/** How far one node is with one trace. */
export const traceReport = z.object({
  node: z.string(),
  sessions: z.number().int(),
  lines: z.number().int(),
  /** Lines that could not be handed over: Postgres was away or too slow. */
  dropped: z.number().int(),
  ended: z.enum(traceEnds).nullable(),
});
export type TraceReport = z.infer<typeof traceReport>;

export type TraceBatch = { traceId: string; lines: TraceLine[]; report: Omit<TraceReport, 'node'> };
