// Entries that lie on disk alone come back in time, at once when a command wants them, and no faster than what is overdue may.
import { describe, expect, it } from 'vitest';
import type { RecipientEntry, SpoolRecord } from '../entry.ts';
import { fakeClock, settlePromises, type FakeClock } from '../testing/fake-clock.ts';
import { WaitingBatch, wholeEntries, waitingTimes, type ReturnedBatch, type WaitingEntries } from '../waiting-entries.ts';
import { Agenda } from './agenda.ts';
import { FarEntries } from './far-entries.ts';
import { Parking } from './parking.ts';
import { Slices } from './slices.ts';
import { QueueTable } from './queue-table.ts';
import { Recorder } from './recorder.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';

const minuteMs = 60_000;
const names = { tenantId: 'tenant', streamId: 'stream', campaign: null, domain: 'x.example' };

/** A depot of rows by due time, given `perBatch` at a time. */
function rig(perBatch: number, overduePerSecond = 1_000_000) {
  const clock: FakeClock = fakeClock();
  const held: number[] = [];
  const back: { atMs: number; dueAt: number; released: boolean }[] = [];
  const asked: number[] = [];
  let failing = false;
  const table: QueueTable = new QueueTable({
    run: () => undefined,
    missing: () => undefined,
    callIn: (count) => far.callIn(count),
    nowMs: () => clock.nowMs(),
    parking: new Parking({ load: (ids) => Promise.resolve(ids.map(() => null)) }, { warn: () => undefined }, clock),
  });
  const give = (untilMs: number): Promise<ReturnedBatch> => {
    asked.push(untilMs);
    if (failing) return Promise.reject(new Error('the disk does not answer'));
    held.sort((a, b) => a - b);
    const rows = new WaitingBatch(perBatch);
    while (held[0] !== undefined && held[0] <= untilMs && !rows.full) {
      const dueAt = held.shift() ?? 0;
      const messageId = `0199aaaa-0000-7000-8000-${String(dueAt % 1e12).padStart(12, '0')}`;
      rows.add(names, { messageId, index: 0, acceptedAt: 0, expiresAt: dueAt + 1_000 * minuteMs, dueAt });
    }
    return Promise.resolve({ ...wholeEntries([]), waiting: rows.take(), nextMs: held[0] ?? Infinity });
  };
  const again: string[] = [];
  const recorded: SpoolRecord[] = [];
  let written = true;
  const recorder = new Recorder(
    { record: (records) => (written ? Promise.resolve(void recorded.push(...records)) : Promise.reject(new Error('closed'))) },
    { info: () => undefined, warn: () => undefined },
    new Slices(clock),
    () => undefined,
  );
  const far: FarEntries = new FarEntries({
    ...{ clock, agenda: new Agenda(clock), log: { info: () => undefined, warn: () => undefined }, overduePerSecond, table },
    recorder,
    depot: { give },
    queues: {
      entries: () => undefined,
      deposited(of, { dueAt }) {
        of.inHand--;
        far.deposited(of, dueAt);
      },
      retry: (of, { entryId }) => void again.push(entryId),
      waiting(rows: WaitingEntries) {
        for (let row = 0; row < rows.count; row += 1)
          back.push({ atMs: clock.nowMs(), dueAt: rows.times[row * waitingTimes + 2] ?? 0, released: far.left(queue) === 'due' });
      },
    },
  });
  const queue: ScheduledQueue = table.queueFor(names);
  const layBy = (dueAt: number): void => {
    held.push(dueAt);
    far.deposited(queue, dueAt);
  };
  const fail = (now: boolean): void => {
    failing = now;
  };
  const refuse = (): void => {
    written = false;
  };
  return { clock, far, queue, layBy, back, asked, fail, held, again, recorded, refuse };
}

describe('entries on disk alone', () => {
  it('come back before they are due, and are counted in their queue until then', async () => {
    const { clock, queue, layBy, back } = rig(10);
    const dues = [20, 30, 90].map((minutes) => clock.nowMs() + minutes * minuteMs);
    for (const dueAt of dues) layBy(dueAt);
    expect([queue.waiting, queue.later, queue.parked, queue.nextKnownMs()]).toEqual([3, 3, 3, dues[0]]);
    for (let minute = 0; minute < 120; minute += 1) await clock.advance(minuteMs);
    expect(back.map(({ dueAt }) => dueAt)).toEqual(dues);
    for (const { atMs, dueAt } of back) expect(dueAt - atMs).toBeGreaterThanOrEqual(0);
    expect([queue.far.size, queue.waiting]).toEqual([0, 0]);
  });

  it('come at once when a command tells them to be due, those laid by later do not', async () => {
    const { clock, queue, layBy, back } = rig(2);
    for (let n = 0; n < 7; n += 1) layBy(clock.nowMs() + (60 + n) * minuteMs);
    expect(queue.makeDue()).toBe(7);
    expect([queue.later, queue.waiting]).toEqual([0, 7]);
    await clock.advance(1_000);
    expect(back.map(({ released }) => released)).toEqual(Array.from({ length: 7 }, () => true));
    layBy(clock.nowMs() + 60 * minuteMs);
    await clock.advance(minuteMs);
    expect([back.length, queue.far.size]).toEqual([7, 1]);
  });

  it('come no faster than overdue mail may when they fell due long ago', async () => {
    const { clock, far, held, back } = rig(100, 1_000);
    const longAgo = clock.nowMs() - 600 * minuteMs;
    for (let n = 0; n < 5_000; n += 1) held.push(longAgo + n);
    expect(far.found([{ queue: names, count: 5_000, fromMs: longAgo }])).toBe(5_000);
    await clock.advance(2_000);
    expect(back.length).toBeLessThanOrEqual(2_200);
    await clock.advance(4_000);
    expect(back.length).toBe(5_000);
  });

  it('lie there untried while their time is far off; those that cannot be recorded wait in their queue', async () => {
    const { clock, far, queue, again, recorded, refuse } = rig(10);
    const entryDue = (minutes: number): RecipientEntry =>
      ({ entryId: `m${minutes}.0`, dueAt: clock.nowMs() + minutes * minuteMs, expiresAt: clock.nowMs() + 60 * minuteMs }) as RecipientEntry;
    expect([far.layBy(queue, entryDue(2), clock.nowMs()), queue.count]).toEqual([false, 0]);
    expect([far.layBy(queue, entryDue(20), clock.nowMs()), far.layBy(queue, entryDue(90), clock.nowMs())]).toEqual([true, true]);
    expect(queue.count).toBe(2);
    await settlePromises();
    // One that would be due after its end wakes at its end.
    expect(recorded.map(({ event, change }) => [event, change.kind === 'retry' && change.dueAt - clock.nowMs()])).toEqual([
      [null, 20 * minuteMs],
      [null, 60 * minuteMs],
    ]);
    expect(queue.far.size).toBe(2);
    refuse();
    far.layBy(queue, entryDue(30), clock.nowMs());
    await settlePromises();
    expect([again, queue.far.size]).toEqual([['m30.0'], 2]);
  });

  it('are asked for again after a failure', async () => {
    const { clock, layBy, back, fail } = rig(10);
    layBy(clock.nowMs() + 10 * minuteMs);
    fail(true);
    for (let minute = 0; minute < 11; minute += 1) await clock.advance(minuteMs);
    expect(back).toEqual([]);
    fail(false);
    await clock.advance(minuteMs);
    expect(back.length).toBe(1);
  });
});
