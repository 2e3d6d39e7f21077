// A rate that was cut and comes back. A hit stops everything for a moment, so that what is under way lands and the receiver's own account
// refills, and then the rate goes on lower: at a share of itself or, where a rate is known that stayed quiet, at that one. The highest rate
// that stayed quiet and the lowest that was hit are remembered and closed in upon, step by step; near the lower edge it stays, and waits
// the longer before it tries again the more often that failed. Past the level of the hit the steps grow. What nobody used proves nothing:
// while little is sent the rate comes back to below that level and no further. Pure; times are milliseconds since the epoch, rates
// recipients a minute.
import type { AutomationAction } from '@sluice/contract';

export type ThrottleRule = Omit<Extract<AutomationAction, { kind: 'reduce' }>, 'kind'>;

export type Throttle = {
  /** Before the first hit. */
  readonly fromPerMinute: number;
  readonly ratePerMinute: number;
  /** The highest rate that was used and stayed quiet since it was last hit below it; null while none is known. */
  readonly quietPerMinute: number | null;
  /** The lowest rate at which it was hit; null once more than that stayed quiet. */
  readonly hitPerMinute: number | null;
  /** Reached again it is over; null while nothing else limits. */
  readonly capPerMinute: number | null;
  /** How many quiet times the next try near the level of the last hit waits for. */
  readonly patience: number;
  /** Steps taken above that level; from the third on each is twice the one before. */
  readonly above: number;
  /** Nothing goes out before this. */
  readonly pausedUntilMs: number;
  readonly stepAtMs: number;
};

/** How long nothing goes out after a hit. */
export const pauseMs = 15_000;
const firstPatience = 16;
const maxPatience = 64;
/** A rate so close below the level of the last hit is as good as it gets: the next step has to be earned. */
const closeShare = 1.1;
/** After a try that failed it goes on a little below what was quiet: the try took something from the receiver's account. */
const backShare = 0.93;
const tryShare = 1.01;
/** A rate of which less was sent is not proven. */
const usedShare = 0.7;
const lookAgainMs = 60_000;
/** Quiet times that a step past the level of the last hit waits for: what a receiver takes at once hides for long what it takes on the whole. */
const pastWaits = 3;
/** And those before the next try when one failed further from it. */
const failedWaits = 4;
/** Without another limit it is over at this multiple of where it began. */
const freeAt = 4;
const mostAbove = 7;

const quietMs = (rule: ThrottleRule): number => rule.quietSeconds * 1000;

/** To a share of the rate; who sends less than the floor goes on with what it sends. */
const reduced = (rate: number, { toPercent, floorPerMinute }: ThrottleRule): number =>
  Math.max(Math.min(rate, floorPerMinute), (rate * toPercent) / 100);

/** `measured`: what was attempted a minute. `limit`: what the configuration lets pass; null when it says nothing. */
export function beginThrottle(rule: ThrottleRule, measured: number, limit: number | null, nowMs: number): Throttle {
  const fromPerMinute = Math.min(measured, limit ?? Infinity);
  return {
    fromPerMinute,
    ratePerMinute: reduced(fromPerMinute, rule),
    quietPerMinute: null,
    hitPerMinute: fromPerMinute,
    capPerMinute: limit,
    patience: firstPatience,
    above: 0,
    pausedUntilMs: nowMs + pauseMs,
    stepAtMs: nowMs + pauseMs + quietMs(rule),
  };
}

const isClose = (rate: number, hit: number): boolean => rate < hit && hit / rate <= closeShare;

/** Hit again by an attempt that began at `sinceMs`; the same object when that was before the rate changed. */
export function hitThrottle(throttle: Throttle, rule: ThrottleRule, nowMs: number, sinceMs: number = nowMs): Throttle {
  if (sinceMs < throttle.pausedUntilMs) return throttle;
  const { ratePerMinute: hit, quietPerMinute: quiet } = throttle;
  // A try above what was quiet failed: back to it. Hit at or below it, it holds no longer.
  const tried = quiet !== null && hit > quiet;
  const ratePerMinute = tried ? Math.max(quiet * backShare, Math.min(hit, rule.floorPerMinute)) : reduced(hit, rule);
  // A try just past the level of an earlier hit says that the level holds.
  const level = tried ? Math.min(hit, throttle.hitPerMinute ?? hit) : hit;
  const close = tried && isClose(quiet, level);
  const patience = close ? Math.min(maxPatience, throttle.patience * 2) : throttle.patience;
  const wait = quietMs(rule) * (close ? throttle.patience : tried ? failedWaits : 1);
  return {
    ...throttle,
    ...{ ratePerMinute, hitPerMinute: level, quietPerMinute: tried ? quiet : null, patience, above: 0 },
    ...{ pausedUntilMs: nowMs + pauseMs, stepAtMs: nowMs + pauseMs + wait },
  };
}

/** Not calm yet: the step waits for another quiet time. */
export function postponeStep(throttle: Throttle, rule: ThrottleRule, nowMs: number): Throttle {
  return { ...throttle, stepAtMs: nowMs + quietMs(rule) };
}

/** One step up, when its time has come; null when nothing is left to hold. `used`: what was attempted a minute lately; null for nothing. */
export function stepThrottle(throttle: Throttle, rule: ThrottleRule, nowMs: number, used: number | null): Throttle | null {
  if (nowMs < throttle.stepAtMs) return throttle;
  const { fromPerMinute, ratePerMinute: rate, hitPerMinute: hit, quietPerMinute, capPerMinute } = throttle;
  const proven = (used ?? 0) >= rate * usedShare;
  const quiet = proven ? Math.max(quietPerMinute ?? 0, rate) : quietPerMinute;
  const below = hit !== null && rate < hit;
  if (!proven && (!below || isClose(rate, hit))) return { ...throttle, stepAtMs: nowMs + lookAgainMs };
  const above = below ? 0 : Math.min(mostAbove, throttle.above + 1);
  const next = below ? closer(rate, hit) : rate * (1 + (rule.stepPercent / 100) * 2 ** Math.max(0, above - 2));
  if (next >= (capPerMinute ?? fromPerMinute * freeAt)) return null;
  const waits = !below ? pastWaits : isClose(next, hit) ? throttle.patience : 1;
  return {
    ...throttle,
    ...{ ratePerMinute: next, quietPerMinute: quiet, hitPerMinute: below ? hit : null, above },
    // Twice past it, the receiver takes more than it did.
    patience: above > 1 ? firstPatience : throttle.patience,
    stepAtMs: nowMs + quietMs(rule) * waits,
  };
}

/** Half of the way to the level of the last hit; from close to it, just past it. */
const closer = (rate: number, hit: number): number => (isClose(rate, hit) ? hit * tryShare : Math.min((rate + hit) / 2, hit / 1.0001));
