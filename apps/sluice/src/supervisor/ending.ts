// When the run is over: asked (a signal, or the process that started us is gone) or forced (a part died). The first reason counts.
import { describeEnding, type Part } from './part.ts';

export type Ending = {
  signal: AbortSignal;
  /** Asked to end: exit code 0. */
  ask(): void;
  /** Must end: exit code 1, and the line says why. */
  fail(line: string): void;
  reason(): { code: 0 | 1; line: string | null } | null;
  /** From now on the end of a part is no news. */
  watch(part: Part): void;
  /** Rejects with EndedEarly once the run is over, else answers as `work` does. */
  orEnded<T>(work: Promise<T>): Promise<T>;
};

export class EndedEarly extends Error {}

const parentIntervalMs = 1000;

export function createEnding(): Ending {
  const controller = new AbortController();
  let reason: { code: 0 | 1; line: string | null } | null = null;
  const end = (code: 0 | 1, line: string | null): void => {
    if (reason !== null) return;
    reason = { code, line };
    controller.abort();
  };
  const over = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(new EndedEarly()), { once: true });
  });
  over.catch(() => undefined);
  return {
    signal: controller.signal,
    ask: () => end(0, null),
    fail: (line) => end(1, line),
    reason: () => reason,
    watch: (part) => void part.exited.then((ending) => end(1, `${part.name} ended unexpectedly (${describeEnding(ending)})`)),
    orEnded: (work) => Promise.race([work, over]),
  };
}

/** Signals and the end of our parent ask for the end. A second signal adds nothing: the end is bounded in time anyway. */
export function endOnSignals(ending: Ending): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.ask());
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) ending.ask();
  }, parentIntervalMs).unref();
}
