import { expect, it } from 'vitest';
import { FirstFew } from './first-few.ts';

it('the first few are those that sorting would put in front, in that order', () => {
  const numbers = Array.from({ length: 1000 }, (_, n) => (n * 7919) % 613);
  for (const most of [0, 1, 20, 2000]) {
    const few = new FirstFew<number>(most, (a, b) => a - b);
    for (const number of numbers) few.offer(number);
    expect(few.items()).toEqual(numbers.toSorted((a, b) => a - b).slice(0, most));
  }
});
