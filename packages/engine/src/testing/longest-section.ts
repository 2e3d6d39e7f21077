// How long a thread works without giving others a turn, counted in its own processor time, so that what other processes of a busy machine
// take is no part of it. Nor is what the collector takes: that is the whole heap's affair, and the time over which it stood is left out.
import { PerformanceObserver } from 'node:perf_hooks';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Shorter stretches are of no interest. */
const worthALookMs = 3;

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

type Stretch = { fromMs: number; toMs: number; cpuMs: number };

/** Runs `work`, and what it leaves behind for `afterMs`; the longest such stretch, in milliseconds. */
export async function longestSection(work: () => unknown, afterMs = 50): Promise<number> {
  const collections: { startTime: number; duration: number }[] = [];
  const observer = new PerformanceObserver((list) => collections.push(...list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  const stretches: Stretch[] = [];
  let [last, fromMs] = [cpuMs(), performance.now()];
  let going = true;
  const look = (): void => {
    const [now, toMs] = [cpuMs(), performance.now()];
    if (now - last > worthALookMs) stretches.push({ fromMs, toMs, cpuMs: now - last });
    [last, fromMs] = [now, toMs];
    if (going) setImmediate(look);
  };
  setImmediate(look);
  await work();
  await sleep(afterMs);
  going = false;
  // What was observed is told a moment later.
  await sleep(20);
  observer.disconnect();
  const own = ({ fromMs: begin, toMs: end, cpuMs: took }: Stretch): number => {
    const within = collections.filter(({ startTime }) => startTime >= begin && startTime < end);
    return took - within.reduce((sum, { duration }) => sum + duration, 0);
  };
  return Math.max(0, ...stretches.map(own));
}
