// What a reacting provider is like, as plain data: how much it takes of a source or a signing domain that it knows, what makes that more or
// less, and when it stops taking anything for a time. Every number has its unit in its name and a bound. Nobody outside a provider knows
// these numbers: they are assumptions to try senders against, not measurements (docs/reacting-providers.md).
import { z } from 'zod';

const share = z.number().min(0).max(1);
const minutes = z.number().min(0.1).max(20_160);

/** Everything from the identity is put off for a while, whatever its rate. */
const penalty = z.strictObject({
  /** Put-off mail, in minutes of what the provider allows, at which the penalty begins. */
  fromStrainMinutes: z.number().min(0.1).max(1_000).default(6),
  lastsMinutes: minutes.default(15),
});

/** Everything from the identity is refused for a while; each block soon after another lasts longer. */
const block = z.strictObject({
  fromStrainMinutes: z.number().min(0.1).max(10_000).default(20),
  /** A reputation at or below this is blocked as well. */
  belowReputation: share.default(0.1),
  lastsMinutes: minutes.default(120),
  /** The next block lasts so many times longer, up to `longestMinutes`; forgotten after a day without one. */
  growth: z.number().min(1).max(10).default(2),
  longestMinutes: minutes.default(1_440),
  /** Seconds by which one more try during the block prolongs it, never past its first length from then on. */
  triesProlongSeconds: z.number().min(0).max(3_600).default(0),
  /** Blocks are 5xx as a rule; some providers put off instead, for as long. */
  replies: z.enum(['permanent', 'temporary']).default('permanent'),
  reputationAfter: share.default(0.3),
});

/** What one kind of identity may do and how its reputation moves. Volumes are attempted recipients. */
const dynamics = z.strictObject({
  /** What a new identity is warm for. */
  warmPerHour: z.number().min(1).max(10_000_000).default(20_000),
  warmLeastPerHour: z.number().min(1).max(10_000_000).default(200),
  warmMostPerHour: z.number().min(1).max(100_000_000).default(1_000_000),
  /** Accepted volume near what it is warm for makes it warmer by at most this factor a day; idleness cools it by the other. */
  growthPerDay: z.number().min(1).max(10).default(1.5),
  coolingPerDay: z.number().min(0.01).max(1).default(0.9),
  /** At full reputation so many times the warm volume passes; at none, `shareAtNoReputation` of that. */
  headroom: z.number().min(0.1).max(20).default(1.5),
  shareAtNoReputation: share.default(0.1),
  /** Seconds of the allowed rate that may come at once. */
  burstSeconds: z.number().min(1).max(3_600).default(60),
  /** Of what comes too fast, the share that is put off; the rest passes. */
  strictness: z.number().min(0.05).max(1).default(1),
  startReputation: share.default(0.8),
  /** Share of the way to its best that reputation goes in an hour of quiet. */
  recoveryPerHour: z.number().min(0.001).max(20).default(0.3),
  /** Quiet: so long without mail that was put off. */
  quietAfterMinutes: z.number().min(0).max(1_440).default(10),
  /** How long put-off mail is remembered (time constant). */
  forgetsMinutes: minutes.default(10),
  /** Put-off mail, in minutes of the allowed rate, that is taken without a grudge. */
  toleratedStrainMinutes: z.number().min(0).max(1_000).default(1),
  /** Reputation lost in an hour for each minute of strain past that. */
  strainCostPerHour: z.number().min(0).max(10).default(0.05),
  /** A rate over `timesWarm` of the warm volume, within `windowMinutes`, costs reputation as long as it lasts. */
  spike: z
    .strictObject({
      timesWarm: z.number().min(1).max(100).default(4),
      windowMinutes: minutes.default(5),
      costPerHour: z.number().min(0).max(50).default(0.5),
    })
    .default({ timesWarm: 4, windowMinutes: 5, costPerHour: 0.5 }),
  /** Shares above what is tolerated lower the best reputation that can be had: by `weight` for each 1.0 of share. */
  unknownTolerated: share.default(0.05),
  unknownWeight: z.number().min(0).max(1_000).default(4),
  complaintsTolerated: share.default(0.001),
  complaintsWeight: z.number().min(0).max(10_000).default(100),
  /** Over how many recipients those shares are counted. */
  listWindowRecipients: z.number().min(10).max(1_000_000).default(2_000),
  penalty: penalty.nullable().default(null),
  block: block.nullable().default(null),
});

export const reactionParameters = z.strictObject({
  /** What a source may do, and beside it what mail of one DKIM domain or of one envelope domain may do over every source. */
  source: dynamics,
  dkimDomain: dynamics.nullable().default(null),
  envelopeDomain: dynamics.nullable().default(null),
  /** Where it says no: at MAIL FROM, or after the message. DKIM domains are known only then. */
  answersAt: z.enum(['mail', 'message']).default('mail'),
  /** Connections of a source at once, at full reputation and at none. */
  connections: z
    .strictObject({ most: z.number().int().min(1).max(10_000), least: z.number().int().min(1).max(10_000) })
    .nullable()
    .default(null),
  /** A first try of a source to a mailbox for a sender is put off, unless the reputation of the source is this good. */
  greylisting: z
    .strictObject({
      waitSeconds: z.number().min(1).max(86_400).default(300),
      remembersHours: z.number().min(0.1).max(2_400).default(36),
      skippedFromReputation: z.number().min(0).max(1.01).default(0.9),
    })
    .nullable()
    .default(null),
  /** Temporary failures that have nothing to do with the sender, as a share of messages. */
  troubleShare: share.max(0.5).default(0),
  /** Hours in which the provider is busy: so much of everything is put off, about as often as told. */
  busyTimes: z
    .strictObject({
      everyHours: z.number().min(0.1).max(1_000),
      lastMinutes: minutes,
      putsOffShare: share,
    })
    .nullable()
    .default(null),
  /** By how much of itself the allowed rate moves up and down over a day, and the hour of the day at which it is highest. */
  dailySwing: z
    .strictObject({ share: share.max(0.9), highestAtHour: z.number().min(0).max(24) })
    .nullable()
    .default(null),
});

export type ReactionParameters = z.infer<typeof reactionParameters>;
/** As written: everything has a default. */
export type ReactionInput = z.input<typeof reactionParameters>;
export type Dynamics = z.infer<typeof dynamics>;
