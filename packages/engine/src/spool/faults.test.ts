// A disk that fails or fills up: what is refused, what still goes on, and that it ends by itself.
import { describe, expect, it } from 'vitest';
import { PowerCutFiles } from '../testing/power-cut-files.ts';
import { ended, injection, openOn, recovered, settled, shardPath } from './testing.ts';

const roomy = { journalSegmentBytes: 1e6, contentSegmentBytes: 1e6 };

describe('a failing disk', () => {
  it('retires a segment whose fdatasync failed and writes the batch once more into a new one', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const first = await openOn(files, { limits: roomy });
    await first.spool.accept(injection(1));
    files.fail({ operation: 'datasync', code: 'EIO', times: 1, path: 'journal' });
    await first.spool.accept(injection(2));
    expect(first.spool.stats()).toMatchObject({ retiredSegments: 1, journalSegments: 2, liveEntries: 2 });
    expect(first.spool.durable().segment).toBe(2);
    expect(first.spool.trouble()).toBeNull();

    const live = await recovered((await openOn(files.afterCut({ seed: 3 }))).spool);
    expect(live.size).toBe(2);
  });

  it('never writes or syncs a retired file again', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files, { limits: roomy });
    await spool.accept(injection(1));
    const sizeOf = (path: string): number => {
      const handle = files.open(path);
      const size = files.size(handle);
      files.close(handle);
      return size;
    };
    files.fail({ operation: 'datasync', code: 'EIO', times: 1, path: 'content' });
    await spool.accept(injection(2));
    const retired = `${shardPath}/content-00000001.seg`;
    const size = sizeOf(retired);
    for (let n = 3; n < 10; n += 1) await spool.accept(injection(n));
    expect(sizeOf(retired)).toBe(size);
    expect(spool.stats().contentSegments).toBe(2);
  });

  it('refuses all and keeps the outcomes when no segment can be written, and records them when the disk is back', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool, clock } = await openOn(files, { limits: roomy });
    const { entries } = await spool.accept(injection(1));
    files.fail({ operation: 'datasync', code: 'EIO', times: 4, path: 'journal' });
    let recorded = false;
    const outcome = spool.record([ended(entries[0]!.entryId)]).then(() => (recorded = true));
    await settled();
    expect(recorded).toBe(false);
    expect(spool.trouble()).toMatchObject({ code: 'io_error', deliveryMayGoOn: false });
    await expect(spool.accept(injection(2))).rejects.toMatchObject({ name: 'SpoolError', code: 'io_error' });

    for (let turn = 0; turn < 5 && !recorded; turn += 1) {
      clock.runTimers();
      await settled();
    }
    await outcome;
    clock.runTimers();
    await settled();
    expect(spool.trouble()).toBeNull();
    await spool.accept(injection(3));
    expect(spool.stats().liveEntries).toBe(1);
  });

  it('keeps nothing of an accept that it rejected', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool, clock } = await openOn(files, { limits: roomy });
    await spool.accept(injection(1));
    files.fail({ operation: 'datasync', code: 'EIO', times: 4, path: 'journal' });
    await expect(spool.accept(injection(2))).rejects.toMatchObject({ code: 'io_error' });
    for (let turn = 0; turn < 5 && spool.trouble() !== null; turn += 1) {
      clock.runTimers();
      await settled();
    }
    await spool.accept(injection(3));
    await spool.close();
    const live = await recovered((await openOn(files)).spool);
    expect([...live.values()].map((entry) => entry.content.segment > 0 && entry.recipient)).toHaveLength(2);
    expect(live.has(`${injection(2).messageId}.0`)).toBe(false);
  });
});

describe('a full disk', () => {
  it('refuses accepts below the limit, lets outcomes go on, and accepts again when there is room', async () => {
    const files = new PowerCutFiles({ seed: 1, capacityBytes: 400_000 });
    const { spool, clock } = await openOn(files, { limits: roomy });
    const entryIds: string[] = [];
    let refused: { code?: string } | null = null;
    for (let n = 0; refused === null && n < 10_000; n += 1) {
      const accepted = await spool.accept(injection(n, { bytes: Buffer.alloc(2_000, 'a') })).catch((error: { code: string }) => error);
      if ('entries' in accepted) entryIds.push(accepted.entries[0]!.entryId);
      else refused = accepted;
    }
    expect(refused).toMatchObject({ name: 'SpoolError', code: 'disk_full' });
    expect(spool.trouble()).toMatchObject({ code: 'disk_full', deliveryMayGoOn: true });
    for (const entryId of entryIds) await spool.record([ended(entryId)]);
    expect(spool.stats().liveEntries).toBe(0);
    expect(spool.trouble()).not.toBeNull();

    files.setCapacity(4_000_000);
    clock.runTimers();
    await settled();
    expect(spool.trouble()).toBeNull();
    await spool.accept(injection(20_000));
    await spool.close();
    expect((await recovered((await openOn(files)).spool)).size).toBe(1);
  });

  it('records outcomes into the reserve when not one more block is free, and makes a new reserve afterwards', async () => {
    const files = new PowerCutFiles({ seed: 1, capacityBytes: 500_000 });
    const { spool, clock } = await openOn(files, { limits: { ...roomy, softFreeBytes: 0, resumeFreeBytes: 50_000 } });
    const accepted = await Promise.all(Array.from({ length: 10 }, (_, n) => spool.accept(injection(n))));
    files.setCapacity(0);
    await spool.record(accepted.slice(0, 9).map(({ entries }) => ended(entries[0]!.entryId)));
    expect(files.paths()).not.toContain(`${shardPath}/reserve`);
    const left = files.afterCut({ seed: 5, capacityBytes: 500_000 });
    expect((await recovered((await openOn(left)).spool)).size).toBe(1);

    await expect(spool.accept(injection(30))).rejects.toMatchObject({ code: 'disk_full' });
    files.setCapacity(500_000);
    clock.runTimers();
    await settled();
    expect(spool.trouble()).toBeNull();
    expect(files.paths()).toContain(`${shardPath}/reserve`);
    await spool.accept(injection(31));
  });

  it('begins nothing more while the reserve still has room for the outcomes of what runs, and writes those', async () => {
    const files = new PowerCutFiles({ seed: 1, capacityBytes: 4_000_000 });
    const { spool } = await openOn(files, { limits: { ...roomy, softFreeBytes: 0, resumeFreeBytes: 50_000 } });
    const accepted = await Promise.all(Array.from({ length: 400 }, (_, n) => spool.accept(injection(n))));
    files.setCapacity(0);
    let recorded = 0;
    while (spool.trouble()?.deliveryMayGoOn !== false && recorded < accepted.length) {
      await spool.record([ended(accepted[recorded]!.entries[0]!.entryId)]);
      recorded += 1;
    }
    expect(recorded).toBeGreaterThan(10);
    expect(recorded).toBeLessThan(accepted.length - 10);
    for (const { entries } of accepted.slice(recorded, recorded + 10)) await spool.record([ended(entries[0]!.entryId)]);
    expect(spool.stats().liveEntries).toBe(accepted.length - recorded - 10);
    const left = files.afterCut({ seed: 5, capacityBytes: 4_000_000 });
    expect((await recovered((await openOn(left)).spool)).size).toBe(accepted.length - recorded - 10);
  });

  it('says at a start on a full disk whether outcomes can be recorded: with the reserve yes, without it no attempt may begin', async () => {
    const files = new PowerCutFiles({ seed: 1, capacityBytes: 500_000 });
    const first = await openOn(files, { limits: roomy });
    const { entries } = await first.spool.accept(injection(1, { recipients: 3 }));
    await first.spool.close();
    files.setCapacity(0);
    const second = await openOn(files, { limits: roomy });
    expect(second.spool.trouble()).toMatchObject({ code: 'disk_full', deliveryMayGoOn: true });
    await second.spool.record([ended(entries[0]!.entryId)]);
    await second.spool.close();

    const third = await openOn(files, { limits: roomy });
    expect(third.spool.trouble()).toMatchObject({ code: 'disk_full', deliveryMayGoOn: false });
    files.setCapacity(500_000);
    third.clock.runTimers();
    await settled();
    expect(third.spool.trouble()).toBeNull();
    expect((await recovered(third.spool)).size).toBe(2);
  });

  it('moves nothing into the reserve: it is there for outcomes', async () => {
    const files = new PowerCutFiles({ seed: 1, capacityBytes: 2_000_000 });
    const small = { softFreeBytes: 0, resumeFreeBytes: 0, journalSegmentBytes: 4_096, carryBytes: 1 };
    const { spool } = await openOn(files, { limits: small });
    const kept = await spool.accept(injection(9_000));
    for (let n = 0; n < 60; n += 1) {
      const { entries } = await spool.accept(injection(n));
      await spool.record([ended(entries[0]!.entryId)]);
    }
    const last = await spool.accept(injection(9_001, { recipients: 8 }));
    files.setCapacity(0);
    // Segments are short: the first outcome takes the reserve, and what is shipped now would let the rest be carried into it.
    await spool.record([ended(last.entries[0]!.entryId)]);
    await expect(spool.accept(injection(9_002))).rejects.toMatchObject({ code: 'disk_full' });
    const { carried } = spool.stats();
    for (const { entryId } of last.entries.slice(1, 4)) {
      await spool.record([ended(entryId)]);
      spool.releaseShipped(spool.durable());
    }
    expect(spool.stats().carried).toBe(carried);
    expect((await recovered(spool)).has(kept.entries[0]!.entryId)).toBe(true);
  });
});
