// A list that comes in pages, read to its end and no further.
import { expect, test } from 'vitest';
import { pagesOf, type Page } from './pages.ts';

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
