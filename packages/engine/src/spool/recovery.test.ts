// What a start makes of damaged bytes: a torn tail is cut, damage in the middle costs what it held and is kept aside.
import { describe, expect, it } from 'vitest';
import { PowerCutFiles } from '../testing/power-cut-files.ts';
import { verifyShard } from '../offline/index.ts';
import { handedOut, ended, injection, openOn, recovered, retried, settled, shardPath, spoolDirectory } from './testing.ts';
import { waitingEntryId } from '../waiting-entries.ts';

const journal = `${shardPath}/journal-00000001.seg`;

async function withThree(): Promise<{ files: PowerCutFiles; ends: number[] }> {
  const files = new PowerCutFiles({ seed: 1 });
  const { spool } = await openOn(files);
  const ends: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    await spool.accept(injection(n));
    ends.push(spool.durable().offset);
  }
  await spool.close();
  return { files, ends };
}

const key = (n: number): string => `${injection(n).messageId}.0`;

describe('recovery', () => {
  it('cuts a torn record off the end and keeps all before it', async () => {
    const { files, ends } = await withThree();
    files.corrupt(journal, ends[2]! - 20, Buffer.alloc(10));
    const second = await openOn(files);
    expect([...(await recovered(second.spool)).keys()]).toEqual([key(0), key(1)]);
    expect(second.spool.stats().damaged).toBe(0);
    const handle = files.open(journal);
    expect(files.size(handle)).toBe(ends[1]);
  });

  it('passes over a damaged record in the middle, keeps its bytes aside, reports it, and delivers no half of it', async () => {
    const { files, ends } = await withThree();
    files.corrupt(journal, ends[0]! + 30, Buffer.from('####'));
    const second = await openOn(files);
    expect([...(await recovered(second.spool)).keys()]).toEqual([key(0), key(2)]);
    expect(second.spool.stats().damaged).toBe(1);
    expect(files.paths()).toContain(`${shardPath}/quarantine/journal-1-${ends[0]}.bin`);
    expect(second.messages.some((message) => message.includes('damaged'))).toBe(true);
  });

  it('passes over a damaged length, which says nothing about where the next record begins', async () => {
    const { files, ends } = await withThree();
    files.corrupt(journal, ends[0]! + 8, Buffer.from([0xff, 0xff, 0xff, 0x7f]));
    expect([...(await recovered((await openOn(files)).spool)).keys()]).toEqual([key(0), key(2)]);
  });

  it('refuses a record of a newer version with a coded error', async () => {
    const { files, ends } = await withThree();
    const handle = files.open(journal);
    const bytes = Buffer.from(files.read(handle, ends[2]!, 0));
    const { recordVersion, seal, segmentSeed } = await import('./record.ts');
    bytes[ends[1]! + 6] = recordVersion + 1;
    seal(bytes, ends[1]!, ends[2]!, segmentSeed('journal', 1), ends[1]!);
    files.corrupt(journal, 0, bytes);
    await expect(openOn(files)).rejects.toMatchObject({ name: 'SpoolFormatError', code: 'spool_version' });
  });

  it('sets aside an injection whose content is gone and reports it offline too', async () => {
    const { files } = await withThree();
    files.remove(`${shardPath}/content-00000001.seg`);
    expect(verifyShard(spoolDirectory, 0, files)).toMatchObject({ liveEntries: 3, lost: [{ entries: 1 }, { entries: 1 }, { entries: 1 }] });
    const second = await openOn(files);
    expect((await recovered(second.spool)).size).toBe(0);
    expect(second.spool.stats()).toMatchObject({ setAside: 3, liveEntries: 3 });
  });

  it('verifies a sound shard offline without changing it', async () => {
    const { files } = await withThree();
    const before = files.operations;
    const summary = verifyShard(spoolDirectory, 0, files);
    expect(summary).toMatchObject({ liveInjections: 3, liveEntries: 3, damage: [], lost: [] });
    expect(summary.segments.map(({ kind, segment }) => `${kind} ${segment}`)).toEqual(['journal 1', 'content 1']);
    expect(files.operations).toBe(before);
  });

  it('hands out what is due first, whatever lies in front of it in the log', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const first = await openOn(files);
    const dues = new Map<string, number>();
    for (let n = 0; n < 60; n += 1) {
      const { entries } = await first.spool.accept(injection(n));
      const dueAt = n % 7 === 3 ? 4_000 : 5_001 + n;
      if (n % 11 === 0) continue;
      await first.spool.record([retried(entries[0]!.entryId, 1, 3_000), retried(entries[0]!.entryId, 2, dueAt)]);
      dues.set(entries[0]!.entryId, dueAt);
    }
    await first.spool.close();
    const { spool, clock } = await openOn(files, { limits: { recoverBatch: 1 } });
    const given: number[] = [];
    for await (const [entry] of handedOut(spool)) {
      given.push(entry!.dueAt);
      expect(entry!.dueAt).toBe(dues.get(entry!.entryId) ?? entry!.acceptedAt);
    }
    const due = given.filter((dueAt) => dueAt <= clock.nowMs());
    expect([given.length, due.length > 10, given.slice(0, due.length)]).toEqual([60, true, due]);
  });

  it('hands out as rows what is not due for a while, with the names of its queue and its times', async () => {
    const files = new PowerCutFiles({ seed: 5 });
    const first = await openOn(files);
    const expected = new Map<string, unknown>();
    for (let n = 0; n < 40; n += 1) {
      const { entries } = await first.spool.accept(injection(n, { recipients: 1 + (n % 2) }));
      for (const { entryId, tenantId, streamId, campaign, domain, acceptedAt, expiresAt } of entries) {
        await first.spool.record([retried(entryId, 1, 99_000 + n)]);
        expected.set(entryId, { names: { tenantId, streamId, campaign, domain }, times: [acceptedAt, expiresAt, 99_000 + n] });
      }
    }
    await first.spool.close();
    const { spool } = await openOn(files, { limits: { recoverRows: 7 } });
    const found = new Map<string, unknown>();
    for await (const { entries, waiting } of spool.recover()) {
      expect([entries, waiting.count <= 7]).toEqual([[], true]);
      for (let row = 0; row < waiting.count; row += 1)
        found.set(waitingEntryId(waiting, row), {
          names: waiting.queues[waiting.queueOf[row]!],
          times: [...waiting.times.subarray(row * 3, row * 3 + 3)],
        });
    }
    expect(found).toEqual(expected);
  });

  it('gives each live entry once when a start itself is cut short and repeated', async () => {
    const { files } = await withThree();
    for (let cutAt = 1; cutAt < 12; cutAt += 1) {
      const again = files.afterCut({ seed: cutAt, cutAt });
      const opened = await openOn(again).catch(() => null);
      void opened?.spool.record([ended(key(0))]);
      await settled();
      const last = await openOn(again.afterCut({ seed: cutAt + 50 }));
      const live = await recovered(last.spool);
      expect([...live.keys()].filter((entryId) => entryId !== key(0))).toEqual([key(1), key(2)]);
    }
  });
});
