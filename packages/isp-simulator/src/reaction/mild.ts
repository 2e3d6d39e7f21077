// The reactions of the sandbox's own providers: mild and short, so that sample mail flows and whoever floods them still sees, within
// minutes, deferrals, a penalty, a block and the way back.
import { reactionParameters, type ReactionParameters } from './parameters.ts';

const secondsInHour = 3_600;

/** Of a provider that takes `perSecond` of a source it knows. */
export function mildReaction(perSecond: number, answersAt: ReactionParameters['answersAt']): ReactionParameters {
  const perHour = perSecond * secondsInHour;
  return reactionParameters.parse({
    answersAt,
    source: {
      ...{ warmPerHour: perHour, warmLeastPerHour: perHour / 4, warmMostPerHour: perHour * 10 },
      ...{ headroom: 1.5, startReputation: 0.9, shareAtNoReputation: 0.1, recoveryPerHour: 3, quietAfterMinutes: 2 },
      ...{ burstSeconds: 60, forgetsMinutes: 5, toleratedStrainMinutes: 1, strainCostPerHour: 0.5 },
      penalty: { fromStrainMinutes: 5, lastsMinutes: 2 },
      block: { fromStrainMinutes: 15, lastsMinutes: 5, growth: 2, longestMinutes: 30, reputationAfter: 0.4 },
    },
    dkimDomain: {
      ...{ warmPerHour: 4 * perHour, warmLeastPerHour: perHour, warmMostPerHour: perHour * 40, startReputation: 0.9 },
      ...{ recoveryPerHour: 3, quietAfterMinutes: 2, burstSeconds: 60, forgetsMinutes: 5, toleratedStrainMinutes: 1 },
    },
  });
}

/** Of a small host that puts off and never blocks. */
export function patientReaction(perSecond: number): ReactionParameters {
  const perHour = perSecond * secondsInHour;
  return reactionParameters.parse({
    source: {
      ...{ warmPerHour: perHour, warmLeastPerHour: perHour / 2, warmMostPerHour: perHour * 2, startReputation: 0.9 },
      ...{ recoveryPerHour: 6, quietAfterMinutes: 1, forgetsMinutes: 2, toleratedStrainMinutes: 2, strainCostPerHour: 0.3 },
    },
  });
}

/** Of a host that greylists whom it does not know, for so short that one can wait for it. */
export const greylistingReaction: ReactionParameters = reactionParameters.parse({
  source: { warmPerHour: 18_000, startReputation: 0.5 },
  greylisting: { waitSeconds: 20, remembersHours: 24, skippedFromReputation: 1.01 },
});
