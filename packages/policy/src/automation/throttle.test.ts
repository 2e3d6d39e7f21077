import { describe, expect, it } from 'vitest';
import { beginThrottle, hitThrottle, pauseMs, stepThrottle, type Throttle, type ThrottleRule } from './throttle.ts';

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

/** The step that is due, with the rate used. */
const step = (throttle: Throttle, of: ThrottleRule = rule): Throttle | null =>
  stepThrottle(throttle, of, throttle.stepAtMs, throttle.ratePerMinute);

/** The step that is due; fails when it is over with it. */
function stepped(throttle: Throttle): Throttle {
  const next = step(throttle);
  if (!next) throw new Error('over');
  return next;
}

describe('a throttle', () => {
  it('begins at a share of what was sent, or of the limit when that is less, after a pause', () => {
    expect(beginThrottle(rule, 200, null, start)).toMatchObject({
      ...{ fromPerMinute: 200, ratePerMinute: 100, pausedUntilMs: start + pauseMs, stepAtMs: start + pauseMs + quietMs },
    });
    expect(beginThrottle(rule, 900, 200, start)).toMatchObject({ fromPerMinute: 200, ratePerMinute: 100 });
  });

  it('goes half of the way to where it was hit after quiet time, not before', () => {
    const begun = beginThrottle(rule, 200, 200, start);
    expect(stepThrottle(begun, rule, begun.stepAtMs - 1, 100)).toBe(begun);
    const next = stepped(begun);
    expect(next).toMatchObject({ ratePerMinute: 150, quietPerMinute: 100, stepAtMs: begun.stepAtMs + quietMs });
    expect(stepped(next)).toMatchObject({ ratePerMinute: 175 });
  });

  it('takes a hit of an attempt that began before the rate changed for no new one', () => {
    const begun = beginThrottle(rule, 200, 200, start);
    expect(hitThrottle(begun, rule, start + pauseMs - 1)).toBe(begun);
    expect(hitThrottle(begun, rule, start + 90_000, start - 1)).toBe(begun);
    expect(hitThrottle(begun, rule, start + pauseMs)).toMatchObject({ ratePerMinute: 50, hitPerMinute: 100 });
  });

  it('goes back to what was quiet when a try above it fails, and to a share when that is hit as well', () => {
    const quiet = stepped(beginThrottle(rule, 200, 1_000, start));
    const back = hitThrottle(quiet, rule, quiet.stepAtMs);
    expect(back.ratePerMinute).toBeCloseTo(93);
    expect(back).toMatchObject({ hitPerMinute: 150 });
    const lost = hitThrottle(back, rule, back.pausedUntilMs);
    expect(lost.ratePerMinute).toBeCloseTo(46.5);
    expect(lost.quietPerMinute).toBeNull();
  });

  it('waits longer near the level of the last hit, the more often a try there failed', () => {
    let throttle = beginThrottle(rule, 200, 1_000, start);
    const failedAt: number[] = [];
    for (let round = 0; round < 8; round++) {
      // The receiver takes less than 200.
      while (throttle.ratePerMinute < 200) throttle = stepped(throttle);
      const nowMs = throttle.stepAtMs;
      failedAt.push(nowMs);
      throttle = hitThrottle(throttle, rule, nowMs);
      expect(throttle.ratePerMinute).toBeGreaterThan(170);
    }
    const between = failedAt.slice(1).map((at, index) => Math.round((at - (failedAt[index] ?? 0)) / quietMs));
    expect(between).toEqual(between.toSorted((a, b) => a - b));
    expect(between.at(-1)).toBeGreaterThanOrEqual(64);
  });

  it('comes no further than the level of the last hit while nobody uses the rate', () => {
    let throttle: Throttle | null = beginThrottle(rule, 200, 1_000, start);
    for (let n = 0; n < 1_000 && throttle; n++) throttle = stepThrottle(throttle, rule, throttle.stepAtMs, n % 2 === 0 ? null : 5);
    expect(throttle?.ratePerMinute).toBeGreaterThan(180);
    expect(throttle?.ratePerMinute).toBeLessThan(200);
    expect(throttle?.quietPerMinute).toBeNull();
  });

  it('never goes below its floor, nor below what was sent where that is less, nor past the limit, whatever happens', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const chance = chances(seed);
      const of = randomRule(chance);
      const measured = 1 + chance() * 1000;
      const limit = chance() < 0.5 ? null : 1 + chance() * 2000;
      let throttle: Throttle | null = beginThrottle(of, measured, limit, start);
      // Back to a little below what was quiet.
      const lowest = Math.min(of.floorPerMinute, throttle.fromPerMinute) * 0.93;
      let nowMs = start;
      for (let n = 0; n < 200 && throttle; n++) {
        nowMs += chance() * of.quietSeconds * 2000;
        const used: number = chance() * 1.5 * throttle.ratePerMinute;
        throttle = chance() < 0.5 ? hitThrottle(throttle, of, nowMs) : stepThrottle(throttle, of, nowMs, used);
        if (!throttle) break;
        const { ratePerMinute, stepAtMs } = throttle;
        const soon = stepAtMs - nowMs <= of.quietSeconds * 64_000 + pauseMs + 60_000;
        if (!(ratePerMinute >= lowest - 1e-9 && ratePerMinute <= (limit ?? Infinity) && soon))
          expect.fail(`seed ${seed}: ${JSON.stringify({ of, throttle, lowest, limit })}`);
      }
    }
  });

  it('always comes back when it is used and nothing hits it, in a bounded number of steps', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const chance = chances(seed);
      const of = randomRule(chance);
      let throttle = beginThrottle(of, 1 + chance() * 1000, chance() < 0.5 ? null : 1 + chance() * 2000, start);
      let nowMs = start;
      for (let n = 0; n < 30; n++) throttle = hitThrottle(throttle, of, (nowMs += pauseMs + chance() * 1e6));
      let steps = 0;
      for (let now: Throttle | null = throttle; now && steps < 1_000; steps++) now = step(now, of);
      expect(steps).toBeLessThan(1_000);
    }
  });

  it('finds what the receiver takes and stays there: it swings ever less often', () => {
    for (const takes of [23, 137, 390]) {
      const small: ThrottleRule = { toPercent: 50, floorPerMinute: 5, quietSeconds: 120, stepPercent: 10 };
      let throttle: Throttle | null = beginThrottle(small, 400, 1200, start);
      const hits: number[] = [];
      let [sent, minutes] = [0, 0];
      for (let nowMs = start; nowMs < start + 12 * 3_600_000; nowMs += 5_000) {
        const now: Throttle = throttle;
        minutes += 1 / 12;
        const rate = now.pausedUntilMs > nowMs ? 0 : now.ratePerMinute;
        sent += Math.min(rate, takes) / 12;
        const next: Throttle | null = rate > takes ? hitThrottle(now, small, nowMs) : stepThrottle(now, small, nowMs, rate);
        if (!next) throw new Error('let go while the receiver takes less');
        if (next.hitPerMinute !== now.hitPerMinute && next.ratePerMinute < now.ratePerMinute) hits.push(nowMs);
        throttle = next;
      }
      const half = start + 6 * 3_600_000;
      expect(hits.filter((one) => one >= half).length).toBeLessThanOrEqual(hits.filter((one) => one < half).length);
      expect(hits.length).toBeLessThan(25);
      expect(sent / minutes).toBeGreaterThan(takes * 0.9);
    }
  });
});
