// Who lives. A process is its pid together with its start time: a pid alone may belong to somebody else by now. A zombie counts as
// gone, since it holds no file, port or lock, and may stay in the table for as long as its parent forgets it.
import { existsSync, readFileSync } from 'node:fs';

export type ProcessId = { pid: number; startedAt: string };

const hasProc = existsSync('/proc/self/stat');

function signalable(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Start time of a live process, in the system's own unit; null when it is gone. Without /proc the time is unknown: ''. */
export function startTimeOf(pid: number): string | null {
  if (!hasProc) return signalable(pid) ? '' : null;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in parentheses and may hold anything; fields are counted behind it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

export function isAlive(id: ProcessId): boolean {
  return id.pid > 1 && startTimeOf(id.pid) === id.startedAt;
}

export const self = (): ProcessId => ({ pid: process.pid, startedAt: startTimeOf(process.pid) ?? '' });

/** Signals a process group; false when there is none left. */
export function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  if (leader <= 1) return false;
  try {
    process.kill(-leader, signal);
    return true;
  } catch {
    return false;
  }
}
