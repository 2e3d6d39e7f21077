// What a wait leaves behind.
import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { pause } from './pause.ts';

test('a stream that ticks for days adds nothing to the signal that ends it', async () => {
  const { signal } = new AbortController();
  for (let tick = 0; tick < 5; tick += 1) await pause(0, signal);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a wait ends with the signal, also one that had ended before', async () => {
  const stop = new AbortController();
  const waiting = pause(3_600_000, stop.signal);
  stop.abort();
  await waiting;
  await pause(3_600_000, stop.signal);
});
