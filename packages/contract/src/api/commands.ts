// What operators tell nodes to do now, what it would touch, and what holds mail. The server narrows every scope to the operator's tenant.
import { z } from 'zod';
import { commandResult, commandScope, endingCommandKinds, engineCommand, operatorCommandKinds } from '../command.ts';
import { id, reason } from '../names.ts';
import { hold, queueName, queueRow, queueSort } from '../question.ts';
import { eventView } from './messages.ts';

export const longestCommandMinutes = 7 * 1440;
/** Mail that is to be cancelled or bounced is left alone this long: until then the command can be withdrawn without a trace. */
export const holdSeconds = 10;
/** How much more than was confirmed may match by the time a cancel or bounce is given: mail goes on arriving. */
export const confirmSlack = 0.1;

const kind = z.enum(operatorCommandKinds);

const given = z.object({ commandId: id, expiresAt: z.iso.datetime().nullable(), startsAt: z.iso.datetime().nullable() });

export const commandsPreview = {
  input: z.strictObject({ kind, scope: commandScope }),
  output: z.object({
    /** The scope as it would be given. */
    scope: commandScope,
    /** Entries that match on the nodes that answered. */
    matched: z.number().int(),
    ready: z.number().int(),
    inFlight: z.number().int(),
    /** False when part of the scope is only decided at dispatch, or a node did not answer. */
    exact: z.boolean(),
    nodes: z.array(z.object({ node: z.string(), answered: z.boolean(), matched: z.number().int(), exact: z.boolean(), note: z.string() })),
  }),
};
export const commandsIssue = {
  input: z.strictObject({
    kind: kind.exclude(endingCommandKinds),
    scope: commandScope,
    reason,
    /** `suspend`, `move`, `drain` and `use_source` end by themselves after this. */
    minutes: z.number().int().min(1).max(longestCommandMinutes).optional(),
    /** `move`: where to. */
    poolId: id.optional(),
  }),
  output: given,
};
/** Ends mail for good: drops it, or returns it to its senders. */
export const commandsPurge = {
  input: z.strictObject({
    kind: z.enum(endingCommandKinds),
    scope: commandScope,
    reason,
    /** The count that the operator saw and typed. */
    confirm: z.number().int().min(0),
  }),
  output: given,
};
export const commandsWithdraw = { input: z.strictObject({ id, reason }), output: z.object({ commandId: id }) };
export const commandView = engineCommand.extend({
  /** What the scope names, in words: `source tx-1, provider gmail`. */
  touches: z.string(),
  active: z.boolean(),
  results: z.array(commandResult),
});
export const commandsList = {
  input: z.strictObject({ limit: z.number().int().min(1).max(200).default(50), active: z.boolean().default(false) }),
  output: z.array(commandView),
};

export const queueView = queueRow.extend({ node: z.string(), tenantName: z.string().nullable(), streamName: z.string().nullable() });
export const queuesList = {
  input: z.strictObject({
    scope: commandScope.nullable().default(null),
    sort: queueSort.default('size'),
    limit: z.number().int().min(1).max(200).default(50),
  }),
  output: z.object({
    queues: z.array(queueView),
    /** Queues and entries that match, on all nodes that answered. */
    total: z.number().int(),
    entries: z.number().int(),
    silent: z.array(z.string()),
  }),
};
export const explanation = z.object({ node: z.string(), row: queueRow.nullable(), holds: z.array(hold) });
export const queuesExplain = {
  input: z.strictObject({ queue: queueName }),
  output: z.object({ nodes: z.array(explanation), silent: z.array(z.string()) }),
};
export const messagesExplain = {
  input: z.strictObject({ entryId: z.string().min(1).max(200) }),
  output: z.object({
    /** Whether it is still queued, as far as its events say. */
    queued: z.boolean(),
    last: eventView,
    holds: z.array(hold),
    /** False: its node did not answer; only what the events say is told. */
    answered: z.boolean(),
  }),
};
