// A look at the spool from beside the engine: what waits, what is damaged, what is lost, and every event that the accounting log still
// holds. Changes nothing, and can change nothing: files are opened for reading only.
import { join } from 'node:path';
import { isFolderLocked } from '../host/folder-lock.ts';
import { readOnlyFiles } from '../host/read-only-files.ts';
import type { Files } from '../ports.ts';
import { lockFile, shardDirectory } from '../spool/segment-files.ts';
import * as stored from './stored-messages.ts';
import * as verifying from './verify.ts';

export type { LostMessage, StoredEntry, StoredEnvelope, StoredFilter, StoredMessage } from './stored-messages.ts';
export { isSound, type ShardSummary } from './verify.ts';

/** Workers that have a shard in this spool folder, ascending. */
export function listShards(directory: string, files: Files = readOnlyFiles()): number[] {
  const workers = files.list(directory).flatMap((name) => /^worker-(\d+)$/.exec(name)?.[1] ?? []);
  return workers.map(Number).sort((a, b) => a - b);
}

/** Whether an engine has the shard open now. */
export function isShardInUse(directory: string, worker: number): boolean {
  return isFolderLocked(join(shardDirectory(directory, worker), lockFile));
}

/** Checks every record of a shard. Throws a SpoolFormatError when it was written by a newer version. */
export function verifyShard(directory: string, worker: number, files: Files = readOnlyFiles()): verifying.ShardSummary {
  return verifying.verifyShard(directory, worker, files);
}

/** The mail that waits in a shard, in the order in which it was accepted. */
export function storedMessages(
  directory: string,
  worker: number,
  filter: stored.StoredFilter,
  files: Files = readOnlyFiles(),
): Generator<stored.StoredMessage> {
  return stored.storedMessages(directory, worker, filter, files);
}

/** Whole contents that no waiting entry names. */
export function unreferencedContents(
  directory: string,
  worker: number,
  files: Files = readOnlyFiles(),
): ReturnType<typeof stored.unreferencedContents> {
  return stored.unreferencedContents(directory, worker, files);
}

export { loggedEvents } from './logged-events.ts';
export { storedAnchors } from './audit-anchors.ts';
export * from './simulation/index.ts';
