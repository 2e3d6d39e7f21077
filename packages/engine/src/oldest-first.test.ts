import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { OldestFirst } from './oldest-first.ts';
import { seededFraction } from './testing/power-cut-files.ts';

it('gives the oldest that is still there, over any order of coming, going and coming again', () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const chance = seededFraction(seed);
    const set = new Set<number>();
    const oldest = new OldestFirst(set);
    for (let step = 0; step < 500; step += 1) {
      const what = chance();
      const item = Math.floor(chance() * 40);
      if (what < 0.5) set.add(item);
      else if (what < 0.6) set.delete(item);
      else if (what < 0.62) set.clear();
      else {
        const expected = [...set][0];
        const given = oldest.next();
        expect(given).toBe(expected);
        if (given !== undefined) set.delete(given);
      }
    }
  }
});

it('keeps nothing of what came and went while nobody asked', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const set = new Set<object>();
  const oldest = new OldestFirst(set);
  set.add({});
  set.add({});
  oldest.next();
  const gone: WeakRef<object>[] = [];
  for (let n = 0; n < 5_000; n++) {
    const item = { n };
    if (n % 50 === 0) gone.push(new WeakRef(item));
    set.add(item);
    // Grown and shrunk over and over, as connections come and go.
    if (set.size > 200) set.clear();
  }
  set.clear();
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  const left = gone.filter((ref) => ref.deref() !== undefined).length;
  expect(left).toBeLessThan(gone.length / 10);
  expect(oldest.next()).toBeUndefined();
});
