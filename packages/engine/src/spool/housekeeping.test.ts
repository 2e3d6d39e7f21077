// The spool gets small again, and nothing live goes with what is removed.
import { describe, expect, it } from 'vitest';
import { PowerCutFiles } from '../testing/power-cut-files.ts';
import { handedOut, ended, injection, openOn, recovered, retried, shardPath, type Opened } from './testing.ts';

const segments = (files: PowerCutFiles, kind: string): string[] => files.paths().filter((path) => path.startsWith(`${shardPath}/${kind}-`));

/** Accepts and ends `count` injections of about 500 bytes. */
async function churn(opened: Opened, from: number, count: number): Promise<void> {
  for (let n = from; n < from + count; n += 1) {
    const { entries } = await opened.spool.accept(injection(n, { bytes: Buffer.alloc(500, 'c') }));
    await opened.spool.record([ended(entries[0]!.entryId)]);
  }
}

describe('housekeeping', () => {
  it('removes content segments when nothing live lies in them', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    await churn(await openOn(files), 0, 200);
    expect(segments(files, 'content').length).toBeLessThanOrEqual(2);
  });

  it('keeps journal segments whose events are not shipped, and removes them when they are', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const opened = await openOn(files);
    await churn(opened, 0, 100);
    const before = segments(files, 'journal').length;
    expect(before).toBeGreaterThan(5);
    opened.spool.releaseShipped(opened.spool.durable());
    expect(segments(files, 'journal').length).toBe(1);
  });

  it('removes nothing on a position that it never reached, as after a folder was restored with its log id, and says so', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const opened = await openOn(files);
    await churn(opened, 0, 50);
    const before = segments(files, 'journal').length;
    opened.spool.releaseShipped({ segment: opened.spool.durable().segment + 10, offset: 0 });
    await churn(opened, 100, 50);
    expect(segments(files, 'journal').length).toBeGreaterThan(before);
    expect(opened.messages).toContain('more is copied than this log holds: a restored folder has to lose its log-id; nothing is removed');
  });

  it('moves a long-deferred entry forward, so that it pins neither journal nor content, and keeps its state and bytes', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const opened = await openOn(files, { limits: { cacheBytes: 0 } });
    const { spool } = opened;
    const bytes = Buffer.from('Subject: long\r\n\r\nstays\r\n');
    const { entries } = await spool.accept(injection(5_000, { bytes, recipients: 3 }));
    await spool.record([retried(entries[1]!.entryId, 4, 99_000), ended(entries[2]!.entryId)]);
    for (let round = 0; round < 10; round += 1) {
      await churn(opened, round * 100, 100);
      spool.releaseShipped(spool.durable());
    }
    expect(spool.stats().carried).toBeGreaterThan(0);
    expect(files.paths()).not.toContain(`${shardPath}/journal-00000001.seg`);
    expect(segments(files, 'journal').length).toBeLessThan(10);
    expect(segments(files, 'content').length).toBeLessThan(8);
    expect(Buffer.from((await spool.read(entries[0]!.content)).bytes).equals(bytes)).toBe(true);
    await spool.close();

    const again = await openOn(files, { limits: { cacheBytes: 0 } });
    const live = await recovered(again.spool);
    expect([...live.keys()]).toEqual([entries[0]!.entryId, entries[1]!.entryId]);
    expect(live.get(entries[0]!.entryId)).toMatchObject({ attempts: 0, dotSent: false });
    expect(live.get(entries[1]!.entryId)).toMatchObject({ attempts: 4, dueAt: 99_000, dotSent: true });
    const content = live.get(entries[0]!.entryId)!.content;
    expect(Buffer.from((await again.spool.read(content)).bytes).equals(bytes)).toBe(true);
    await again.spool.record([ended(entries[0]!.entryId), ended(entries[1]!.entryId)]);
    expect(again.spool.stats().liveEntries).toBe(0);
  });

  it('empties a content segment in which little lives, while the queue goes on using the old place', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const opened = await openOn(files, { limits: { cacheBytes: 0 } });
    const kept = [];
    for (let round = 0; round < 12; round += 1) {
      kept.push((await opened.spool.accept(injection(9_000 + round, { bytes: Buffer.from(`kept ${round}`) }))).entries[0]!);
      await churn(opened, round * 100, 60);
    }
    await churn(opened, 5_000, 200);
    expect(segments(files, 'content').length).toBeLessThan(8);
    expect(opened.spool.stats().liveEntries).toBe(12);
    for (const [round, entry] of kept.entries()) {
      expect(Buffer.from((await opened.spool.read(entry.content)).bytes).toString()).toBe(`kept ${round}`);
    }
    const left = files.afterCut({ seed: 4 });
    expect((await recovered((await openOn(left)).spool)).size).toBe(12);
  });

  it('hands out, in the middle of a replay, what was moved since the replay began', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const first = await openOn(files, { limits: { carryBytes: Number.MAX_SAFE_INTEGER } });
    const kept: string[] = [];
    for (let n = 0; n < 4; n += 1) {
      kept.push((await first.spool.accept(injection(90_000 + n, { bytes: Buffer.from(`kept ${n}`) }))).entries[0]!.entryId);
    }
    await churn(first, 0, 200);
    await first.spool.close();

    const again = await openOn(files, { limits: { recoverBatch: 1, cacheBytes: 0 } });
    const replay = handedOut(again.spool)[Symbol.asyncIterator]();
    const entries = [...((await replay.next()).value ?? [])];
    for (let round = 1; round < 10; round += 1) {
      await churn(again, round * 1_000, 100);
      again.spool.releaseShipped(again.spool.durable());
    }
    expect(files.paths()).not.toContain(`${shardPath}/journal-00000001.seg`);
    for (let next = await replay.next(); next.done !== true; next = await replay.next()) entries.push(...next.value);
    expect(entries.map((entry) => entry.entryId)).toEqual(kept);
    await churn(again, 20_000, 300);
    for (const [n, entry] of entries.entries()) {
      expect(Buffer.from((await again.spool.read(entry.content)).bytes).toString()).toBe(`kept ${n}`);
    }
  });

  it('brings nothing back that was over when the power goes while segments are being removed', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const files = new PowerCutFiles({ seed });
      const opened = await openOn(files);
      const { entries } = await opened.spool.accept(injection(5_000, { recipients: 40 }));
      for (const entry of entries) await opened.spool.record([ended(entry.entryId)]);
      files.fail({ operation: 'syncDirectory', code: 'EIO', times: 1_000 });
      opened.spool.releaseShipped(opened.spool.durable());
      const left = await openOn(files.afterCut({ seed }));
      expect([...(await recovered(left.spool)).keys()]).toEqual([]);
      expect(left.messages).not.toContain('an injection was set aside: its content or record is missing or damaged');
    }
  });

  it('rests between steps of moving while there is room, and moves all the same', async () => {
    const carried = async (monotonicMs: () => number): Promise<number> => {
      const { spool } = await openOn(new PowerCutFiles({ seed: 1 }), { limits: { carryBytes: 1_024 }, monotonicMs });
      for (let n = 0; n < 300; n += 1) {
        const { entries } = await spool.accept(injection(n));
        await spool.record([retried(entries[0]!.entryId, 1, 9_000)]);
      }
      for (let n = 300; n < 330; n += 1) {
        await spool.accept(injection(n));
        spool.releaseShipped(spool.durable());
      }
      return spool.stats().carried;
    };
    let nowMs = 0;
    // Every look at the clock finds it a moment later: a step and what is written until the next look take as long.
    const slow = await carried(() => (nowMs += 10));
    const stalled = await carried(() => (nowMs += 1_000));
    const atOnce = await carried(() => 5_000);
    expect(slow).toBeGreaterThan(0);
    expect(slow).toBeLessThan(atOnce);
    expect(stalled).toBeGreaterThan(slow);
  });

  it('never uses the number of a segment twice', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    let last = 0;
    for (let start = 0; start < 4; start += 1) {
      const opened = await openOn(files);
      await churn(opened, start * 100, 30);
      opened.spool.releaseShipped(opened.spool.durable());
      expect(opened.spool.durable().segment).toBeGreaterThan(last);
      last = opened.spool.durable().segment;
      await opened.spool.close();
    }
  });
});
