// Rules by which engines act by themselves, what goes on by them now, and what operators do to it.
import { z } from 'zod';
import { activeAction, actionCommandKind, automationBody, automationInput } from '../automation.ts';
import { id, reason } from '../names.ts';
import { createdEntity, revisionMade } from './page.ts';

export const automationView = automationBody.omit({ schemaVersion: true, minEngine: true }).extend({
  id,
  /** Dimension -> name of what `where` names by id. */
  whereNames: z.record(z.string(), z.string()),
  /** The version that this installation has of the preset; null for a rule that comes from none. */
  newestPreset: z.number().int().nullable(),
  /** Why the preset is there; null for a rule of an operator. */
  meaning: z.string().nullable(),
});
export type AutomationView = z.infer<typeof automationView>;
export const automationsList = { output: z.array(automationView) };
const { mode, ...rule } = automationInput.shape;
export const automationsCreate = { input: z.strictObject({ ...rule, mode, reason }), output: createdEntity };
/** Replaces the rule. */
export const automationsUpdate = { input: z.strictObject({ id, ...rule, mode, reason }), output: revisionMade };
export const automationsSetMode = { input: z.strictObject({ id, mode: automationBody.shape.mode.unwrap(), reason }), output: revisionMade };
/** Only what an operator made; a preset's rule would be back with the next start. */
export const automationsDelete = { input: z.strictObject({ id, reason }), output: revisionMade };
/** As the newest version of its preset has it; from then on newer versions are taken over again. */
export const automationsToPreset = { input: z.strictObject({ id, reason }), output: revisionMade };

export const activeActionView = activeAction.extend({ node: z.string() });
export type ActiveActionView = z.infer<typeof activeActionView>;
export const automationsActive = {
  output: z.object({
    now: z.iso.datetime(),
    actions: z.array(activeActionView),
    /** On all nodes, also those that are not listed. */
    total: z.number().int(),
    /** Nodes that did not answer. */
    silent: z.array(z.string()),
  }),
};
/** What an operator does to an action of a node. */
export const automationsAct = {
  input: z.strictObject({ actionId: id, node: z.string().min(1).max(64), act: actionCommandKind, reason }),
  output: z.object({ commandId: id }),
};
