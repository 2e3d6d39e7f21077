// What waits is on disk, not in memory, and comes back when it is due: each entry once, in its order, as the spool has it.
import { describe, expect, it } from 'vitest';
import type { RecipientEntry } from '../entry.ts';
import { noOptions } from '../entry.ts';
import { seededFraction } from '../testing/power-cut-files.ts';
import { WaitingBatch } from '../waiting-entries.ts';
import { maxWaitingInMemory, parkAfterMs, Parking } from './parking.ts';
import { ScheduledQueue, type QueueHost } from './scheduled-queue.ts';

const startMs = 1_000_000;
const hourMs = 3_600_000;

function entryOf(n: number, dueAt: number, expiresAt = startMs + 100 * hourMs): RecipientEntry {
  const messageId = `0199aaaa-0000-7000-8000-${String(n).padStart(12, '0')}`;
  return {
    ...{
      entryId: `${messageId}.${n % 3}`,
      messageId,
      tenantId: 't',
      streamId: 's',
      campaign: null,
      sender: '',
      recipient: `r${n}@x.example`,
    },
    ...{ domain: 'x.example', content: { segment: 1, offset: n, length: 1 }, poolId: null, dsn: null, options: n % 2 ? noOptions : null },
    ...{ egress: 'sandbox', acceptedAt: startMs, expiresAt, attempts: n, dueAt, lastSourceId: null, dotSent: false, delayReported: false },
  };
}

function expiredOf(queue: ScheduledQueue, nowMs: number): RecipientEntry[] {
  const expired: RecipientEntry[] = [];
  for (const _ of queue.takeExpired(nowMs, (entries) => expired.push(...entries)));
  return expired;
}

function bench(max = maxWaitingInMemory) {
  const disk = new Map<string, RecipientEntry>();
  const at = { nowMs: startMs, missing: 0, loads: 0, failing: false, runs: 0 };
  const warned: string[] = [];
  const parking = new Parking(
    {
      load(entryIds) {
        at.loads += 1;
        if (at.failing) return Promise.reject(new Error('the spool is away'));
        return Promise.resolve(entryIds.map((id) => (disk.has(id) ? { ...disk.get(id)! } : null)));
      },
    },
    { warn: (message) => void warned.push(message) },
    { setTimer: (_delayMs, fn) => (queueMicrotask(fn), () => undefined), monotonicMs: () => at.nowMs, nowMs: () => at.nowMs },
    max,
  );
  const host: QueueHost = {
    run: () => void (at.runs += 1),
    callIn: () => undefined,
    missing: (_queue, count) => void (at.missing += count),
    nowMs: () => at.nowMs,
    parking,
  };
  const queue = new ScheduledQueue({ ...entryOf(0, startMs), tlsOptional: false, engaged: false }, 'example.com', host);
  const add = (entry: RecipientEntry): void => {
    disk.set(entry.entryId, { ...entry });
    queue.add(entry, at.nowMs);
  };
  const take = async (): Promise<RecipientEntry[]> => {
    const taken: RecipientEntry[] = [];
    for (let idle = 0; idle < 3;) {
      const entry = queue.peekDue(at.nowMs);
      idle = entry === undefined ? idle + 1 : 0;
      if (entry === undefined) await settle();
      else {
        queue.shiftDue();
        taken.push(entry);
      }
    }
    return taken;
  };
  return { disk, at, warned, parking, queue, add, take };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('waiting entries', () => {
  it('that a start hands out as rows are whole entries again when they are due, each once', async () => {
    const { disk, at, queue, take } = bench();
    const late = Array.from({ length: 300 }, (_, n) => entryOf(n, startMs + parkAfterMs + n));
    const rows = new WaitingBatch(late.length);
    for (const entry of late) {
      disk.set(entry.entryId, entry);
      expect(rows.add(entry, { ...entry, index: Number(entry.entryId.split('.')[1]) })).toBe(true);
    }
    const waiting = rows.take();
    for (const [row, entry] of late.entries()) queue.addWaiting(waiting, row, entry.expiresAt);
    expect([queue.waiting, queue.parked, queue.nextDueMs(), await take()]).toEqual([300, 300, startMs + parkAfterMs, []]);
    at.nowMs = startMs + parkAfterMs + 300;
    expect(await take()).toEqual(late);
    expect(queue.waiting).toBe(0);
  });

  it('leave memory when due in more than ten minutes, and come back as they were when they are due', async () => {
    const { at, parking, queue, add, take } = bench();
    const late = Array.from({ length: 700 }, (_, n) => entryOf(n, startMs + parkAfterMs + 1 + n));
    for (const entry of late) add(entry);
    const soon = entryOf(900, startMs + parkAfterMs);
    add(soon);
    expect([parking.inMemory, queue.waiting, queue.nextDueMs()]).toEqual([1, 701, soon.dueAt]);
    at.nowMs = startMs + parkAfterMs;
    expect(await take()).toEqual([soon]);
    expect([at.loads, queue.nextDueMs()]).toEqual([0, late[0]!.dueAt]);
    at.nowMs += hourMs;
    expect(await take()).toEqual(late);
    expect([parking.inMemory, queue.waiting, queue.nextDueMs(), at.missing]).toEqual([0, 0, Infinity, 0]);
  });

  it('beyond the bound of what is kept in memory are parked although they are due, and none overtakes them', async () => {
    const { parking, queue, add, take } = bench(10);
    const all = Array.from({ length: 50 }, (_, n) => entryOf(n, startMs - 50 + n));
    for (const entry of all) add(entry);
    expect(parking.inMemory).toBe(10);
    for (let n = 0; n < 5; n += 1) {
      queue.peekDue(startMs);
      queue.shiftDue();
    }
    const newer = entryOf(60, startMs);
    add(newer);
    expect(await take()).toEqual([...all.slice(5), newer]);
  });

  it('of a queue that has few stay in memory, however many wait elsewhere', () => {
    const { parking, queue, add } = bench(10);
    parking.queues = 5;
    parking.inMemory = 10_000;
    for (let n = 0; n < 50; n += 1) add(entryOf(n, startMs - 50 + n));
    expect([queue.waiting, queue.parked]).toEqual([50, 48]);
  });

  it('are given once each, in order of time, over any mix of waits, put-backs and jumps of time', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { at, parking, queue, add, take } = bench(20);
      const chance = seededFraction(seed);
      const given: string[] = [];
      for (let n = 0; n < 300; n += 1) {
        add(entryOf(n, at.nowMs + Math.floor(chance() * hourMs)));
        if (chance() < 0.2) {
          at.nowMs += Math.floor(chance() * hourMs);
          const taken = await take();
          expect(taken.every((entry) => entry.dueAt <= at.nowMs)).toBe(true);
          const back = chance() < 0.3 ? taken.splice(0, 3) : [];
          queue.putBack(back);
          given.push(...taken.map(({ entryId }) => entryId));
        }
      }
      at.nowMs += 2 * hourMs;
      given.push(...(await take()).map(({ entryId }) => entryId));
      expect(given).toHaveLength(300);
      expect(new Set(given).size).toBe(300);
      expect([parking.inMemory, queue.waiting]).toEqual([0, 0]);
    }
  });

  it('that expired while their queue was stopped are found and taken, wherever they stood', async () => {
    const { at, queue, add } = bench(0);
    for (let n = 0; n < 2_000; n += 1) add(entryOf(n, startMs + n, n % 2 ? startMs + hourMs : startMs + 9 * hourMs));
    at.nowMs = startMs + hourMs;
    expect(expiredOf(queue, at.nowMs)).toEqual([]);
    expect(queue.waiting).toBe(2_000);
    for (let turn = 0; turn < 10; turn += 1) await settle();
    expect(queue.bounds.expiresFromMs).toBeLessThanOrEqual(at.nowMs);
    const expired = expiredOf(queue, at.nowMs);
    expect(expired.map(({ attempts }) => attempts % 2)).toEqual(Array.from({ length: 1_000 }, () => 1));
    expect([queue.waiting, queue.bounds.expiresFromMs]).toEqual([1_000, startMs + 9 * hourMs]);
  });

  it('are due at once when they are told to be, before their time, and none that comes afterwards', async () => {
    const { queue, add, take } = bench();
    const parked = Array.from({ length: 300 }, (_, n) => entryOf(n, startMs + 2 * hourMs + n));
    for (const entry of parked) add(entry);
    expect([queue.later, queue.makeDue(), queue.later, queue.waiting]).toEqual([300, 300, 0, 300]);
    const after = entryOf(400, startMs + hourMs);
    add(after);
    expect((await take()).map(({ entryId }) => entryId)).toEqual(parked.map(({ entryId }) => entryId));
    expect([queue.waiting, queue.nextDueMs()]).toEqual([1, after.dueAt]);
  });

  it('wake at their expiry when that comes before they are due', async () => {
    const { at, queue, add } = bench();
    add(entryOf(1, startMs + 5 * hourMs, startMs + hourMs));
    expect(queue.nextDueMs()).toBe(startMs + hourMs);
    at.nowMs = startMs + hourMs;
    expect(queue.peekDue(at.nowMs)).toBeUndefined();
    await settle();
    expect(expiredOf(queue, at.nowMs)).toHaveLength(1);
  });

  it('are asked for again when the spool could not give them, and are counted when it has not got them', async () => {
    const { disk, at, warned, queue, add, take } = bench();
    const [first, second] = [entryOf(1, startMs + hourMs), entryOf(2, startMs + hourMs)];
    add(first);
    add(second);
    at.nowMs = startMs + hourMs;
    at.failing = true;
    expect(await take()).toEqual([]);
    expect([queue.waiting, warned.length, at.runs]).toEqual([2, 1, 1]);
    expect(queue.nextDueMs()).toBe(at.nowMs + 1_000);
    at.failing = false;
    at.nowMs += 1_000;
    disk.delete(first.entryId);
    expect(await take()).toEqual([second]);
    expect([queue.waiting, at.missing]).toEqual([0, 1]);
  });
});
