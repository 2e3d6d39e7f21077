// What a process that runs an engine does besides, for drills that start one: with the flags of node-flags.ts it is collected as apps/mta is.
import { systemClock, watchHeapGrowth } from '../host/index.ts';

/** Call once, at the start of the process. */
export function runAsEngine(): void {
  watchHeapGrowth(systemClock);
}
