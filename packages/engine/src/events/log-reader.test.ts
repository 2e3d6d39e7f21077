// The accounting log as its reader sees it: what was written, once each, under ids that do not change.
import { deliveryEvent } from '@sluice/contract';
import { describe, expect, it } from 'vitest';
import { logStart, type JournalPosition } from '../spool/segment-files.ts';
import type { OpenSpool } from '../spool/spool.ts';
import { ended, injection, openOn, retried, shardPath, spoolDirectory } from '../spool/testing.ts';
import { PowerCutFiles } from '../testing/power-cut-files.ts';
import { readEvents, type EventLog, type PlacedEvent } from './log-reader.ts';

const logOf = (files: PowerCutFiles, spool: OpenSpool): EventLog => ({
  files,
  directory: spoolDirectory,
  node: 'node-1',
  worker: 0,
  logId: spool.logId,
});

function readAll(log: EventLog, upTo: JournalPosition, max: number): PlacedEvent[] {
  const events: PlacedEvent[] = [];
  for (let from = logStart; ;) {
    const page = readEvents(log, from, upTo, max);
    if (page.events.length === 0) return events;
    events.push(...page.events);
    from = page.next;
  }
}

/** Thirty injections over many segments: accepts, retries, ends, one path event. Returns the events as the engine stated them. */
async function work(spool: OpenSpool): Promise<string[]> {
  const stated: string[] = [];
  for (let n = 0; n < 30; n += 1) {
    const offered = injection(n, { recipients: (n % 3) + 1 });
    const { entries } = await spool.accept(offered);
    for (const entry of entries) {
      stated.push(`accepted ${entry.entryId} ${entry.recipient}`);
      const records = [retried(entry.entryId, 1, 9_000), ended(entry.entryId)];
      await spool.record(records);
      for (const { event } of records) stated.push(`${event.type} ${event.entryId} ${event.recipient}`);
    }
  }
  const path = {
    ...ended('x.0').event,
    type: 'path_deferred' as const,
    tenantId: null,
    entryId: null,
    messageId: null,
    reply: null,
    tls: null,
    heldCount: 9,
  };
  await spool.record([{ event: path, change: { kind: 'none' } }]);
  stated.push(`path_deferred null ${path.recipient}`);
  return stated.sort();
}

describe('readEvents', () => {
  it('reads every event once, whatever the size of the pages and over all segments', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files);
    const stated = await work(spool);
    expect(spool.durable().segment).toBeGreaterThan(3);
    for (const max of [1, 7, 1_000]) {
      const events = readAll(logOf(files, spool), spool.durable(), max);
      expect(events.map(({ event }) => `${event.type} ${event.entryId} ${event.recipient}`).sort()).toEqual(stated);
      expect(new Set(events.map(({ event }) => event.id)).size).toBe(events.length);
    }
  });

  it('gives events that the contract takes, with the hash of their record', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files);
    await work(spool);
    const messages = new Map<string, Set<string | null>>();
    for (const { event, contentHash } of readAll(logOf(files, spool), spool.durable(), 50)) {
      expect(deliveryEvent.parse(event)).toEqual(event);
      expect(event.replyRule).toBe(event.type === 'deferred' ? 'p.busy' : undefined);
      expect(contentHash).toMatch(/^[0-9a-f]{64}$/);
      messages.set(contentHash, (messages.get(contentHash) ?? new Set()).add(event.messageId));
      expect(event.id.startsWith(`node-1/0/${spool.logId}/`)).toBe(true);
    }
    expect([...messages.values()].every(({ size }) => size === 1)).toBe(true);
  });

  it('gives the same ids and hashes after a restart', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const first = await openOn(files);
    await work(first.spool);
    const upTo = first.spool.durable();
    const before = readAll(logOf(files, first.spool), upTo, 50);
    await first.spool.close();
    const left = files.afterCut({ seed: 8 });
    const second = await openOn(left);
    await second.spool.accept(injection(900));
    const after = readAll(logOf(left, second.spool), upTo, 50);
    expect(after.map(({ event, contentHash }) => [event.id, contentHash])).toEqual(
      before.map(({ event, contentHash }) => [event.id, contentHash]),
    );
  });

  it('reads nothing past the durable position', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files, { limits: { journalSegmentBytes: 1e6 } });
    await spool.accept(injection(1));
    const upTo = spool.durable();
    await spool.accept(injection(2));
    expect(readEvents(logOf(files, spool), logStart, upTo, 10).events).toHaveLength(1);
    expect(readEvents(logOf(files, spool), upTo, spool.durable(), 10).events).toHaveLength(1);
    expect(readEvents(logOf(files, spool), spool.durable(), spool.durable(), 10)).toEqual({ events: [], next: spool.durable() });
  });

  it('reads no record twice that a failed fdatasync made the spool write again', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files, { limits: { journalSegmentBytes: 1e6 } });
    await spool.accept(injection(1));
    files.fail({ operation: 'truncate', code: 'EIO', times: 1 });
    files.fail({ operation: 'datasync', code: 'EIO', times: 1, path: 'journal' });
    await spool.accept(injection(2));
    expect(readAll(logOf(files, spool), spool.durable(), 10)).toHaveLength(2);
  });

  it('does not count what was carried forward as an event', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files);
    await spool.accept(injection(7_000));
    const events: PlacedEvent[] = [];
    let from = logStart;
    for (let n = 0; n < 300; n += 1) {
      const { entries } = await spool.accept(injection(n));
      await spool.record([ended(entries[0]!.entryId)]);
      const page = readEvents(logOf(files, spool), from, spool.durable(), 100);
      events.push(...page.events);
      from = page.next;
      spool.releaseShipped(from);
    }
    expect(spool.stats().carried).toBeGreaterThan(0);
    expect(files.paths()).not.toContain(`${shardPath}/journal-00000001.seg`);
    expect(events).toHaveLength(601);
  });

  it('goes on behind a damaged record', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const { spool } = await openOn(files, { limits: { journalSegmentBytes: 1e6 } });
    await spool.accept(injection(1));
    const at = spool.durable();
    await spool.accept(injection(2));
    await spool.accept(injection(3));
    files.corrupt(`${shardPath}/journal-00000001.seg`, at.offset + 40, Buffer.from('!!'));
    const { events, next } = readEvents(logOf(files, spool), logStart, spool.durable(), 10);
    expect(events.map(({ event }) => event.messageId)).toEqual([injection(1).messageId, injection(3).messageId]);
    expect(next).toEqual(spool.durable());
  });

  it('passes over segments of an earlier log id, which can be read under it', async () => {
    const files = new PowerCutFiles({ seed: 1 });
    const first = await openOn(files);
    await first.spool.accept(injection(1));
    await first.spool.close();
    files.remove(`${shardPath}/log-id`);
    const second = await openOn(files, { seed: 5 });
    await second.spool.accept(injection(2));
    const upTo = second.spool.durable();
    expect(readAll(logOf(files, second.spool), upTo, 10).map(({ event }) => event.messageId)).toEqual([injection(2).messageId]);
    const earlier = { ...logOf(files, second.spool), logId: first.spool.logId };
    expect(readAll(earlier, upTo, 10).map(({ event }) => event.messageId)).toEqual([injection(1).messageId]);
  });
});
