// What engines decided by themselves. A tenant-bound operator sees the decisions about its own mail.
import { z } from 'zod';
import { decision, decisionKinds } from '../decision.ts';
import { id } from '../names.ts';
import { pageInput, pageOf } from './page.ts';

export const decisionView = decision.extend({ at: z.iso.datetime() });
export type DecisionView = z.infer<typeof decisionView>;
export const decisionsList = {
  input: pageInput.extend({
    kind: z.enum(decisionKinds).optional(),
    /** Only those that an operator should look at. */
    alerts: z.boolean().default(false),
    /** Only those about this warm-up plan. */
    planId: id.optional(),
    /** Not older than so many hours. */
    hours: z.number().int().min(1).max(4400).optional(),
  }),
  output: pageOf(decisionView),
};
