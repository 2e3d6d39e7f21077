// How long the event loop kept a timer waiting. Node's histogram holds the time from one tick of its timer to the next, the interval
// itself in it: here that is taken out, so that an idle loop has no delay.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const intervalMs = 10;
const nanosecondsPerMs = 1e6;

export type LoopDelay = {
  /** `percentile` from 0 to 100; milliseconds since the last `reset`. */
  percentileMs(percentile: number): number;
  reset(): void;
};

export function watchLoopDelay(): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: intervalMs });
  histogram.enable();
  return {
    percentileMs: (percentile) => Math.max(0, histogram.percentile(percentile) / nanosecondsPerMs - intervalMs),
    reset: () => histogram.reset(),
  };
}
