// Who holds a folder: a lock of the kernel on a file in it, which ends with its holder however that ends, so that a killed process never
// leaves anything to clear away and a second one never writes beside the first. Node has no flock; SQLite takes such a lock on the file it
// opens, which stays empty.
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** How long a lock is waited for: whoever only looks holds it for a moment. */
const patienceMs = 2_000;
const SQLITE_BUSY = 5;

const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;

/** Takes the lock of a file, which is made if need be; null while somebody else holds it. */
export function lockFolder(path: string): { release(): void } | null {
  const held = new DatabaseSync(path, { timeout: patienceMs });
  try {
    held.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return { release: () => held.close() };
  } catch (error) {
    held.close();
    if (isBusy(error)) return null;
    throw error;
  }
}

/** Whether somebody holds the lock. Writes nothing. */
export function isFolderLocked(path: string): boolean {
  if (!existsSync(path)) return false;
  const looked = new DatabaseSync(path, { readOnly: true });
  try {
    looked.exec('BEGIN; SELECT count(*) FROM sqlite_schema; COMMIT');
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    looked.close();
  }
}
