// What holds for any set of limits, whatever it names and however it is used: sets, mail and times are drawn, and every seed has to hold.
import { limitDimensions, limitKinds, type LimitDimension } from '@sluice/contract';
import { describe, expect, it } from 'vitest';
import { calendarStretch } from './calendar.ts';
import { LimitBook } from './limit-book.ts';
import { applicableLimits, burstOf, compilingLimits, counterKey, type Dimensions, type LimitRule } from './limit-set.ts';
import type { LimitToken } from './reservation.ts';
import { atOnce } from './steps.ts';

function chance(seed: number): (below: number) => number {
  let state = seed * 7_919;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Draw = ReturnType<typeof chance>;
const values = 3;
const valueOf = (dimension: LimitDimension, draw: Draw): string => `${dimension}${draw(values)}`;
const some = (draw: Draw, share: number): LimitDimension[] => limitDimensions.filter(() => draw(100) < share);

function drawRule(id: string, draw: Draw, kinds: readonly LimitRule['kind'][]): LimitRule {
  const where = Object.fromEntries(some(draw, 15).map((dimension) => [dimension, valueOf(dimension, draw)]));
  const kind = kinds[draw(kinds.length)] ?? 'message_rate';
  const bytes = kind === 'byte_rate' ? 1_000 : 1;
  return {
    ...{ id, where, by: some(draw, 20), kind, enabled: true, zone: draw(2) === 0 ? 'UTC' : 'Asia/Kathmandu' },
    ...{ count: (1 + draw(40)) * bytes, perSeconds: 1 + draw(5), burst: draw(3) === 0 ? null : draw(12) * bytes },
  };
}

function drawMail(draw: Draw): Dimensions {
  return Object.fromEntries(limitDimensions.map((dimension) => [dimension, valueOf(dimension, draw)]));
}

/** What passed under one counter: when, and how many units. */
type Passed = { rule: LimitRule; events: { at: number; units: number }[] };

/** The most that any window has beyond what the rule allows in it; the sums make it one walk. */
function excess({ rule, events }: Passed): number {
  if (rule.kind === 'daily_cap' || rule.kind === 'hourly_cap') {
    const byStretch = new Map<number, number>();
    for (const { at, units } of events) {
      const { startMs } = calendarStretch(rule.kind === 'daily_cap' ? 'day' : 'hour', rule.zone ?? 'UTC', at);
      byStretch.set(startMs, (byStretch.get(startMs) ?? 0) + units);
    }
    return Math.max(...byStretch.values()) - rule.count;
  }
  const perMs = rule.count / (rule.perSeconds * 1000);
  // Of all windows that end with this event, the one that began when the level was lowest.
  let level = 0;
  let last = 0;
  let most = -Infinity;
  let lastUnits = 0;
  for (const { at, units } of events) {
    level = Math.max(0, level - (at - last) * perMs) + units;
    last = at;
    // A message is never cut: of bytes a window may have what the last message was on top.
    lastUnits = rule.kind === 'byte_rate' ? units : 1;
    most = Math.max(most, level - burstOf(rule) - lastUnits);
  }
  return most;
}

describe('any set of limits, on whatever products of dimensions', () => {
  it('binds all at once, all or nothing: none of them lets through more than it says, in any window', () => {
    let refusedOnce = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const draw = chance(seed);
      const rules = Array.from({ length: 1 + draw(20) }, (_, n) =>
        drawRule(`r${n}`, draw, ['message_rate', 'byte_rate', 'hourly_cap', 'daily_cap']),
      );
      const set = atOnce(compilingLimits(rules));
      const book = new LimitBook(set);
      const passed = new Map<string, Passed>();
      let now = Date.parse('2026-03-01T22:40:00Z');
      const held: { token: LimitToken; at: number; mail: Dimensions; bytes: number }[] = [];
      for (let step = 0; step < 1_500; step++) {
        now += draw(20) === 0 ? draw(200_000) : draw(60);
        const mail = drawMail(draw);
        const bytes = 100 + draw(20_000);
        const reservation = book.reserve('mail', mail, 1, now, bytes);
        if (!reservation.ok) {
          refusedOnce++;
          // All or nothing: asked at once again, the same answer; it cost nothing.
          if (book.reserve('mail', mail, 1, now, bytes).ok) throw new Error(`seed ${seed}: refused, then granted`);
          continue;
        }
        held.push({ token: reservation.token, at: now, mail, bytes });
        // Some of it is given back unsent, at once or later.
        if (draw(4) === 0) {
          const back = held.splice(draw(held.length), 1)[0];
          if (back) book.release(back.token, now);
        }
      }
      for (const { at, mail, bytes } of held) {
        for (const rule of applicableLimits([set], 'mail', mail)) {
          const key = counterKey(rule, mail);
          const entry = passed.get(key) ?? { rule, events: [] };
          passed.set(key, entry);
          entry.events.push({ at, units: rule.kind === 'byte_rate' ? bytes : 1 });
        }
      }
      for (const [key, events] of passed) expect(excess(events), `seed ${seed}, ${JSON.stringify(key)}`).toBeLessThanOrEqual(1e-3);
    }
    expect(refusedOnce).toBeGreaterThan(10_000);
  }, 60_000);

  it('finds for each mail exactly the limits whose every condition is met, and counts apart by exactly what they name', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const draw = chance(seed);
      const rules = Array.from({ length: 30 }, (_, n) => drawRule(`r${n}`, draw, limitKinds));
      const extra = Array.from({ length: 5 }, (_, n) => drawRule(`x${n}`, draw, limitKinds));
      const sets = [atOnce(compilingLimits(rules)), atOnce(compilingLimits(extra))];
      const mail = drawMail(draw);
      const other = { ...mail, [limitDimensions[draw(9)] ?? 'node']: 'other' };
      const meets = ({ where }: LimitRule): boolean =>
        limitDimensions.every((dimension) => where[dimension] === undefined || where[dimension] === mail[dimension]);
      const found = (['mail', 'connections', 'connection_rate'] as const).flatMap((door) => applicableLimits(sets, door, mail));
      expect(found.map(({ id }) => id).toSorted()).toEqual(
        [...rules, ...extra]
          .filter(meets)
          .map(({ id }) => id)
          .toSorted(),
      );
      for (const rule of found) {
        const apart = rule.by.some((dimension) => mail[dimension] !== other[dimension]);
        expect(counterKey(rule, mail) !== counterKey(rule, other)).toBe(apart);
      }
    }
  });

  it('keeps to what it says over changes of the rates in between: what was passed stays counted', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const draw = chance(seed);
      let rule = { ...drawRule('r', draw, ['message_rate']), where: {}, by: [] };
      const book = new LimitBook(atOnce(compilingLimits([rule])));
      let now = 1_000_000;
      let allowed = burstOf(rule) + 1;
      let burst = burstOf(rule);
      let passed = 0;
      let mostOver = -Infinity;
      for (let step = 0; step < 2_000; step++) {
        const waitMs = draw(40);
        now += waitMs;
        allowed += (waitMs * rule.count) / (rule.perSeconds * 1000);
        if (draw(200) === 0) {
          rule = { ...drawRule('r', draw, ['message_rate']), where: {}, by: [] };
          allowed += Math.max(0, burstOf(rule) - burst);
          burst = Math.max(burst, burstOf(rule));
          if (draw(2) === 0) book.swap(atOnce(compilingLimits([rule])));
          else {
            book.swap(atOnce(compilingLimits([])));
            book.swap(atOnce(compilingLimits([rule])));
          }
        }
        if (book.reserve('mail', {}, 1, now).ok) passed++;
        mostOver = Math.max(mostOver, passed - allowed);
      }
      expect(mostOver, `seed ${seed}`).toBeLessThanOrEqual(1e-3);
      expect(passed).toBeGreaterThan(5);
    }
  });
});
