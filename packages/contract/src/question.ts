// What the console asks a running node and the node answers from its memory or its DNS: how much a scope matches, which queues there are, and what
// holds one of them. Asked, not carried in frames: a frame would have to hold every queue of every tenant each second so that one could
// be looked at. Each answer is bounded here; the console puts the asking operator's tenant into every question.
import { z } from 'zod';
import { activeAction, maxActionsAnswered } from './automation.ts';
import { remoteReply } from './delivery-event.ts';
import { commandScope } from './command.ts';
import { dkimRecordsAnswer, dkimRecordsQuestion } from './dkim-record.ts';
import { campaignName, id, instant } from './names.ts';
import { sourceHealthAnswer } from './source-health.ts';
import { limitsInUse } from './limit-use.ts';
import { tlsReportsAnswer } from './tls-report.ts';
import { warmUpsAnswer, warmUpsQuestion } from './warm-up.ts';

export const maxQueuesAnswered = 200;
export const maxHoldsAnswered = 50;

/** A scheduled queue, by what makes it one. `campaign` null: mail without one, or past the bound of campaigns. */
export const queueName = z.strictObject({
  tenantId: id,
  streamId: id,
  campaign: campaignName.nullable(),
  /** As the entries have it: also an address literal. */
  domain: z.string().min(1).max(300),
});
export type QueueName = z.infer<typeof queueName>;

export const queueSort = z.enum(['size', 'oldest']);
export const queueState = z.enum(['open', 'resolving', 'held', 'full']);

export const question = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('count'), scope: commandScope }),
  z.object({
    kind: z.literal('queues'),
    scope: commandScope.nullable(),
    sort: queueSort,
    limit: z.number().int().min(1).max(maxQueuesAnswered),
  }),
  z.object({ kind: z.literal('explain'), queue: queueName }),
  z.object({ kind: z.literal('tls_reports') }),
  z.object({ kind: z.literal('warm_ups'), ...warmUpsQuestion.shape }),
  z.object({ kind: z.literal('source_health') }),
  z.object({ kind: z.literal('active_actions') }),
  z.object({ kind: z.literal('dkim_records'), ...dkimRecordsQuestion.shape }),
  z.object({ kind: z.literal('limits') }),
]);
export type Question = z.infer<typeof question>;

export const queueRow = z.object({
  ...queueName.shape,
  /** Mail that leaves the domain's policies on TLS aside waits beside the rest, under the same name. */
  tlsOptional: z.boolean().optional(),
  state: queueState,
  /** Entries in all; of them due now and waiting, due later, in lanes, in an attempt. */
  count: z.number().int(),
  due: z.number().int(),
  later: z.number().int(),
  ready: z.number().int(),
  inFlight: z.number().int(),
  /** No entry was accepted before this (a lower bound), milliseconds since the epoch; null when unknown. */
  oldestAt: z.number().int().nullable(),
  nextDueAt: z.number().int().nullable(),
  site: z.string().nullable(),
  provider: z.string().nullable(),
  /** The first thing that holds it, in one line; null when it flows. */
  heldBy: z.string().max(500).nullable(),
});
export type QueueRow = z.infer<typeof queueRow>;

export const holdKinds = [
  'node',
  'command',
  'configuration',
  'no_source',
  'dns',
  'window',
  'path_rest',
  'limit',
  'warm_up',
  'full',
  'back_off',
  'spool',
  'automation',
] as const;

/** One thing that holds a queue. In an explanation they stand in the order in which an entry meets them. */
export const hold = z.object({
  kind: z.enum(holdKinds),
  /** One line: what, and with which figures. */
  detail: z.string().max(500),
  /** When it next clears by itself, milliseconds since the epoch; null when nothing but a change does. */
  clearsAt: z.number().int().nullable(),
  /** Entries of the queue that it holds; null when it is not counted. */
  entries: z.number().int().nullable(),
  sourceId: z.string().nullable(),
  commandId: z.string().nullable(),
  limit: z.object({ id: z.string(), name: z.string(), used: z.number(), of: z.number(), perSeconds: z.number().nullable() }).nullable(),
  reply: remoteReply.nullable(),
});
export type Hold = z.infer<typeof hold>;

export const answer = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('count'),
    matched: z.number().int(),
    /** False when part of the scope is only decided at dispatch, or not known now. */
    exact: z.boolean(),
    /** Why it is an estimate; empty when it is exact. */
    note: z.string().max(300),
    ready: z.number().int(),
    inFlight: z.number().int(),
  }),
  z.object({
    kind: z.literal('queues'),
    queues: z.array(queueRow).max(maxQueuesAnswered),
    total: z.number().int(),
    entries: z.number().int(),
  }),
  z.object({ kind: z.literal('explain'), row: queueRow.nullable(), holds: z.array(hold).max(maxHoldsAnswered) }),
  z.object({ kind: z.literal('tls_reports'), ...tlsReportsAnswer.shape }),
  z.object({ kind: z.literal('warm_ups'), ...warmUpsAnswer.shape }),
  z.object({ kind: z.literal('source_health'), ...sourceHealthAnswer.shape }),
  z.object({ kind: z.literal('active_actions'), actions: z.array(activeAction).max(maxActionsAnswered), total: z.number().int() }),
  z.object({ kind: z.literal('limits'), ...limitsInUse.shape }),
  z.object({ kind: z.literal('dkim_records'), ...dkimRecordsAnswer.shape }),
  z.object({ kind: z.literal('refused'), message: z.string().max(500) }),
]);
export type Answer = z.infer<typeof answer>;

/** One question on its way to one node. */
export const askedQuestion = z.object({ id, node: z.string(), question, askedAt: instant });
