// What a part does when the supervisor vanished: it lets the parts that depend on it end first. It was told their process ids as lines
// `part PID START_TIME` on its stdin.
import { isAlive, type ProcessId } from './process-table.ts';

const pollIntervalMs = 100;

export const partLine = (id: ProcessId): string => `part ${id.pid} ${id.startedAt}`;

export function parsePartLine(line: string): ProcessId | null {
  const match = /^part (\d+) (\d*)$/.exec(line);
  return match ? { pid: Number(match[1]), startedAt: match[2] ?? '' } : null;
}

/** Waits until all have ended, at most `limitMs`; answers with those that have not. */
export async function waitForEnd(parts: readonly ProcessId[], limitMs: number): Promise<ProcessId[]> {
  const limit = performance.now() + limitMs;
  while (parts.some(isAlive) && performance.now() < limit) await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
  return parts.filter(isAlive);
}
