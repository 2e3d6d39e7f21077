import { describe, expect, it } from 'vitest';
import { passTime, repeatableRandom, VirtualClock } from './virtual-clock.ts';

describe('virtual time', () => {
  it('fires timers in order of time, those of one moment in the order they were set, whatever was cancelled between', async () => {
    const clock = new VirtualClock(1_000);
    const fired: string[] = [];
    const cancels: (() => void)[] = [];
    for (let n = 0; n < 20_000; n++) {
      const at = (n * 7_919) % 1_000;
      cancels.push(clock.setTimer(at, () => void fired.push(`${at} ${n}`)));
    }
    cancels.forEach((cancel, n) => n % 2 === 0 && cancel());
    await passTime(clock, () => true);
    const expected = Array.from({ length: 20_000 }, (_, n) => n)
      .filter((n) => n % 2 === 1)
      .map((n) => [(n * 7_919) % 1_000, n] as const)
      .sort(([a, m], [b, n]) => a - b || m - n)
      .map(([at, n]) => `${at} ${n}`);
    expect(fired).toEqual(expected);
    expect(clock.nowMs()).toBe(1_999);
    expect(clock.monotonicMs()).toBe(999);
  });

  it('lets every promise settle before the next moment, however deep they are chained', async () => {
    const clock = new VirtualClock(0);
    const seen: string[] = [];
    const chain = async (): Promise<void> => {
      for (let n = 0; n < 5_000; n++) await Promise.resolve();
      seen.push(`settled at ${clock.nowMs()}`);
    };
    for (const at of [1, 2]) clock.setTimer(at, () => void chain());
    await passTime(clock, () => true);
    expect(seen).toEqual(['settled at 1', 'settled at 2']);
  });

  it('ends when it is told to, and when a timer fails', async () => {
    const clock = new VirtualClock(0);
    const again = (): void => void clock.setTimer(10, again);
    again();
    await passTime(clock, () => clock.nowMs() < 100);
    expect(clock.nowMs()).toBe(100);
    clock.setTimer(1, () => {
      throw new Error('a bug');
    });
    await expect(passTime(clock, () => true)).rejects.toThrow('a bug');
  });
});

it('chance repeats itself by its seed', () => {
  const draw = (seed: number) =>
    Array.from(
      { length: 5 },
      (
        (random) => () =>
          random.fraction()
      )(repeatableRandom(seed)),
    );
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
  expect(draw(3).every((one) => one >= 0 && one < 1)).toBe(true);
});
