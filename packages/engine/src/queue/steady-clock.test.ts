// Time as the queues see it when the machine's clock is set.
import { describe, expect, it } from 'vitest';
import { steadyClock } from './steady-clock.ts';

describe('steadyClock', () => {
  it('follows the wall forward, and goes on at half speed when it is set back until both agree', () => {
    let wall = 1_000_000;
    let monotonic = 0;
    const clock = steadyClock({ nowMs: () => wall, monotonicMs: () => monotonic, setTimer: () => () => undefined });
    const pass = (ms: number): number => {
      wall += ms;
      monotonic += ms;
      return clock.nowMs();
    };
    expect(pass(500)).toBe(1_000_500);
    wall += 3_600_000;
    expect(pass(0)).toBe(4_600_500);
    wall -= 10_000;
    expect(pass(0)).toBe(4_600_500);
    expect(pass(2_000)).toBe(4_601_500);
    pass(18_000);
    expect(pass(1_000)).toBe(wall);
  });
});
