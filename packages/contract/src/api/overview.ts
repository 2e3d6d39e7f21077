// Is mail flowing, and what is wrong now?
import { z } from 'zod';
import { metricsFrame } from '../metrics-frame.ts';
import { tlsReportsAnswer } from '../tls-report.ts';
import { eventView } from './messages.ts';

export const outcomeMinute = z.object({
  minute: z.iso.datetime(),
  accepted: z.number().int(),
  delivered: z.number().int(),
  deferred: z.number().int(),
  bounced: z.number().int(),
  expired: z.number().int(),
  cancelled: z.number().int(),
});
export const overviewOutcomes = {
  input: z.strictObject({ minutes: z.number().int().min(5).max(1440).default(60) }),
  output: z.object({ now: z.iso.datetime(), series: z.array(outcomeMinute) }),
};
export const overviewLastEvents = {
  input: z.strictObject({ limit: z.number().int().min(1).max(100).default(20) }),
  output: z.array(eventView),
};

export const nodeHealth = z.object({
  node: z.string(),
  /** `stale`: no frame for over 5 s; `refusing`: the newest revision was refused, the one before still runs. */
  state: z.enum(['running', 'behind', 'refusing', 'stale']),
  egress: z.enum(['sandbox', 'internet']),
  revision: z.number().int().nullable(),
  headRevision: z.number().int(),
  lastFrameAt: z.iso.datetime().nullable(),
  problems: z.array(z.object({ kind: z.string(), id: z.string(), field: z.string(), message: z.string() })),
  frame: metricsFrame.nullable(),
});
export type NodeHealth = z.infer<typeof nodeHealth>;
export const nodesList = { output: z.array(nodeHealth) };

/** What a node counted of TLS with recipient domains, and which reports it sent. */
export const nodeTlsReports = z.object({ node: z.string(), ...tlsReportsAnswer.shape });
export type NodeTlsReports = z.infer<typeof nodeTlsReports>;
/** `silent`: nodes that did not answer. */
export const nodesTlsReports = { output: z.object({ nodes: z.array(nodeTlsReports), silent: z.array(z.string()) }) };

/** One message a second on the browser's single stream. Tenant-bound operators get frames without other tenants' queues. */
export const liveTick = z.object({ at: z.iso.datetime(), nodes: z.array(nodeHealth) });
export type LiveTick = z.infer<typeof liveTick>;
export const liveStream = { output: liveTick };
