// However accepts, deferrals and deliveries follow each other, the spool keeps little more on disk than what is needed.
import { expect, it } from 'vitest';
import { PowerCutFiles, seededFraction } from '../testing/power-cut-files.ts';
import { freeSegments } from './limits.ts';
import { waitingEntryId } from '../waiting-entries.ts';
import type { OpenSpool } from './spool.ts';
import { ended, injection, laidBy, openOn, recovered, retried, smallLimits } from './testing.ts';

const { journalSegmentBytes = 0, contentSegmentBytes = 0, waitingSegmentBytes = 0 } = smallLimits;
const slack = freeSegments * (journalSegmentBytes + contentSegmentBytes);
const stepMs = 60_000;

/** Phases in which mail comes in, is put off, and goes out in shares of their own; events are shipped as they come. */
async function story(seed: number): Promise<{ worst: number; left: number; found: number }> {
  const chance = seededFraction(seed);
  const files = new PowerCutFiles({ seed });
  const { spool } = await openOn(files, { limits: { softFreeBytes: 0, resumeFreeBytes: 0 } });
  const live: string[] = [];
  let worst = 0;
  let number = 0;
  for (let phase = 0; phase < 8; phase += 1) {
    // Mostly in, then mostly out: what is left lies thinly in every segment.
    const [accepts, retries] = [phase % 2 === 0 ? 0.5 + chance() / 2 : chance() / 4, chance() * 0.6];
    for (let step = 0; step < 400; step += 1) {
      const next = live.length === 0 ? 0 : chance();
      if (next < accepts) {
        const bytes = Buffer.alloc(Math.floor(chance() ** 2 * 3_000), 'c');
        const { entries } = await spool.accept(injection((number += 1), { bytes, recipients: chance() < 0.9 ? 1 : 3 }));
        live.push(...entries.map(({ entryId }) => entryId));
      } else {
        const at = Math.floor(chance() * live.length);
        const entryId = live[at] ?? '';
        if (chance() < retries) await spool.record([retried(entryId, 1 + step, 9_000)]);
        else {
          live[at] = live.at(-1) ?? '';
          live.pop();
          await spool.record([ended(entryId)]);
        }
      }
      spool.releaseShipped(spool.durable());
      const { journalBytes, contentBytes, liveBytes } = spool.stats();
      worst = Math.max(worst, journalBytes + contentBytes - 2 * liveBytes);
    }
  }
  await spool.close();
  const found = await recovered((await openOn(files)).spool);
  return { worst, left: live.length, found: live.filter((entryId) => found.has(entryId)).length };
}

it('never takes more than twice the live bytes and four segments of each kind, over any order of accepts, deferrals and deliveries', async () => {
  for (let seed = 1; seed <= 5; seed += 1) {
    const { worst, left, found } = await story(seed);
    expect(found, `seed ${seed}`).toBe(left);
    expect(worst, `seed ${seed}`).toBeLessThanOrEqual(slack);
  }
}, 60_000);

/** Brings back what is due; returns the ids. */
async function due(spool: OpenSpool, untilMs: number): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const { entries, waiting } = await spool.depot!.give(untilMs);
    if (entries.length + waiting.count === 0) return ids;
    ids.push(...entries.map(({ entryId }) => entryId));
    for (let row = 0; row < waiting.count; row += 1) ids.push(waitingEntryId(waiting, row));
  }
}

/**
 * Mail of which most is laid by for minutes and some for days, over many returns. Small contents weigh less than their records, large ones
 * far more.
 */
async function longStory(seed: number, contentBytes: number): Promise<{ worst: number; relaid: number; left: number; found: number }> {
  const chance = seededFraction(seed);
  const files = new PowerCutFiles({ seed });
  const { spool } = await openOn(files, { limits: { softFreeBytes: 0, resumeFreeBytes: 0 } });
  const laid = new Set<string>();
  let worst = 0;
  for (let step = 1; step <= 1_500; step += 1) {
    const dueAt = (): number => (step + (chance() < 0.1 ? 300 + chance() * 900 : 1 + chance() * 30)) * stepMs;
    const bytes = Buffer.alloc(Math.floor(chance() ** 2 * contentBytes), 'c');
    const { entries } = await spool.accept({ ...injection(step, { bytes, recipients: chance() < 0.9 ? 1 : 3 }), expiresAt: 1e12 });
    await spool.record(entries.map(({ entryId }) => laidBy(entryId, 1, dueAt())));
    for (const { entryId } of entries) laid.add(entryId);
    for (const entryId of await due(spool, step * stepMs)) {
      const again = chance() < 0.3;
      await spool.record([again ? laidBy(entryId, 2, dueAt()) : ended(entryId)]);
      if (!again) laid.delete(entryId);
    }
    spool.releaseShipped(spool.durable());
    const { journalBytes, contentBytes: contents, waitingBytes, liveBytes } = spool.stats();
    worst = Math.max(worst, journalBytes + contents + waitingBytes - 2 * liveBytes);
  }
  const { relaid } = spool.stats();
  const again = (await openOn(files.afterCut({ seed: seed + 1 }))).spool;
  const found = new Set([...(await recovered(again)).keys(), ...(await due(again, Infinity))]);
  return { worst, relaid, left: laid.size, found: [...laid].filter((entryId) => found.has(entryId)).length };
}

it('holds the same of what is laid by, some for minutes and some for days', async () => {
  for (const contentBytes of [300, 6_000]) {
    const { worst, relaid, left, found } = await longStory(contentBytes, contentBytes);
    expect(found, `${contentBytes}`).toBe(left);
    expect(relaid, `${contentBytes}`).toBeGreaterThan(100);
    expect(worst, `${contentBytes}`).toBeLessThanOrEqual(slack + freeSegments * waitingSegmentBytes);
  }
}, 120_000);
