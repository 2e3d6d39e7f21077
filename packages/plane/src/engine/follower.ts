// The loop under every feed: look, then sleep until woken or for five seconds. A look that fails is logged once until one succeeds again,
// and tried again after growing pauses. Stopping waits for the look under way.
import { EngineDatabase, messageOf } from './database.ts';
import type { Channel } from '../channels.ts';
import type { Following, PlaneLog } from './ports.ts';

const lookEveryMs = 5_000;
const firstPauseMs = 250;

export type FollowOptions = { database: EngineDatabase; channel: Channel | null; name: string; log: PlaneLog; everyMs?: number };

/** What a feed of one node is given: where it reads, whose it is, and whom it tells. */
export type NodeLink = { database: EngineDatabase; node: string; log: PlaneLog };

/** `look` returns whether more may be waiting right now. */
export function followWith(
  { database, channel, name, log, everyMs = lookEveryMs }: FollowOptions,
  look: () => Promise<boolean>,
): Following {
  let stopped = false;
  let woken = false;
  let wakeSleeper: () => void = () => undefined;
  const wake = () => {
    woken = true;
    wakeSleeper();
  };
  const unlisten = channel === null ? () => undefined : database.onWake(channel, wake);

  const sleep = (forMs: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, forMs);
      timer.unref();
      wakeSleeper = () => {
        clearTimeout(timer);
        resolve();
      };
      if (stopped) wakeSleeper();
    });

  const run = async () => {
    let pauseMs = firstPauseMs;
    while (!stopped && !database.closed) {
      woken = false;
      let more = false;
      let restMs = everyMs;
      try {
        more = await look();
        if (pauseMs > firstPauseMs) log('info', `${name}: going on`);
        pauseMs = firstPauseMs;
      } catch (error) {
        if (stopped || database.closed) return;
        if (pauseMs === firstPauseMs) log('warn', `${name}: ${messageOf(error)}`);
        pauseMs = Math.min(pauseMs * 2, lookEveryMs);
        restMs = pauseMs;
      }
      if (!more && !woken && !stopped) await sleep(restMs);
    }
  };
  const done = run();
  return {
    async stop() {
      stopped = true;
      unlisten();
      wakeSleeper();
      await done;
    },
  };
}
