// Configuration as something to look at before it changes: differences by name and field, what is wrong with them, what mail they touch;
// and the texts, locks and drafts that changes come from.
import { z } from 'zod';
import { configSections, maxConfigText } from '../config-document.ts';
import { entityKinds } from '../entities.ts';
import { id, reason } from '../names.ts';
import { revisionMade } from './page.ts';

export const configSection = z.enum(configSections);
const kind = z.enum(entityKinds);
const revisionNumber = z.number().int().min(0).max(2_000_000_000);

/** Most entities of a difference that are answered; `total` counts all. */
export const maxDiffItems = 200;
/** Most fields of one of them. */
export const maxDiffFields = 100;

/** `from` and `to` as text, null where there is no such field. Names instead of ids. */
export const configFieldChange = z.object({ field: z.string(), from: z.string().nullable(), to: z.string().nullable() });
export const configDiffItem = z.object({
  kind,
  id,
  name: z.string(),
  action: z.enum(['add', 'change', 'remove']),
  fields: z.array(configFieldChange).max(maxDiffFields),
});
export type ConfigDiffItem = z.infer<typeof configDiffItem>;
const counts = z.object({ add: z.number().int(), change: z.number().int(), remove: z.number().int() });
/** Changes that are left out, for they were answered before: a difference is read in parts. */
const skip = z.number().int().min(0).max(5_000).default(0);
const difference = { items: z.array(configDiffItem).max(maxDiffItems), total: z.number().int() };

/** What is wrong: an error refuses the change, a warning is shown. `line` and `column`: in the text, from 1. */
export const configFinding = z.object({
  level: z.enum(['error', 'warning']),
  /** What it is about, such as `pool bulk`. */
  about: z.string(),
  field: z.string(),
  message: z.string(),
  line: z.number().int().nullable(),
  column: z.number().int().nullable(),
});
export type ConfigFinding = z.infer<typeof configFinding>;

/** Mail that a change touches, as the nodes count it now. */
export const configTouches = z.object({
  queues: z.number().int(),
  messages: z.number().int(),
  /** False: part of it is only known when mail is dispatched, or not all was asked for. */
  exact: z.boolean(),
  sources: z.array(z.string()),
  tenants: z.array(z.string()),
  /** Nodes that did not answer. */
  silent: z.array(z.string()),
});

export const configPlan = z.object({
  /** The revision it was made against. */
  baseRevision: z.number().int(),
  counts,
  ...difference,
  findings: z.array(configFinding),
  /** What happens otherwise than asked for, in sentences. */
  notes: z.array(z.string()),
  /** Null: nothing changes. */
  touches: configTouches.nullable(),
});
export type ConfigPlan = z.infer<typeof configPlan>;

export const configDiff = {
  input: z.strictObject({ from: revisionNumber, to: revisionNumber, skip }),
  output: z.object({ from: z.number().int(), to: z.number().int(), ...difference }),
};
/** One revision and what it changed. */
export const configRevision = {
  input: z.strictObject({ number: revisionNumber, skip }),
  output: z.object({
    number: z.number().int(),
    at: z.iso.datetime(),
    author: z.string(),
    reason: z.string(),
    contentRoot: z.string(),
    ...difference,
  }),
};
/** What changed since this operator last said that it had looked. `since` null: it never did. */
export const configSinceLook = {
  output: z.object({
    since: z.number().int().nullable(),
    at: z.iso.datetime().nullable(),
    head: z.number().int(),
    ...difference,
  }),
};
export const configLooked = { input: z.strictObject({ revision: revisionNumber }), output: z.object({ revision: z.number().int() }) };

/** How far the nodes are with a revision. `done`: every node that reports has it. */
export const configWait = {
  input: z.strictObject({ revision: revisionNumber }),
  output: z.object({
    revision: z.number().int(),
    done: z.boolean(),
    nodes: z.array(
      z.object({
        node: z.string(),
        /** `away`: it does not report; it is not waited for. */
        state: z.enum(['has', 'waiting', 'refused', 'away']),
        runs: z.number().int().nullable(),
        problem: z.string().nullable(),
      }),
    ),
  }),
};

const entities = z.array(z.strictObject({ kind, id })).min(1).max(100).optional();
/** All entities that changed since, or only these. */
export const configRollBackPlan = { input: z.strictObject({ to: revisionNumber, entities }), output: configPlan };
export const configRollBack = {
  input: z.strictObject({ to: revisionNumber, entities, baseRevision: revisionNumber, lock: z.string().max(80).optional(), reason }),
  output: revisionMade.extend({ notes: z.array(z.string()) }),
};

/** The text of all sections, or of some. */
export const configExport = {
  input: z.strictObject({ sections: z.array(configSection).min(1).max(configSections.length).optional() }),
  output: z.object({ revision: z.number().int(), text: z.string() }),
};
/** `replace`: what a section of the text does not name is taken away. `merge`: only what is named is made or changed; null takes it away. */
export const configMode = z.enum(['replace', 'merge']);
/** No database keeps a NUL in a text. */
const text = z
  .string()
  .max(maxConfigText)
  .regex(/^[^\u0000]*$/, 'a NUL is in it');
const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^[^\u0000-\u001f\u007f]+$/, 'control characters are not allowed');
const document = { text, mode: configMode.default('replace') };
export const configPlanText = { input: z.strictObject(document), output: configPlan };
/** `lock`: the name of the lock, for sections that are managed elsewhere. */
export const configApply = {
  input: z.strictObject({ ...document, baseRevision: revisionNumber, lock: z.string().max(80).optional(), reason }),
  output: revisionMade.extend({ counts, notes: z.array(z.string()) }),
};
/** One entity by its name, as it stands in the text. */
export const configGet = {
  input: z.strictObject({ section: configSection, name: line(300) }),
  output: z.object({ id, revision: z.number().int(), text: z.string() }),
};
/** What is wrong or odd in the configuration as it is. */
export const configCheck = { output: z.object({ revision: z.number().int(), findings: z.array(configFinding), total: z.number().int() }) };

const lockName = line(80);
export const configLockView = z.object({
  section: configSection,
  name: z.string(),
  reason: z.string(),
  lockedBy: z.string(),
  lockedAt: z.iso.datetime(),
});
export const configLocks = { output: z.array(configLockView) };
export const configLock = {
  input: z.strictObject({ section: configSection, name: lockName, reason }),
  output: z.object({ section: configSection }),
};
export const configUnlock = { input: z.strictObject({ section: configSection, reason }), output: z.object({ section: configSection }) };

const draftName = line(80);
export const configDraftView = z.object({
  id,
  name: z.string(),
  author: z.string(),
  baseRevision: z.number().int(),
  mode: configMode,
  updatedAt: z.iso.datetime(),
  /** It is the asking operator's own. */
  mine: z.boolean(),
});
export const configDrafts = { output: z.array(configDraftView) };
export const configDraftGet = { input: z.strictObject({ id }), output: configDraftView.extend({ text: z.string() }) };
/** Makes the operator's draft of this name, or puts another text in its place. */
export const configDraftSave = {
  input: z.strictObject({ name: draftName, ...document, baseRevision: revisionNumber }),
  output: z.object({ id }),
};
/** `moved`: entities of the draft that others changed since it was begun. */
export const configDraftPlan = { input: z.strictObject({ id }), output: configPlan.extend({ moved: z.array(z.string()) }) };
/** `overwrite`: also what others changed since the draft was begun. */
export const configDraftPublish = {
  input: z.strictObject({ id, overwrite: z.boolean().default(false), lock: z.string().max(80).optional(), reason }),
  output: revisionMade.extend({ counts, notes: z.array(z.string()) }),
};
export const configDraftDiscard = { input: z.strictObject({ id }), output: z.object({ id }) };

/**
 * Sources of a network, one for each address, or of a table with the columns name, address and optionally bind, ehlo, node, enabled. In
 * `name` and `ehlo` of a network `{n}` is the number of the address, from 1, and `{address}` the address with hyphens.
 */
export const sourcesBulk = {
  input: z.strictObject({
    from: z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('network'),
        cidr: z.union([z.cidrv4(), z.cidrv6()]),
        name: z.string().min(1).max(80),
        ehlo: z.string().min(1).max(253),
        node: z.string().max(64).nullable().default(null),
      }),
      z.strictObject({ kind: z.literal('table'), csv: z.string().min(1).max(200_000), ehlo: z.string().max(253).default('') }),
    ]),
    /** Only says what it would do. */
    dryRun: z.boolean(),
    reason,
  }),
  output: z.object({ plan: configPlan, revision: z.number().int().nullable() }),
};
