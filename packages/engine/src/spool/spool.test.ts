// What the spool promises to everyone else, on a disk in memory: accept, outcome, restart, order, group commit, contents.
import { describe, expect, it } from 'vitest';
import { PowerCutFiles } from '../testing/power-cut-files.ts';
import { recordVersion, SpoolFormatError } from './record.ts';
import { ContentLostError } from './contents.ts';
import { ended, injection, openOn, recovered, retried, shardPath } from './testing.ts';

describe('spool', () => {
  it('gives back after a restart exactly the entries that did not end, as they were last recorded', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const first = await openOn(files);
    const accepted = [];
    for (let n = 0; n < 20; n += 1) accepted.push(await first.spool.accept(injection(n, { recipients: (n % 3) + 1 })));
    const entries = accepted.flatMap((each) => each.entries);
    await first.spool.record(entries.filter((_, index) => index % 4 === 0).map((entry) => ended(entry.entryId)));
    await first.spool.record(entries.filter((_, index) => index % 4 === 1).map((entry) => retried(entry.entryId, 3, 77_000)));
    await first.spool.close();

    const second = await openOn(files);
    const live = await recovered(second.spool);
    const expected = entries.flatMap((entry, index) => {
      if (index % 4 === 0) return [];
      return [index % 4 === 1 ? { ...entry, attempts: 3, dueAt: 77_000, lastSourceId: 'source', dotSent: true } : entry];
    });
    expect(live).toEqual(new Map(expected.map((entry) => [entry.entryId, entry])));
    expect(second.spool.logId).toBe(first.spool.logId);
  });

  it('returns the bytes as injected, from memory and from disk', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const bytes = Buffer.from(Array.from({ length: 5_000 }, (_, index) => index % 256));
    const { spool } = await openOn(files, { limits: { cacheBytes: 0 } });
    const { entries } = await spool.accept(injection(1, { bytes }));
    const content = entries[0]!.content;
    const stored = await spool.read(content);
    expect(Buffer.from(stored.bytes).equals(bytes)).toBe(true);
    expect(stored.facts).toEqual(injection(1, { bytes }).facts);
    await spool.close();

    const again = await openOn(files);
    await recovered(again.spool);
    expect(Buffer.from((await again.spool.read(content)).bytes).equals(bytes)).toBe(true);
    const cached = (await again.spool.accept(injection(2, { bytes }))).entries[0]!;
    expect((await again.spool.read(cached.content)).bytes).toBe(bytes);
  });

  it('syncs once for all that arrived together', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files, { limits: { journalSegmentBytes: 1e6, contentSegmentBytes: 1e6 } });
    const before = files.datasyncs;
    await Promise.all(Array.from({ length: 200 }, (_, n) => spool.accept(injection(n))));
    expect(files.datasyncs - before).toBeLessThanOrEqual(4);
    expect(spool.stats().liveEntries).toBe(200);
  });

  it('settles accept only when content and journal are datasynced', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files);
    await spool.accept(injection(1));
    const left = files.afterCut({ seed: 2 });
    const live = await recovered((await openOn(left)).spool);
    expect([...live.keys()]).toEqual([`${injection(1).messageId}.0`]);
  });

  it('keeps outcomes in the order of the calls', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const first = await openOn(files);
    const { entries } = await first.spool.accept(injection(1));
    const { entryId } = entries[0]!;
    await Promise.all([5, 6, 7].map((attempts) => first.spool.record([retried(entryId, attempts, attempts * 1_000)])));
    await first.spool.close();
    const live = await recovered((await openOn(files)).spool);
    expect(live.get(entryId)).toMatchObject({ attempts: 7, dueAt: 7_000 });
  });

  it('refuses a shard of another node', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    await (await openOn(files)).spool.close();
    await expect(openOn(files, { node: 'node-2' })).rejects.toMatchObject({ name: 'SpoolFormatError', code: 'spool_mismatch' });
  });

  it('refuses a shard of a newer version', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    await (await openOn(files)).spool.close();
    const identity = JSON.stringify({ version: recordVersion }).slice(0, -1);
    const at = identity.indexOf(String(recordVersion));
    files.corrupt(`${shardPath}/log-id`, at, Buffer.from(String(recordVersion + 1)));
    await expect(openOn(files)).rejects.toBeInstanceOf(SpoolFormatError);
    await expect(openOn(files)).rejects.toMatchObject({ code: 'spool_version' });
  });

  it('gives a log without an id a new one', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const first = await openOn(files);
    await first.spool.accept(injection(1));
    await first.spool.close();
    files.remove(`${shardPath}/log-id`);
    const second = await openOn(files, { seed: 9 });
    expect(second.spool.logId).not.toBe(first.spool.logId);
    expect((await recovered(second.spool)).size).toBe(1);
  });

  it('never returns a content whose checksum fails, before and after a start, and says so', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const first = await openOn(files, { limits: { cacheBytes: 0 } });
    const [good, bad] = await Promise.all([first.spool.accept(injection(1)), first.spool.accept(injection(2))]);
    const content = bad.entries[0]!.content;
    files.corrupt(`${shardPath}/content-00000001.seg`, content.offset + content.length - 3, Buffer.from('?'));
    await expect(first.spool.read(content)).rejects.toBeInstanceOf(ContentLostError);
    await first.spool.close();

    const second = await openOn(files, { limits: { cacheBytes: 0 } });
    const live = await recovered(second.spool);
    expect([...live.keys()]).toEqual([good.entries[0]!.entryId, bad.entries[0]!.entryId]);
    await expect(second.spool.read(live.get(bad.entries[0]!.entryId)!.content)).rejects.toBeInstanceOf(ContentLostError);
    expect(second.messages).toContain('a content is missing or damaged');
  });

  it('sets aside at a start the entries whose content is gone, and keeps them in the log', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const first = await openOn(files);
    await first.spool.accept(injection(1));
    await first.spool.close();
    files.remove(`${shardPath}/content-00000001.seg`);
    const second = await openOn(files);
    expect([...(await recovered(second.spool)).keys()]).toEqual([]);
    expect(second.spool.stats().liveEntries).toBe(1);
    expect(second.messages.some((message) => message.includes('set aside'))).toBe(true);
  });

  it('loads single entries as recorded last, and nothing for those that are over or unknown', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files);
    const { entries } = await spool.accept(injection(1, { recipients: 3 }));
    const ids = entries.map(({ entryId }) => entryId);
    await spool.record([retried(ids[1]!, 4, 99_000), ended(ids[2]!)]);
    const [first, second, ...rest] = await spool.load([...ids, `${injection(7).messageId}.0`]);
    expect(first).toEqual(entries[0]);
    expect(second).toEqual({ ...entries[1], attempts: 4, dueAt: 99_000, lastSourceId: 'source', dotSent: true });
    expect(rest).toEqual([null, null]);
  });

  it('leaves no file open after close', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files, { limits: { cacheBytes: 0 } });
    const { entries } = await spool.accept(injection(1));
    await spool.read(entries[0]!.content);
    await spool.close();
    expect(files.openHandles()).toBe(0);
    await expect(spool.accept(injection(2))).rejects.toMatchObject({ name: 'SpoolError' });
  });
});
