// Long work of the console in slices, so that requests and streams beside it go on.
import { setImmediate } from 'node:timers/promises';
import type { Steps } from '@sluice/policy';

/** Longest that the event loop is held. */
const sliceMs = 8;

/** Gives way when a slice is over; for loops that await otherwise nothing. */
export function givingWay(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < sliceMs) return;
    await setImmediate();
    since = performance.now();
  };
}

export async function inSlices<T>(work: Steps<T>): Promise<T> {
  const give = givingWay();
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    await give();
  }
}
