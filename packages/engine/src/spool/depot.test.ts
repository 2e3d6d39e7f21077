// What waits long lies on disk alone, and comes back as it went, once.
import { describe, expect, it } from 'vitest';
import { readEvents } from '../events/log-reader.ts';
import { PowerCutFiles } from '../testing/power-cut-files.ts';
import { waitingEntryId } from '../waiting-entries.ts';
import { logStart } from './segment-files.ts';
import type { OpenSpool } from './spool.ts';
import { ended, handedOut, injection, laidBy, openOn, retried, shardPath, spoolDirectory } from './testing.ts';

const hourMs = 3_600_000;
const waitingFiles = (files: PowerCutFiles): string[] => files.paths().filter((path) => path.startsWith(`${shardPath}/waiting-`));

async function given(spool: OpenSpool, untilMs: number): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const { entries, waiting } = await spool.depot!.give(untilMs);
    if (entries.length + waiting.count === 0) return ids;
    ids.push(...entries.map(({ entryId }) => entryId));
    for (let row = 0; row < waiting.count; row += 1) ids.push(waitingEntryId(waiting, row));
  }
}

async function inJournal(spool: OpenSpool): Promise<string[]> {
  const ids: string[] = [];
  for await (const batch of handedOut(spool)) ids.push(...batch.map(({ entryId }) => entryId));
  return ids;
}

/** Messages of `recipients` each, all laid by until `dueAt` of their number. */
async function filled(spool: OpenSpool, count: number, dueAt: (n: number) => number, recipients = 1): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const { entries } = await spool.accept({ ...injection(n, { recipients }), expiresAt: 100 * hourMs });
    await spool.record(entries.map(({ entryId }) => laidBy(entryId, 3, dueAt(n))));
    ids.push(...entries.map(({ entryId }) => entryId));
  }
  return ids;
}

describe('the depot', () => {
  it('gives back a bucket when it is asked for that time, and each entry as it was recorded', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files);
    const ids = await filled(spool, 40, (n) => hourMs * (1 + (n % 4)));
    expect(await given(spool, hourMs / 2)).toEqual([]);
    const first = await given(spool, hourMs);
    expect(first.sort()).toEqual(ids.filter((_, n) => n % 4 === 0).sort());
    const [entry] = await spool.load(first);
    expect(entry).toMatchObject({ attempts: 3, dueAt: hourMs, lastSourceId: 'source', dotSent: true, recipient: 'r0@dömain.example' });
    expect((await given(spool, Infinity)).length).toBe(30);
  });

  it('is found again by a start, counted by queue, less what has gone back', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files);
    const ids = await filled(spool, 60, (n) => hourMs * (1 + (n % 3)));
    const back = (await spool.depot!.give(hourMs)).waiting;
    const taken = Array.from({ length: back.count }, (_, row) => waitingEntryId(back, row));
    await spool.record(taken.map((entryId) => ended(entryId)));
    const again = (await openOn(files.afterCut({ seed: 2 }))).spool;
    const counts = [];
    for await (const { far } of again.recover()) counts.push(...(far ?? []));
    expect(counts).toEqual([
      {
        queue: { tenantId: 'tenant', streamId: 'stream', campaign: null, domain: 'xn--dmain-jua.example' },
        count: 60 - taken.length,
        fromMs: hourMs,
      },
    ]);
    expect((await given(again, Infinity)).sort()).toEqual(ids.filter((id) => !taken.includes(id)).sort());
  });

  it('frees the journal of what it holds, and its own segments of what went back', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files);
    const ids = await filled(spool, 200, () => hourMs);
    spool.releaseShipped(spool.durable());
    await filled(spool, 0, () => 0);
    expect(spool.stats()).toMatchObject({ liveEntries: 200, depotEntries: 200, journalSegments: 1 });
    expect(waitingFiles(files).length).toBeGreaterThan(3);
    expect((await given(spool, hourMs)).length).toBe(200);
    expect(waitingFiles(files).length).toBeLessThanOrEqual(1);
    await spool.record(ids.map((entryId) => ended(entryId)));
    spool.releaseShipped(spool.durable());
    expect(spool.stats()).toMatchObject({ liveEntries: 0, depotEntries: 0, liveBytes: 0 });
  });

  it('keeps apart the recipients of one message, some laid by, some tried, some over', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files);
    const { entries } = await spool.accept({ ...injection(1, { recipients: 5 }), expiresAt: 100 * hourMs });
    const [a, b, c, d, e] = entries.map(({ entryId }) => entryId) as [string, string, string, string, string];
    await spool.record([laidBy(a, 1, hourMs), ended(b), retried(c, 1, 50_000), laidBy(d, 1, 2 * hourMs)]);
    expect(await given(spool, hourMs)).toEqual([a]);
    await spool.record([ended(c), ended(e)]);
    expect((await spool.load([a, b, c, d, e])).map((entry) => entry?.recipient ?? null)).toEqual([
      'r0@dömain.example',
      null,
      null,
      null,
      null,
    ]);
    const again = (await openOn(files.afterCut({ seed: 2 }))).spool;
    expect(await inJournal(again)).toEqual([a]);
    expect(await given(again, Infinity)).toEqual([d]);
    const loaded = await again.load([a, d]);
    expect(loaded.map((entry) => [entry?.recipient, entry?.attempts])).toEqual([
      ['r0@dömain.example', 1],
      ['r3@dömain.example', 1],
    ]);
    expect((await again.read(loaded[1]!.content)).bytes).toEqual(injection(1).bytes);
  });

  it('keeps a content as long as an entry laid by needs it, whatever is cleared away around it', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files);
    const ids = await filled(spool, 3, () => hourMs);
    for (let n = 100; n < 400; n += 1) {
      const { entries } = await spool.accept(injection(n, { bytes: Buffer.alloc(500, 'c') }));
      await spool.record([ended(entries[0]!.entryId)]);
    }
    spool.releaseShipped(spool.durable());
    const again = (await openOn(files.afterCut({ seed: 2 }))).spool;
    expect((await given(again, hourMs)).sort()).toEqual(ids.sort());
    for (const entry of await again.load(ids)) expect((await again.read(entry!.content)).bytes.length).toBeGreaterThan(200);
  });

  it('keeps in the journal what the disk has no room for, and gives it back with the others', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files);
    const { entries } = await spool.accept({ ...injection(1), expiresAt: 100 * hourMs });
    const [entryId = ''] = entries.map((entry) => entry.entryId);
    files.fail({ operation: 'write', code: 'ENOSPC', times: 3, path: 'waiting-' });
    await spool.record([laidBy(entryId, 2, hourMs)]);
    expect(spool.stats()).toMatchObject({ depotEntries: 0, liveEntries: 1 });
    expect(await given(spool, hourMs)).toEqual([entryId]);
    expect((await spool.load([entryId]))[0]).toMatchObject({ attempts: 2, dueAt: hourMs });
  });

  it('counts nothing that the journal never named', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files);
    const { entries } = await spool.accept({ ...injection(1), expiresAt: 100 * hourMs });
    const [entryId = ''] = entries.map((entry) => entry.entryId);
    await filled(spool, 0, () => 0);
    files.fail({ operation: 'datasync', code: 'EIO', times: 3, path: 'journal-' });
    void spool.record([laidBy(entryId, 2, hourMs)]).catch(() => undefined);
    for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
    expect(spool.stats()).toMatchObject({ depotEntries: 0, liveEntries: 1 });
    const again = (await openOn(files.afterCut({ seed: 2 }))).spool;
    const found = [...(await inJournal(again)), ...(await given(again, Infinity))];
    expect(found).toEqual([entryId]);
  });

  it('brings back, once, what a torn batch left out among others of its bucket', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files, { limits: { journalSegmentBytes: 1 << 20 } });
    const ids = await filled(spool, 4, () => hourMs);
    const at = spool.durable();
    expect((await given(spool, hourMs)).sort()).toEqual(ids);
    files.corrupt(`${shardPath}/journal-${String(at.segment).padStart(8, '0')}.seg`, at.offset, Buffer.alloc(20));
    const second = files.afterCut({ seed: 2 });
    const again = (await openOn(second)).spool;
    expect([(await inJournal(again)).sort(), await given(again, Infinity)]).toEqual([ids, []]);
    for (const entryId of ids) await again.record([ended(entryId)]);
    again.releaseShipped(again.durable());
    const last = (await openOn(second.afterCut({ seed: 3 }))).spool;
    expect([await inJournal(last), await given(last, Infinity)]).toEqual([[], []]);
  });

  it('never gives back what is in the journal still, since its part of a torn batch is lost', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files, { limits: { journalSegmentBytes: 1 << 20 } });
    const { entries } = await spool.accept({ ...injection(1, { recipients: 2 }), expiresAt: 100 * hourMs });
    const [a = '', b = ''] = entries.map(({ entryId }) => entryId);
    const at = spool.durable();
    await spool.record([laidBy(a, 1, hourMs), laidBy(b, 1, hourMs)]);
    files.corrupt(`${shardPath}/journal-${String(at.segment).padStart(8, '0')}.seg`, at.offset, Buffer.alloc(20));
    const second = files.afterCut({ seed: 2 });
    const again = (await openOn(second)).spool;
    expect(await inJournal(again)).toEqual([a]);
    await again.record([ended(a)]);
    again.releaseShipped(again.durable());
    const last = (await openOn(second.afterCut({ seed: 3 }))).spool;
    expect([await inJournal(last), await given(last, Infinity)]).toEqual([[], [b]]);
  });

  it('is found again the same by the indexes of full segments and, where these are damaged, record by record', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files);
    const ids = await filled(spool, 120, (n) => hourMs * (1 + (n % 3)), 2);
    const gone = await given(spool, hourMs);
    await spool.close();
    const counts: unknown[] = [];
    for (const damaged of [false, true]) {
      const copy = files.afterCut({ seed: 2 });
      if (damaged) {
        // The last one was not full: it has none.
        for (const path of waitingFiles(copy).slice(0, -1)) copy.corrupt(path, copy.size(copy.open(path)) - 60, Buffer.alloc(20));
      }
      const again = await openOn(copy);
      const found = [];
      for await (const { far } of again.spool.recover()) found.push(...(far ?? []));
      counts.push(found);
      expect((await given(again.spool, Infinity)).sort()).toEqual(ids.filter((id) => !gone.includes(id)).sort());
      expect(again.messages.some((message) => message.includes('damaged'))).toBe(damaged);
    }
    expect(counts[0]).toEqual(counts[1]);
  });

  it('gives what comes back while a start still hands out the others once', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files);
    const laid = await filled(spool, 9, () => hourMs);
    const { entries } = await spool.accept(injection(100));
    const again = (await openOn(files.afterCut({ seed: 2 }))).spool;
    const found: string[] = [];
    for await (const { entries: whole, waiting, far } of again.recover()) {
      if (far !== undefined) found.push(...(await given(again, hourMs)));
      found.push(...whole.map(({ entryId }) => entryId));
      for (let row = 0; row < waiting.count; row += 1) found.push(waitingEntryId(waiting, row));
    }
    expect(found.sort()).toEqual([...laid, entries[0]!.entryId].sort());
  });

  it('finds what is damaged in a full segment when its time comes, and gives back all others', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files);
    const ids = await filled(spool, 30, () => hourMs);
    await spool.close();
    const [first = ''] = waitingFiles(files);
    files.corrupt(first, 700, Buffer.alloc(20));
    const again = await openOn(files.afterCut({ seed: 2 }));
    expect(again.messages).toEqual([]);
    expect((await given(again.spool, Infinity)).length).toBe(ids.length - 1);
    expect(again.messages.join()).toContain('set aside');
  });

  it('keeps what it moved to free a segment, once, whichever of its segments are gone', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files);
    const ids = await filled(spool, 200, (n) => (n % 5 === 0 ? 50 : 1) * hourMs);
    const before = waitingFiles(files);
    const gone = await given(spool, hourMs);
    for (let n = 1_000; n < 1_100; n += 1) {
      const { entries } = await spool.accept(injection(n));
      await spool.record([ended(entries[0]!.entryId)]);
    }
    expect(spool.stats().relaid).toBeGreaterThanOrEqual(20);
    const rest = ids.filter((id) => !gone.includes(id)).sort();
    expect(waitingFiles(files).filter((path) => before.includes(path)).length).toBeLessThan(before.length / 2);
    spool.releaseShipped(spool.durable());
    const again = (await openOn(files.afterCut({ seed: 2 }))).spool;
    expect(again.stats().depotEntries).toBe(rest.length);
    expect((await given(again, Infinity)).sort()).toEqual(rest);
    for (const entry of await again.load(rest)) {
      expect(entry).toMatchObject({ attempts: 3, dueAt: 50 * hourMs });
      expect((await again.read(entry!.content)).bytes.length).toBeGreaterThan(200);
    }
  });

  it('takes entries to which nothing happened yet, without an event, and gives them back as they were accepted', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files);
    const { entries } = await spool.accept({ ...injection(1, { recipients: 2 }), expiresAt: 100 * hourMs });
    for (const { entryId } of entries) {
      const change = {
        kind: 'retry',
        entryId,
        attempts: 0,
        dueAt: hourMs,
        lastSourceId: null,
        dotSent: false,
        delayReported: false,
      } as const;
      await spool.record([{ event: null, change: { ...change, deposit: true } }]);
    }
    const log = { files, directory: spoolDirectory, node: 'node-1', worker: 0, logId: spool.logId };
    const events = readEvents(log, logStart, spool.durable(), 100).events.map(({ event }) => event.type);
    expect(events).toEqual(['accepted', 'accepted']);
    const again = (await openOn(files.afterCut({ seed: 2 }))).spool;
    expect([await inJournal(again), again.stats().depotEntries]).toEqual([[], 2]);
    const back = await again.load(await given(again, hourMs));
    expect(back).toEqual(entries.map((entry, n) => ({ ...entry, dueAt: hourMs, content: back[n]!.content })));
  });
});
