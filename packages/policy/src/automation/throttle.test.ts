import { describe, expect, it } from 'vitest';
import { beginThrottle, hitThrottle, settleMs, stepThrottle, type Throttle, type ThrottleRule } from './throttle.ts';

const rule: ThrottleRule = { toPercent: 50, floorPerMinute: 10, quietSeconds: 600, stepPercent: 10 };
const start = 1_800_000_000_000;
const quietMs = rule.quietSeconds * 1000;

/** Repeatable chance. */
function chances(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}
const randomRule = (chance: () => number): ThrottleRule => ({
  toPercent: 5 + Math.floor(chance() * 90),
  floorPerMinute: 1 + Math.floor(chance() * 100),
  quietSeconds: 10 + Math.floor(chance() * 3600),
  stepPercent: 1 + Math.floor(chance() * 100),
});

/** Steps without a hit until it is over; how many. */
function recover(throttle: Throttle, of: ThrottleRule): number {
  let steps = 0;
  for (let now: Throttle | null = throttle; now; steps++) now = stepThrottle(now, of, now.stepAtMs);
  return steps;
}

describe('a throttle', () => {
  it('begins at a share of what was sent, or of the limit when that is less', () => {
    expect(beginThrottle(rule, 200, null, start)).toMatchObject({ fromPerMinute: 200, ratePerMinute: 100, stepAtMs: start + quietMs });
    expect(beginThrottle(rule, 900, 200, start)).toMatchObject({ fromPerMinute: 200, ratePerMinute: 100 });
  });

  it('goes up a step after quiet time, not before', () => {
    const begun = beginThrottle(rule, 200, 200, start);
    expect(stepThrottle(begun, rule, start + quietMs - 1)).toBe(begun);
    expect(stepThrottle(begun, rule, start + quietMs)).toMatchObject({ ratePerMinute: 120, stepAtMs: start + 2 * quietMs });
  });

  it('takes a hit of attempts that were under way for no new one', () => {
    const begun = beginThrottle(rule, 200, 200, start);
    expect(hitThrottle(begun, rule, start + settleMs - 1)).toBe(begun);
    expect(hitThrottle(begun, rule, start + settleMs)).toMatchObject({ ratePerMinute: 50, hitPerMinute: 100 });
  });

  it('waits longer, the more often it is hit at the same level', () => {
    let throttle: Throttle | null = beginThrottle(rule, 200, 1000, start);
    const waits: number[] = [];
    for (let round = 0; round < 4; round++) {
      // The receiver takes less than 200.
      let waitMs = 0;
      while (throttle && throttle.ratePerMinute < 200) {
        waitMs = Math.max(waitMs, throttle.stepAtMs - throttle.changedAtMs);
        throttle = stepThrottle(throttle, rule, throttle.stepAtMs);
      }
      if (!throttle) throw new Error('over before it was hit');
      waits.push(waitMs / quietMs);
      throttle = hitThrottle(throttle, rule, throttle.changedAtMs + settleMs);
    }
    expect(waits).toEqual([1, 2, 4, 8]);
  });

  it('never goes below its floor, nor below what was sent where that is less, whatever hits it', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const chance = chances(seed);
      const of = randomRule(chance);
      const measured = 1 + chance() * 1000;
      const limit = chance() < 0.5 ? null : 1 + chance() * 2000;
      let throttle: Throttle | null = beginThrottle(of, measured, limit, start);
      const lowest = Math.min(of.floorPerMinute, throttle.fromPerMinute);
      let nowMs = start;
      for (let n = 0; n < 200 && throttle; n++) {
        nowMs += chance() * of.quietSeconds * 2000;
        throttle = chance() < 0.5 ? hitThrottle(throttle, of, nowMs) : stepThrottle(throttle, of, nowMs);
        if (!throttle) break;
        const { ratePerMinute, stepAtMs } = throttle;
        const sound = ratePerMinute >= lowest - 1e-9 && ratePerMinute <= (limit ?? Infinity) && stepAtMs - nowMs <= of.quietSeconds * 8000;
        if (!sound) expect.fail(`seed ${seed}: ${JSON.stringify({ of, throttle, lowest, limit })}`);
      }
    }
  });

  it('always comes back when nothing hits it, in a bounded number of steps and time', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const chance = chances(seed);
      const of = randomRule(chance);
      let throttle = beginThrottle(of, 1 + chance() * 1000, chance() < 0.5 ? null : 1 + chance() * 2000, start);
      let nowMs = start;
      for (let n = 0; n < 30; n++) throttle = hitThrottle(throttle, of, (nowMs += settleMs + chance() * 1e6));
      expect(recover(throttle, of)).toBeLessThanOrEqual(100 / of.stepPercent + 2 + 4000 / of.stepPercent);
    }
  });

  it('finds what the receiver takes and stays there: it swings ever less often', () => {
    const takes = 137;
    const small: ThrottleRule = { toPercent: 70, floorPerMinute: 5, quietSeconds: 60, stepPercent: 5 };
    let throttle: Throttle | null = beginThrottle(small, 400, 1200, start);
    const hits: number[] = [];
    let [sent, minutes] = [0, 0];
    for (let nowMs = start; nowMs < start + 12 * 3_600_000; nowMs += 10_000) {
      const now: Throttle = throttle;
      minutes += 1 / 6;
      sent += Math.min(now.ratePerMinute, takes) / 6;
      const next: Throttle | null = now.ratePerMinute > takes ? hitThrottle(now, small, nowMs) : stepThrottle(now, small, nowMs);
      if (!next) throw new Error('let go while the receiver takes less');
      if (next.ratePerMinute < now.ratePerMinute) hits.push(nowMs);
      throttle = next;
    }
    const half = start + 6 * 3_600_000;
    expect(hits.filter((one) => one >= half).length).toBeLessThanOrEqual(hits.filter((one) => one < half).length);
    expect(hits.length).toBeLessThan(80);
    expect(sent / minutes).toBeGreaterThan(takes * 0.9);
  });
});
