// Where a shard of the spool lies and what its files are called: `<spool>/worker-<n>/journal-00000001.seg`, `content-...`, `waiting-...`, `log-id` and
// `reserve`. A segment begins with a header record that says whose it is and, for a journal, where the segment before it ends: bytes past
// that end were never acknowledged (their fdatasync failed) and are no part of the log.
import { join } from 'node:path';
import type { EgressMode } from '../entry.ts';
import type { Files } from '../ports.ts';
import type { DepotFacts } from './depot-log.ts';
import { windowBytes } from './limits.ts';
import type { Found, SegmentBytes, SegmentKind } from './record.ts';
import { SpoolFormatError, recordAt, recordTypes, recordVersion, refuseNewer, segmentSeed } from './record.ts';

/** A place in the journal: also the position up to which events were read. */
export type JournalPosition = { segment: number; offset: number };
export const logStart: JournalPosition = { segment: 0, offset: 0 };

export const logIdFile = 'log-id';
export const reserveFile = 'reserve';
/** Held by the engine that has the shard open. */
export const lockFile = 'lock';
export const quarantineDirectory = 'quarantine';

/** Folder of one worker's shard. */
export function shardDirectory(directory: string, worker: number): string {
  return join(directory, `worker-${worker}`);
}

export function segmentPath(shard: string, kind: SegmentKind, segment: number): string {
  return join(shard, `${kind}-${String(segment).padStart(8, '0')}.seg`);
}

/** Numbers of the segments of a kind, ascending. */
export function listSegments(files: Files, shard: string, kind: SegmentKind): number[] {
  const numbers: number[] = [];
  for (const name of files.list(shard)) {
    const match = /^(journal|content|waiting)-(\d{8,15})\.seg$/.exec(name);
    if (match?.[1] === kind) numbers.push(Number(match[2]));
  }
  return numbers.sort((a, b) => a - b);
}

/** Whose spool this is. Kept in `log-id`; a shard of another node, worker or egress mode is refused. */
export type ShardIdentity = { version: number; logId: string; node: string; worker: number; egress: EgressMode };

export function readIdentity(files: Files, shard: string): ShardIdentity | null {
  if (!files.list(shard).includes(logIdFile)) return null;
  const handle = files.open(join(shard, logIdFile));
  try {
    const text = Buffer.from(files.read(handle, files.size(handle), 0)).toString('utf8');
    const identity = JSON.parse(text) as ShardIdentity;
    refuseNewer(identity.version, `the spool in ${shard}`);
    return identity;
  } catch (error) {
    if (error instanceof SpoolFormatError) throw error;
    throw new SpoolFormatError('spool_damaged', `${join(shard, logIdFile)} cannot be read; remove it to give the log a new id`);
  } finally {
    files.close(handle);
  }
}

/** Creates `log-id` durably: written aside, synced, renamed, directory synced. */
export function writeIdentity(files: Files, shard: string, identity: Omit<ShardIdentity, 'version'>): void {
  const aside = join(shard, `${logIdFile}.new`);
  if (files.list(shard).includes(`${logIdFile}.new`)) files.remove(aside);
  const handle = files.create(aside);
  try {
    files.write(handle, [Buffer.from(JSON.stringify({ version: recordVersion, ...identity }))], 0);
    files.datasync(handle);
  } finally {
    files.close(handle);
  }
  files.rename(aside, join(shard, logIdFile));
  files.syncDirectory(shard);
}

export type SegmentHeader = {
  logId: string;
  node: string;
  worker: number;
  egress: EgressMode;
  /** Of a content: null. Else the segment before and where it ends; null for the first. */
  previous: { segment: number; end: number } | null;
  /** Journal: no content segment up to this number may be made again. */
  lastContent: number;
  /** Journal: what is to know of the depot when the segment begins; absent in older ones. */
  depot?: DepotFacts;
};

/**
 * Reads a file by position through a window, so that a scan costs one read a mebibyte. With `scratch` the window is as large, lies in it, and
 * what was read before is void once it moves; without, every window is new memory and what was read stays.
 */
export function windowOf(files: Files, handle: number, scratch?: Buffer): SegmentBytes {
  let window: Buffer = Buffer.alloc(0);
  let start = 0;
  return (offset, length) => {
    if (offset < start || offset + length > start + window.length) {
      const wanted = Math.max(length, scratch?.length ?? windowBytes);
      const bytes = files.read(handle, wanted, offset, wanted === scratch?.length ? scratch : undefined);
      window = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      start = offset;
    }
    return window.subarray(offset - start, offset - start + length);
  };
}

/** The header of a segment, or null when the file has none that is whole. */
export function segmentHeader(
  bytes: SegmentBytes,
  kind: SegmentKind,
  segment: number,
  size: number,
): { header: SegmentHeader; record: Found } | null {
  const record = recordAt(bytes, 0, size, segmentSeed(kind, segment));
  if (record === null || record.type !== recordTypes.header) return null;
  refuseNewer(record.version, `${kind} segment ${segment}`);
  return { header: JSON.parse(record.payload.toString('utf8')) as SegmentHeader, record };
}

/** Opens a segment, hands its bytes over, closes it. */
export function withSegment<T>(
  files: Files,
  path: string,
  use: (bytes: SegmentBytes, size: number, handle: number) => T,
  scratch?: Buffer,
): T {
  const handle = files.open(path);
  try {
    return use(windowOf(files, handle, scratch), files.size(handle), handle);
  } finally {
    files.close(handle);
  }
}
