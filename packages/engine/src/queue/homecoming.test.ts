// Entries on their way back from the spool after a start.
import { describe, expect, it } from 'vitest';
import type { RecipientEntry } from '../entry.ts';
import { wholeEntries } from '../waiting-entries.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { Homecoming } from './homecoming.ts';

const perBatch = 1_000;

function rig(entries: number, dueAt: (index: number, nowMs: number) => number) {
  const clock = fakeClock();
  const nowMs = clock.nowMs();
  const known: RecipientEntry[] = [];
  const logged: string[] = [];
  const homecoming = new Homecoming({
    clock,
    spool: {
      async *recover() {
        for (let from = 0; from < entries; from += perBatch) {
          const count = Math.min(perBatch, entries - from);
          yield wholeEntries(Array.from({ length: count }, (_, index) => ({ dueAt: dueAt(from + index, nowMs) }) as RecipientEntry));
        }
      },
    },
    enqueue: (batch) => known.push(...batch),
    enqueueWaiting: () => undefined,
    enqueueFar: () => undefined,
    over: () => undefined,
    overduePerSecond: 5_000,
    log: { info: (message) => logged.push(message), warn: (message) => logged.push(message) },
  });
  return { clock, homecoming, known, begin: () => homecoming.begin(), whole: () => logged.length };
}

describe('Homecoming', () => {
  it('brings a small queue back whole before mail is taken', async () => {
    const { homecoming, known, begin, whole } = rig(19_500, () => 0);
    await begin();
    expect([known.length, homecoming.goesOn, whole()]).toEqual([19_500, false, 1]);
  });

  it('takes mail once the first are back, and brings the rest beside it', async () => {
    const { clock, homecoming, known, begin, whole } = rig(50_000, (_, nowMs) => nowMs + 1);
    await begin();
    expect([known.length, homecoming.goesOn, whole()]).toEqual([20_000, true, 0]);
    await clock.advance(1);
    expect([known.length, homecoming.goesOn, whole()]).toEqual([50_000, false, 1]);
  });

  it('releases what fell due meanwhile at a bounded rate, and after it what is due later without one', async () => {
    const { clock, known, begin, whole } = rig(60_000, (index, nowMs) => (index < 40_000 ? nowMs : nowMs + 60_000));
    await begin();
    await clock.advance(1_000);
    expect(known.length).toBeGreaterThanOrEqual(25_000);
    expect(known.length).toBeLessThanOrEqual(26_000);
    await clock.advance(2_000);
    expect(known.length).toBeLessThanOrEqual(36_000);
    await clock.advance(1_100);
    expect([known.length, whole()]).toEqual([60_000, 1]);
  });

  it('stops where it is when the engine ends', async () => {
    const { clock, homecoming, known, begin, whole } = rig(60_000, () => 0);
    await begin();
    await homecoming.stop();
    const { length } = known;
    await clock.advance(60_000);
    expect([known.length, whole()]).toEqual([length, 0]);
    expect(length).toBeLessThan(23_000);
  });
});
