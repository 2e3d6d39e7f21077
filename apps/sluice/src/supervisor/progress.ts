// What the operator sees while the installation comes up: a line when a step begins, how long it took, a sign of life every ten seconds.
export type Progress = {
  say(line: string): void;
  /** Runs one step; its time is told when it took long enough to be noticed. */
  step<T>(label: string, run: () => Promise<T>): Promise<T>;
};

const heartbeatMs = 10_000;
const noticedMs = 300;

export function progressTo(write: (line: string) => void, nowMs: () => number): Progress {
  return {
    say: write,
    step: async (label, run) => {
      const startedAt = nowMs();
      const seconds = (): string => ((nowMs() - startedAt) / 1000).toFixed(1);
      write(`${label} ...`);
      const timer = setInterval(() => write(`${label} ... ${seconds()} s`), heartbeatMs);
      try {
        const value = await run();
        if (nowMs() - startedAt >= noticedMs) write(`${label}: done in ${seconds()} s`);
        return value;
      } finally {
        clearInterval(timer);
      }
    },
  };
}
