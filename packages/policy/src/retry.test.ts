// Waiting times between attempts: lists, doubling, jitter.
import { describe, expect, it } from 'vitest';
import { nextAttemptAt } from './retry.ts';

const waits = (schedule: Parameters<typeof nextAttemptAt>[0], attempts: number[], fraction = 0) =>
  attempts.map((made) => nextAttemptAt(schedule, made, 0, fraction) / 1000);

describe('a retry schedule', () => {
  it('follows a list, whose last value repeats', () => {
    expect(waits({ kind: 'list', seconds: [300, 900, 3600] }, [1, 2, 3, 4, 1000])).toEqual([300, 900, 3600, 3600, 3600]);
  });

  it('grows by its factor up to its cap, however many attempts were made', () => {
    const schedule = { kind: 'exponential', firstSeconds: 60, factor: 3, capSeconds: 3600 } as const;
    expect(waits(schedule, [1, 2, 3, 4, 5, 6, 100_000])).toEqual([60, 180, 540, 1620, 3600, 3600, 3600]);
  });

  it('adds at most a tenth by chance, and at most a minute', () => {
    expect(waits({ kind: 'list', seconds: [300, 14_400] }, [1, 2], 0.999)).toEqual([329.97, 14_459.94]);
  });
});
