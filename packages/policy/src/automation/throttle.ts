// A rate that was cut and comes back: down by a factor with every hit, up by equal steps after quiet time. The level at which it was hit is
// remembered: near it the next step waits longer, the more often it was hit there, and above it the steps grow, so that the rate finds
// what the receiver takes and does not swing about it. It always comes back: without hits every wait is bounded, and so is the number of
// steps. Pure; times are milliseconds since the epoch, rates recipients a minute.
import type { AutomationAction } from '@sluice/contract';

export type ThrottleRule = Omit<Extract<AutomationAction, { kind: 'reduce' }>, 'kind'>;

export type Throttle = {
  /** Before the first hit. */
  readonly fromPerMinute: number;
  readonly ratePerMinute: number;
  /** The level at which it is hit. */
  readonly hitPerMinute: number;
  /** Reached again it is over; null while nothing else limits. */
  readonly capPerMinute: number | null;
  /** How many quiet times a step near the level of the last hit waits for. */
  readonly patience: number;
  /** Steps taken above that level, each twice the one before. */
  readonly above: number;
  readonly changedAtMs: number;
  readonly stepAtMs: number;
};

/** Outcomes of attempts that were under way when the rate changed are no new hit. */
export const settleMs = 15_000;
const maxPatience = 8;
/** A step does not go past this share of the level of the last hit: there it waits before it tries that level again. */
const nearShare = 0.95;
/** Hit from here on, it was hit at the same level again. */
const sameLevel = 0.9;
/** Hit past this multiple of it, the receiver takes more than it did. */
const newLevel = 1.25;
/** Without another limit it is over at this multiple of where it began. */
const freeAt = 4;
const maxDoublings = 5;

const reduced = (rate: number, { toPercent, floorPerMinute }: ThrottleRule): number =>
  // Who sends less than the floor goes on with what it sends.
  Math.max(Math.min(rate, floorPerMinute), (rate * toPercent) / 100);

/** `measured`: what was attempted a minute. `limit`: what the configuration lets pass; null when it says nothing. */
export function beginThrottle(rule: ThrottleRule, measured: number, limit: number | null, nowMs: number): Throttle {
  const fromPerMinute = Math.min(measured, limit ?? Infinity);
  return {
    fromPerMinute,
    ratePerMinute: reduced(fromPerMinute, rule),
    hitPerMinute: fromPerMinute,
    capPerMinute: limit,
    patience: 1,
    above: 0,
    changedAtMs: nowMs,
    stepAtMs: nowMs + rule.quietSeconds * 1000,
  };
}

/** Hit again; the same object when it is too early to judge. */
export function hitThrottle(throttle: Throttle, rule: ThrottleRule, nowMs: number): Throttle {
  if (nowMs < throttle.changedAtMs + settleMs) return throttle;
  const { ratePerMinute, hitPerMinute, patience } = throttle;
  const again = ratePerMinute >= hitPerMinute * sameLevel;
  const next = reduced(ratePerMinute, rule);
  return {
    ...throttle,
    ratePerMinute: next,
    // Hit a little above a level that is known, the level is what it was: what came through below it is what the receiver takes.
    hitPerMinute: ratePerMinute > hitPerMinute * newLevel ? ratePerMinute : Math.min(hitPerMinute, ratePerMinute),
    patience: again ? Math.min(maxPatience, patience * 2) : 1,
    above: 0,
    changedAtMs: nowMs,
    stepAtMs: nowMs + rule.quietSeconds * 1000,
  };
}

/** Not calm yet: the step waits for another quiet time. */
export function postponeStep(throttle: Throttle, rule: ThrottleRule, nowMs: number): Throttle {
  return { ...throttle, stepAtMs: nowMs + rule.quietSeconds * 1000 };
}

/** One step up, when its time has come; null when it is back where it began and nothing is left to hold. */
export function stepThrottle(throttle: Throttle, rule: ThrottleRule, nowMs: number): Throttle | null {
  if (nowMs < throttle.stepAtMs) return throttle;
  const { fromPerMinute, hitPerMinute, capPerMinute, patience } = throttle;
  const past = throttle.ratePerMinute >= hitPerMinute;
  const above = past ? Math.min(maxDoublings, throttle.above + 1) : 0;
  const full = throttle.ratePerMinute + Math.max(1, (fromPerMinute * rule.stepPercent) / 100) * 2 ** above;
  const wall = hitPerMinute * nearShare;
  const near = throttle.ratePerMinute < wall && full >= wall;
  const ratePerMinute = near ? wall : full;
  if (ratePerMinute >= (capPerMinute ?? fromPerMinute * freeAt)) return null;
  return {
    ...throttle,
    ratePerMinute,
    above,
    changedAtMs: nowMs,
    stepAtMs: nowMs + rule.quietSeconds * 1000 * (near ? patience : 1),
  };
}
