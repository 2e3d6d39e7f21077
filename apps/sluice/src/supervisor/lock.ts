// One holder per data folder. The lock is a file that names its holder; a holder that is no longer alive does not count, so a killed
// run never has to be cleaned up by hand. The file appears with its content in one step (link), hence nobody reads half a lock.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive, self, type ProcessId } from './process-table.ts';

export type Lock = { release(): void };
export type LockResult = { ok: true; lock: Lock } | { ok: false; holder: number };

const attempts = 5;

function readHolder(path: string): ProcessId | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('startedAt' in value)) return null;
    return typeof value.pid === 'number' && typeof value.startedAt === 'string' ? { pid: value.pid, startedAt: value.startedAt } : null;
  } catch {
    return null;
  }
}

/** Pid of the live holder, or null. */
export function liveHolder(path: string): number | null {
  const holder = readHolder(path);
  return holder !== null && isAlive(holder) ? holder.pid : null;
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes the lock, over a dead holder if need be. The folder must exist. */
export function takeLock(path: string, holder: ProcessId = self()): LockResult {
  const own = `${path}.${holder.pid}`;
  const aside = `${own}.stale`;
  writeFileSync(own, JSON.stringify(holder), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      if (linked(own, path)) return { ok: true, lock: { release: () => release(path, holder) } };
      const live = liveHolder(path);
      if (live !== null) return { ok: false, holder: live };
      // Two starters may find the same dead holder. Whoever moves a live lock aside puts it back and looks again.
      try {
        renameSync(path, aside);
      } catch {
        continue;
      }
      if (liveHolder(aside) !== null) linked(aside, path);
      rmSync(aside, { force: true });
    }
    return { ok: false, holder: liveHolder(path) ?? 0 };
  } finally {
    rmSync(own, { force: true });
  }
}

function release(path: string, holder: ProcessId): void {
  const found = readHolder(path);
  if (found?.pid === holder.pid && found.startedAt === holder.startedAt) rmSync(path, { force: true });
}
