// Warm-up plans as operators make them, and how far each source has come, as the nodes that send say it. Of the whole installation.
import { z } from 'zod';
import { id, reason } from '../names.ts';
import {
  maxScheduleText,
  warmUpBody,
  warmUpDay,
  warmUpGroup,
  warmUpLadder,
  warmUpProgress,
  warmUpSchedule,
  warmUpStage,
} from '../warm-up.ts';
import { strictly } from './strict.ts';
import { createdEntity, revisionMade } from './page.ts';

const meta = { schemaVersion: true, minEngine: true } as const;
const body = warmUpBody.omit(meta);

/** Sums over the nodes that answered; null when none did. */
const progress = warmUpProgress.omit({ planId: true }).nullable();
export const warmUpView = body.extend({ id, sources: z.array(z.object({ id, name: z.string() })), progress });
export const warmUpsList = { output: z.object({ plans: z.array(warmUpView), silent: z.array(z.string()) }) };

export const warmUpLadderView = warmUpLadder.omit({ planId: true }).extend({ node: z.string(), sourceName: z.string() });
/** `sourceId` and `group` narrow the ladders and the sums of days. */
export const warmUpsGet = {
  input: z.strictObject({ id, sourceId: id.optional(), group: z.string().min(1).max(80).optional() }),
  output: z.object({
    plan: warmUpView,
    ladders: z.array(warmUpLadderView),
    /** Ladders that match; more than are listed where there are very many. */
    total: z.number().int(),
    days: z.array(warmUpDay),
    silent: z.array(z.string()),
  }),
};
export const warmUpsCreate = {
  input: strictly(z.strictObject({ ...body.shape, reason: reason.default('created by an operator') })),
  output: createdEntity,
};
/** Replaces the plan; what its sources have come to stays. */
export const warmUpsUpdate = { input: strictly(z.strictObject({ id, ...body.shape, reason })), output: revisionMade };
export const warmUpsDelete = { input: z.strictObject({ id, reason }), output: revisionMade };
export const warmUpsSetPaused = { input: z.strictObject({ id, paused: z.boolean(), reason }), output: revisionMade };

/** On every ladder of the plan, or those of a source, of a group, or of both. */
export const warmUpsAct = {
  input: z.strictObject({
    id,
    act: z.enum(['skip', 'step_back', 'restart']),
    sourceId: id.optional(),
    group: z.string().min(1).max(80).optional(),
    reason,
  }),
  output: z.object({ commandIds: z.array(id) }),
};

export const warmUpsSchedules = {
  output: z.array(z.object({ key: z.string(), name: z.string(), note: z.string(), stages: z.array(warmUpStage) })),
};
/** The days of a schedule, or of a table of text, without keeping anything. */
export const warmUpsPreview = {
  input: z.strictObject({
    schedule: strictly(warmUpSchedule).optional(),
    csv: z.string().max(maxScheduleText).optional(),
    percent: warmUpGroup.shape.percent,
    startsOn: z.iso.date(),
  }),
  output: z.object({
    stages: z.array(warmUpStage.extend({ day: z.number().int(), date: z.iso.date(), total: z.number().int() })),
    /** First day without a ceiling, if every day counts; null when there is no schedule. */
    finishesOn: z.iso.date().nullable(),
    problems: z.array(z.object({ line: z.number().int(), message: z.string() })),
  }),
};
