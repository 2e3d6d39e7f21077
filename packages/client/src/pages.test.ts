// A list that comes in pages, read to its end and no further.
import { expect, test } from 'vitest';
import { everyPart, pagesOf, type Page } from './pages.ts';

test('asks for a page only when the one before has been read, and ends with the last', async () => {
  const asked: (string | undefined)[] = [];
  const page = async (cursor: string | undefined): Promise<Page<number>> => {
    asked.push(cursor);
    return cursor === undefined ? { items: [1, 2], nextCursor: 'a' } : { items: [3], nextCursor: null };
  };
  const seen: number[] = [];
  for await (const one of pagesOf(page)) {
    seen.push(one);
    if (one === 2) expect(asked).toEqual([undefined]);
  }
  expect(seen).toEqual([1, 2, 3]);
  expect(asked).toEqual([undefined, 'a']);
});

test('a server that gives the same cursor twice does not hold the caller for ever', async () => {
  const read = async () => {
    let count = 0;
    for await (const _one of pagesOf(async () => ({ items: [1], nextCursor: 'same' }))) count += 1;
    return count;
  };
  await expect(read()).rejects.toThrow('the same cursor came twice');
});

test('a list in parts is read until a part is not full', async () => {
  const names = Array.from({ length: 12_000 }, (_, n) => `name ${String(n).padStart(5, '0')}`);
  const asked: (string | undefined)[] = [];
  const fetchPart = async ({ after, limit }: { after?: string; limit: number }): Promise<string[]> => {
    asked.push(after);
    return names.filter((name) => after === undefined || name > after).slice(0, limit);
  };
  expect(await everyPart(fetchPart, (name) => name)).toEqual(names);
  expect(asked).toEqual([undefined, 'name 04999', 'name 09999']);
  await expect(
    everyPart(
      async ({ limit }) => Array<string>(limit).fill('same'),
      (name) => name,
    ),
  ).rejects.toThrow('does not go on');
});
