// However accepts, deferrals and deliveries follow each other, the spool keeps little more on disk than what is needed.
import { expect, it } from 'vitest';
import { PowerCutFiles, seededFraction } from '../testing/power-cut-files.ts';
import { freeSegments } from './limits.ts';
import { ended, injection, openOn, recovered, retried, smallLimits } from './testing.ts';

const { journalSegmentBytes = 0, contentSegmentBytes = 0 } = smallLimits;
const slack = freeSegments * (journalSegmentBytes + contentSegmentBytes);

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
