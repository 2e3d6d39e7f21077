// Warm-up plans: how much a source that nobody knows yet may send to a group of providers on each of its days, what makes a day count, and
// what holds it or takes it back. A plan is configuration; how far each source has come is kept by the node that sends, which answers it
// when asked. One ladder is one source x one group of providers: its steps are the days of the schedule.
import { z } from 'zod';
import { isTimeZone } from './delivery-settings.ts';
import { entityName, id } from './names.ts';

export const maxWarmUpDays = 120;
export const maxWarmUpSources = 500;
export const maxWarmUpGroups = 40;
export const maxLaddersAnswered = 400;
/** Past days that a node remembers of a ladder. */
export const maxWarmUpHistory = 60;
export const maxDailyCeiling = 50_000_000;
/** Characters of a table of text; longer ones are no schedule. */
export const maxScheduleText = 5_000;

const ceiling = z.number().int().min(1).max(maxDailyCeiling);

/** One day of a schedule: attempted recipients of the whole day, and of any clock hour of it; null: no bound by the hour. */
export const warmUpStage = z.object({ perDay: ceiling, perHour: ceiling.nullable().default(null) });
export type WarmUpStage = z.infer<typeof warmUpStage>;

const days = z.number().int().min(1).max(maxWarmUpDays);
export const warmUpSchedule = z.discriminatedUnion('kind', [
  /** Published figures that come with the engine; what a key says never changes. See policy. */
  z.object({ kind: z.literal('built_in'), key: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/) }),
  /** `first`, and `step` more each day. */
  z.object({ kind: z.literal('linear'), first: ceiling, step: z.number().int().min(1).max(maxDailyCeiling), days }),
  /** `first`, and `factor` times as much each day. */
  z.object({ kind: z.literal('geometric'), first: ceiling, factor: z.number().min(1.01).max(10), days }),
  z.object({ kind: z.literal('table'), stages: z.array(warmUpStage).min(1).max(maxWarmUpDays) }),
]);
export type WarmUpSchedule = z.infer<typeof warmUpSchedule>;

const share = z.number().min(0).max(100);
/** Shares of the attempts of a day, in percent. Null: it does not do that. At `stepBack` the day ends at once and the one before comes again. */
export const warmUpGate = z.object({ hold: share.nullable(), stepBack: share.nullable() });
export const warmUpGateNames = ['deferral', 'block', 'hardBounce', 'complaint'] as const;
export type WarmUpGateName = (typeof warmUpGateNames)[number];
export const warmUpGates = z.object({
  /** Fewer attempts than this are no ground to judge by. */
  minimumAttempts: z.number().int().min(1).max(1_000_000).default(20),
  deferral: warmUpGate.default({ hold: 20, stepBack: 40 }),
  block: warmUpGate.default({ hold: 2, stepBack: 10 }),
  hardBounce: warmUpGate.default({ hold: 3, stepBack: 8 }),
  complaint: warmUpGate.default({ hold: 0.1, stepBack: 0.3 }),
});
export type WarmUpGates = z.infer<typeof warmUpGates>;

const providerName = z.string().min(1).max(64);
/** Providers that share one ceiling. Null: all that no other group of the plan names, and mail of no known provider. */
export const warmUpGroup = z.object({
  name: entityName,
  providers: z.array(providerName).min(1).max(100).nullable(),
  /** Of the schedule's figures, in percent. */
  percent: z.number().int().min(1).max(1000).default(100),
});
export type WarmUpGroup = z.infer<typeof warmUpGroup>;

export const warmUpOverflow = z.enum(['warm', 'wait']);

export const warmUpFields = {
  name: entityName,
  sourceIds: z.array(id).min(1).max(maxWarmUpSources),
  groups: z.array(warmUpGroup).min(1).max(maxWarmUpGroups),
  schedule: warmUpSchedule,
  /** Whose midnights begin the days. */
  zone: z.string().max(64).refine(isTimeZone, 'no known time zone; an IANA name such as Europe/Berlin or UTC is wanted').default('UTC'),
  /** The first day. Before it the sources take none of this mail. */
  startsOn: z.iso.date(),
  /** False: the whole ceiling is open from midnight on. */
  spread: z.boolean().default(true),
  /** A day counts when so much of its ceiling was attempted, in percent. */
  countsFromPercent: z.number().int().min(1).max(100).default(90),
  gates: warmUpGates.default(() => warmUpGates.parse({})),
  /** What exceeds the ceilings leaves by the pool's other sources (`warm`), or waits for the warming ones (`wait`). */
  overflow: warmUpOverflow.default('warm'),
  /** Of what is open, kept for recipients that the injector marks as engaged until two thirds of the day are over, in percent. */
  engagedPercent: share.default(50),
  /** Nothing for so many days: it begins anew. 0: never. */
  rewarmAfterDays: z.number().int().min(0).max(365).default(30),
  /** Days do not count: the present ceiling stays. */
  paused: z.boolean().default(false),
};

export const warmUpBody = z.object({
  /** Format of this body; a node refuses a version it does not know. */
  schemaVersion: z.literal(1).default(1),
  minEngine: z.string().optional(),
  ...warmUpFields,
});
export type WarmUpBody = z.infer<typeof warmUpBody>;

/** Why the groups of a plan cannot stand beside each other; null when they can. */
export function groupsProblem(groups: readonly WarmUpGroup[]): string | null {
  const names = new Set<string>();
  const providers = new Set<string>();
  let others = 0;
  for (const group of groups) {
    if (names.has(group.name)) return `two groups are named ${group.name}`;
    names.add(group.name);
    if (group.providers === null && ++others > 1) return 'two groups stand for all other providers';
    for (const provider of group.providers ?? []) {
      if (providers.has(provider)) return `provider ${provider} is in two groups`;
      providers.add(provider);
    }
  }
  return null;
}

const count = z.number().int().min(0);
/** What became of the attempts of a day. */
export const warmUpCounts = z.object({ attempted: count, deferred: count, blocked: count, hardBounced: count, complaints: count });
export type WarmUpCounts = z.infer<typeof warmUpCounts>;

/** How a past day ended. */
export const warmUpVerdicts = ['counted', 'short', 'held', 'stepped_back', 'paused', 'finished', 'idle'] as const;
export type WarmUpVerdict = (typeof warmUpVerdicts)[number];

/** One past day; of a plan's sum the stage is that of the furthest ladder. `date` is of the plan's zone. */
export const warmUpDay = z.object({
  date: z.iso.date(),
  stage: count,
  ceiling: count,
  ...warmUpCounts.shape,
  verdict: z.enum(warmUpVerdicts).nullable(),
});
export type WarmUpDay = z.infer<typeof warmUpDay>;

export const warmUpGateState = z.object({
  gate: z.enum(warmUpGateNames),
  /** Of today's attempts, in percent; null while there are too few to judge by. */
  percent: z.number().nullable(),
  hold: z.number().nullable(),
  stepBack: z.number().nullable(),
  state: z.enum(['fine', 'holds', 'steps_back']),
});

const moment = z.number().int().nullable();
export const warmUpLadder = z.object({
  planId: id,
  sourceId: id,
  group: z.string(),
  status: z.enum(['waiting', 'warming', 'finished']),
  /** From 1, of so many. */
  stage: count,
  stages: count,
  date: z.iso.date(),
  ceiling: count,
  /** Attempted, set aside for what stands ready, and open to be taken now. */
  used: count,
  reserved: count,
  open: count,
  hour: z.object({ ceiling: count, used: count }).nullable(),
  today: warmUpCounts,
  gates: z.array(warmUpGateState),
  /** Why today will not count, as far as can be said now; null when nothing speaks against it. */
  heldBy: z.string().max(300).nullable(),
  /** What was decided last, and why. */
  last: z.string().max(500).nullable(),
  /** When more opens, milliseconds since the epoch; null when something is open or nothing will. */
  opensAt: moment,
  /** If every day counts, and at the pace of the last days; null when nothing can be said. */
  finishEarliest: z.iso.date().nullable(),
  finishExpected: z.iso.date().nullable(),
});
export type WarmUpLadderRow = z.infer<typeof warmUpLadder>;

/** One plan on one node. */
export const warmUpProgress = z.object({
  planId: id,
  ladders: count,
  finished: count,
  /** Ladders of which today will not count. */
  held: count,
  /** Lowest and highest of those that are not finished, from 1; 0 when all are. */
  fromStage: count,
  toStage: count,
  stages: count,
  ceiling: count,
  used: count,
  finishExpected: z.iso.date().nullable(),
});
export type WarmUpProgress = z.infer<typeof warmUpProgress>;

export const warmUpsQuestion = z.object({
  /** Null: every plan, without ladders. */
  planId: id.nullable().default(null),
  sourceId: id.nullable().default(null),
  group: z.string().max(80).nullable().default(null),
});
export const warmUpsAnswer = z.object({
  plans: z.array(warmUpProgress).max(500),
  ladders: z.array(warmUpLadder).max(maxLaddersAnswered),
  /** Ladders that were asked for. */
  total: count,
  /** Sums over what was asked for, oldest first. */
  days: z.array(warmUpDay).max(maxWarmUpHistory + 1),
});
export type WarmUpsAnswer = z.infer<typeof warmUpsAnswer>;
