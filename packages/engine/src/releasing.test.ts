import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import { expect, it } from 'vitest';
import { nextSerial, ReleasingMap, ReleasingSet } from './releasing.ts';

const made = (name: string): { serial: number; name: string } => ({ serial: nextSerial(), name });

it('says of what it holds what a map says', () => {
  const map = new ReleasingMap<string, number>();
  const model = new Map<string, number>();
  let state = 7;
  const chance = (below: number): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) % below;
  for (let n = 0; n < 20_000; n++) {
    const key = `k${chance(n % 4_000 < 2_000 ? 300 : 3)}`;
    if (chance(2) === 0) {
      map.set(key, n);
      model.set(key, n);
    } else expect(map.delete(key)).toBe(model.delete(key));
    expect(map.get(key)).toBe(model.get(key));
    expect(map.has(key)).toBe(model.has(key));
    expect(map.size).toBe(model.size);
    if (n % 500 === 0) {
      expect([...map.keys()]).toEqual([...model.keys()]);
      expect([...map.values()]).toEqual([...model.values()]);
    }
  }
  map.clear();
  expect(map.size).toBe(0);
  expect([...map.values()]).toEqual([]);
});

it('goes on with those that come and without those that go while it is gone through, made anew or not', () => {
  const set = new ReleasingSet<ReturnType<typeof made>>();
  const first = Array.from({ length: 500 }, (_, n) => made(`first ${n}`));
  for (const item of first) set.add(item);
  const seen: string[] = [];
  let came = 0;
  for (const { name } of set) {
    seen.push(name);
    // All but the tenth of them go before their turn, and a few come.
    if (seen.length === 10) for (const item of first.slice(20)) if (!item.name.endsWith('7')) set.delete(item);
    if (came < 30) set.add(made(`later ${came++}`));
  }
  const firsts = first.slice(0, 20).concat(first.slice(20).filter(({ name }) => name.endsWith('7')));
  expect(seen).toEqual([...firsts.map(({ name }) => name), ...Array.from({ length: 30 }, (_, n) => `later ${n}`)]);

  const queue = new ReleasingSet<ReturnType<typeof made>>();
  queue.add(made('0'));
  const served: string[] = [];
  for (const item of queue) {
    queue.delete(item);
    served.push(item.name);
    if (served.length < 5) queue.add(made(String(served.length)));
  }
  expect(served).toEqual(['0', '1', '2', '3', '4']);
  expect(queue.size).toBe(0);
});

it('keeps nothing of what went through it, though it is old itself', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;
  const survivors = async (set: { add(item: ReturnType<typeof made>): unknown; delete(item: ReturnType<typeof made>): unknown }) => {
    const waiting: ReturnType<typeof made>[] = [];
    const pass = (count: number): void => {
      for (let n = 0; n < count; n++) {
        const item = { ...made(String(n)), body: new Array<number>(100).fill(n) };
        set.add(item);
        waiting.push(item);
        if (waiting.length > 15) set.delete(waiting.shift() as (typeof waiting)[number]);
      }
    };
    pass(1_000);
    // What is there now is in the old generation.
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let round = 0; round < 10; round++) {
      pass(2_000);
      collect({ type: 'minor' });
      await new Promise((resolve) => setImmediate(resolve));
    }
    return (process.memoryUsage().heapUsed - before) / 20_000;
  };
  // Octets of each that passed and are still held; an item has some 900.
  expect(await survivors(new Set())).toBeGreaterThan(400);
  expect(await survivors(new ReleasingSet())).toBeLessThan(200);
});
