// The spool in its own thread on the real disk: the same promises, through messages between threads.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEvents } from '../events/log-reader.ts';
import { nodeFiles } from '../host/files.ts';
import { verifyShard, listShards } from '../offline/index.ts';
import { logStart } from './segment-files.ts';
import { openSpool, type OpenSpool } from './spool.ts';
import { ended, handClock, injection, recovered, retried, seededRandom } from './testing.ts';

let directory = '';
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'sluice-spool-')), 'sandbox', 'spool');
});
afterEach(() => rmSync(join(directory, '..', '..'), { recursive: true, force: true }));

const open = (node = 'node-1'): Promise<OpenSpool> =>
  openSpool({
    thread: true,
    directory,
    node,
    worker: 3,
    egress: 'sandbox',
    clock: handClock(),
    random: seededRandom(1),
    log: () => undefined,
    limits: { reserveBytes: 64 * 1024, cacheBytes: 0 },
  });

describe('spool thread', () => {
  it('accepts from forty at once, records, reads back, and resumes after a restart', async () => {
    const first = await open();
    let given = 0;
    const kept: string[] = [];
    const client = async (): Promise<void> => {
      while (given < 800) {
        const n = (given += 1);
        const bytes = Buffer.alloc(4_096, String(n));
        const { entries } = await first.accept(injection(n, { bytes }));
        const { entryId, content } = entries[0]!;
        if (n % 10 !== 0) {
          await first.record([ended(entryId)]);
          continue;
        }
        kept.push(entryId);
        await first.record([retried(entryId, 1, 9_000)]);
        expect(Buffer.from((await first.read(content)).bytes).equals(bytes)).toBe(true);
      }
    };
    await Promise.all(Array.from({ length: 40 }, client));
    const stats = first.stats();
    expect(stats.datasyncs).toBeLessThan(800);
    const log = { files: nodeFiles(), directory, node: 'node-1', worker: 3, logId: first.logId };
    expect(readEvents(log, logStart, first.durable(), 10_000).events).toHaveLength(given * 2);
    expect(stats.liveEntries).toBe(kept.length);
    await first.close();

    expect(listShards(directory)).toEqual([3]);
    expect(verifyShard(directory, 3)).toMatchObject({ liveEntries: kept.length, damage: [], lost: [] });
    const second = await open();
    expect([...(await recovered(second)).keys()].sort()).toEqual(kept.sort());
    await second.close();
  });

  it('rejects with the coded error of the thread when the shard is another node', async () => {
    await (await open()).close();
    await expect(open('node-2')).rejects.toMatchObject({ name: 'SpoolFormatError', code: 'spool_mismatch' });
  });

  it('accepts a message larger than a batch', async () => {
    const spool = await open();
    const bytes = Buffer.alloc(12 * 1024 * 1024, 'z');
    const { entries } = await spool.accept(injection(1, { bytes }));
    expect(Buffer.from((await spool.read(entries[0]!.content)).bytes).equals(bytes)).toBe(true);
    await spool.close();
    await expect(spool.accept(injection(2))).rejects.toMatchObject({ code: 'io_error' });
  });
});
