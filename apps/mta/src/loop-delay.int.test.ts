// What the event loop's delay says of a loop that is idle, and of one that was held.
import { expect, test } from 'vitest';
import { watchLoopDelay } from './loop-delay.ts';

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('a section that holds the loop shows as the longest delay, and not after a reset', async () => {
  const delay = watchLoopDelay();
  await wait(100);
  const until = performance.now() + 150;
  while (performance.now() < until);
  await wait(50);
  expect(delay.percentileMs(100)).toBeGreaterThan(130);
  delay.reset();
  await wait(300);
  expect(delay.percentileMs(50)).toBeLessThan(8);
});
