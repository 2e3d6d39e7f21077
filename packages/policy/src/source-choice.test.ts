// Shares by weight, and times of retries.
import { describe, expect, it } from 'vitest';
import { DueHeap } from './due-heap.ts';
import { firstPathDelayMs, longestPathDelayMs, nextAttemptAt, pathDelayMs } from './retry.ts';
import { SourceChooser } from './source-choice.ts';

const pool = (weights: Record<string, number>, disabled: string[] = []) => ({
  id: 'p',
  members: Object.entries(weights).map(([sourceId, weight]) => ({ sourceId, weight, enabled: !disabled.includes(sourceId) })),
});
function run(chooser: SourceChooser, of: ReturnType<typeof pool>, times: number, can = (_id: string) => true): Map<string, number> {
  const counts = new Map<string, number>();
  for (let n = 0; n < times; n++) {
    const chosen = chooser.choose(of, { has: can }) ?? 'none';
    counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
  }
  return counts;
}

describe('source choice', () => {
  it('gives each source its share within one in any run, evenly spread', () => {
    const weights = { a: 5, b: 3, c: 1, d: 1 };
    for (const length of [10, 37, 1000, 12_345]) {
      const counts = run(new SourceChooser(), pool(weights), length);
      for (const [sourceId, weight] of Object.entries(weights))
        expect(Math.abs((counts.get(sourceId) ?? 0) - (length * weight) / 10)).toBeLessThanOrEqual(1);
    }
    const chooser = new SourceChooser();
    const two = pool({ a: 1, b: 1 });
    expect(Array.from({ length: 4 }, () => chooser.choose(two, { has: () => true }))).toEqual(['a', 'b', 'a', 'b']);
  });

  it('asks few of very many: no more than can not, and one', () => {
    const many = pool(Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`s${n}`, 1 + (n % 3)])));
    const chooser = new SourceChooser();
    let asked = 0;
    const out = new Set(['s3', 's77', 's400']);
    const counts = run(chooser, many, 10_000, (sourceId) => ++asked > 0 && !out.has(sourceId));
    expect(asked).toBeLessThanOrEqual(10_000 * (1 + out.size));
    const total = many.members.reduce((sum, { sourceId, weight }) => sum + (out.has(sourceId) ? 0 : weight), 0);
    for (const { sourceId, weight } of many.members)
      if (!out.has(sourceId)) expect(Math.abs((counts.get(sourceId) ?? 0) - (10_000 * weight) / total)).toBeLessThanOrEqual(2);
  });

  it('keeps the place of those that are passed over', () => {
    const chooser = new SourceChooser();
    const two = pool({ a: 1, b: 1, c: 1 });
    expect(run(chooser, two, 2, (sourceId) => sourceId === 'a').get('a')).toBe(2);
    expect(Array.from({ length: 2 }, () => chooser.choose(two, { has: () => true })).toSorted()).toEqual(['b', 'c']);
  });

  it('never chooses a source that is disabled, of weight 0 or not usable', () => {
    const counts = run(new SourceChooser(), pool({ a: 1, b: 0, c: 1, d: 2 }, ['c']), 100, (sourceId) => sourceId !== 'd');
    expect([...counts.keys()]).toEqual(['a']);
    expect(run(new SourceChooser(), pool({ a: 0 }), 1).get('none')).toBe(1);
  });

  it('gives the share of a source that is out to the others by weight, and no arrears when it returns', () => {
    const chooser = new SourceChooser();
    run(chooser, pool({ a: 1, b: 2, c: 1 }), 400, (sourceId) => sourceId !== 'c');
    const after = run(chooser, pool({ a: 1, b: 2, c: 1 }), 400);
    expect(after.get('c')).toBeGreaterThanOrEqual(99);
    expect(after.get('c')).toBeLessThanOrEqual(102);
  });
});

describe('retry times', () => {
  it('follow the list, repeat its last value, and are never early nor more than a tenth late', () => {
    const list = [60, 300, 900];
    for (const [attempts, seconds] of [
      [1, 60],
      [2, 300],
      [3, 900],
      [4, 900],
      [99, 900],
    ] as const) {
      expect(nextAttemptAt({ kind: 'list', seconds: list }, attempts, 1000, 0)).toBe(1000 + seconds * 1000);
      expect(nextAttemptAt({ kind: 'list', seconds: list }, attempts, 1000, 0.999)).toBeLessThanOrEqual(1000 + seconds * 1100);
    }
    expect(nextAttemptAt({ kind: 'list', seconds: [14_400] }, 1, 0, 0.999)).toBeLessThanOrEqual(14_460_000);
  });

  it('of a failing path double up to a bound', () => {
    expect(pathDelayMs(1, 0)).toBe(firstPathDelayMs);
    expect(pathDelayMs(3, 0)).toBe(4 * firstPathDelayMs);
    expect(pathDelayMs(1000, 0)).toBe(longestPathDelayMs);
  });
});

describe('DueHeap', () => {
  it('gives items in order of time, whatever order they came in', () => {
    const heap = new DueHeap<number>((item) => item);
    const items = Array.from({ length: 500 }, (_, index) => (index * 7919) % 501);
    for (const item of items) heap.push(item);
    const out: number[] = [];
    for (let item = heap.pop(); item !== undefined; item = heap.pop()) out.push(item);
    expect(out).toEqual(items.sort((a, b) => a - b));
    expect(heap.peek()).toBeUndefined();
  });

  it('gives up what matches in steps, though items come and go between them, and says when some may have been passed over', () => {
    for (const comes of [false, true]) {
      const heap = new DueHeap<number>((item) => item);
      const items = new Set(Array.from({ length: 2000 }, (_, index) => (index * 7919) % 2003));
      for (const item of items) heap.push(item);
      const taken = new Set<number>();
      const looked = new Set<number>();
      const removing = heap.removing((item) => looked.add(item) && item % 3 === 0 && taken.add(item).has(item));
      let step = removing.next();
      for (let added = -1; step.done !== true; added--) {
        if (comes) heap.push(added);
        if (comes) items.add(added);
        const popped = heap.pop();
        if (popped !== undefined) items.delete(popped);
        step = removing.next();
      }
      expect(step.value).toBe(!comes);
      const out: number[] = [];
      for (let item = heap.pop(); item !== undefined; item = heap.pop()) out.push(item);
      expect(out).toEqual([...items].filter((item) => !taken.has(item)).sort((a, b) => a - b));
      if (!comes) expect(out.every((item) => looked.has(item) && item % 3 !== 0)).toBe(true);
    }
  });
});
