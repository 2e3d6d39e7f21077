// Mail that comes in while a start still hands out what was there: each entry of before is handed out once, none of the new ones is, and
// the next start finds exactly what is live.
import { expect, it } from 'vitest';
import { PowerCutFiles, seededFraction } from '../testing/power-cut-files.ts';
import { ended, handedOut, injection, openOn, recovered, retried, settled } from './testing.ts';

const before = 120;

it.each([1, 2, 3, 4, 5])('hands out every entry of before once and no new one, whatever ends meanwhile (seed %i)', async (seed) => {
  const chance = seededFraction(seed);
  const files = new PowerCutFiles({ seed });
  const options = { limits: { recoverBatch: 7 } };
  const first = await openOn(files, options);
  const live = new Set<string>();
  for (let n = 0; n < before; n += 1) {
    const { entries } = await first.spool.accept(injection(n, { recipients: 1 + (n % 3) }));
    for (const { entryId } of entries) live.add(entryId);
  }
  await first.spool.close();

  const second = await openOn(files, options);
  const expected = new Set(live);
  const handed: string[] = [];
  let next = before;
  for await (const batch of handedOut(second.spool)) {
    handed.push(...batch.map(({ entryId }) => entryId));
    for (let count = Math.floor(chance() * 6); count > 0; count -= 1) {
      const { entries } = await second.spool.accept(injection(next++, { recipients: 1 + Math.floor(chance() * 2) }));
      for (const { entryId } of entries) live.add(entryId);
    }
    // What is live and known, old or new: some of it ends, some is moved.
    for (const entryId of [...live].filter((one) => !expected.has(one) || handed.includes(one))) {
      if (chance() < 0.4) {
        await second.spool.record([ended(entryId)]);
        live.delete(entryId);
      } else if (chance() < 0.3) await second.spool.record([retried(entryId, 1, chance() < 0.5 ? 9_000 : 99_000)]);
    }
  }
  expect(handed.toSorted()).toEqual([...expected].toSorted());
  await settled();
  await second.spool.close();

  expect([...(await recovered((await openOn(files)).spool)).keys()].toSorted()).toEqual([...live].toSorted());
});
