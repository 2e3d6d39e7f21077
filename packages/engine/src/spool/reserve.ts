// The file set aside for a full disk: its blocks are allocated already, so renaming it to the next journal segment lets outcomes be
// recorded when nothing new can be written, and ended mail frees space.
import { join } from 'node:path';
import type { Files } from '../ports.ts';
import { windowBytes } from './limits.ts';
import { reserveFile } from './segment-files.ts';

/** Makes sure that a whole reserve is there; throws the file system's error when the disk does not allow it now. */
export function ensureReserve(files: Files, shard: string, bytes: number): void {
  const path = join(shard, reserveFile);
  if (files.list(shard).includes(reserveFile)) {
    const handle = files.open(path);
    const size = files.size(handle);
    files.close(handle);
    if (size >= bytes) return;
    files.remove(path);
  }
  fill(files, path, bytes);
  files.syncDirectory(shard);
}

function fill(files: Files, path: string, bytes: number): void {
  const handle = files.create(path);
  try {
    const zeros = Buffer.alloc(Math.min(windowBytes, bytes));
    for (let at = 0; at < bytes; at += zeros.length) files.write(handle, [zeros.subarray(0, Math.min(zeros.length, bytes - at))], at);
    files.datasync(handle);
  } catch (error) {
    files.close(handle);
    files.remove(path);
    throw error;
  }
  files.close(handle);
}

/** Turns the reserve into `path`; false when there is none. */
export function takeReserve(files: Files, shard: string, path: string): boolean {
  if (!files.list(shard).includes(reserveFile)) return false;
  files.rename(join(shard, reserveFile), path);
  return true;
}
