// What a shard is opened with, and the state that its parts share: batches, recovery, the depot and housekeeping.
import type { EgressMode } from '../entry.ts';
import type { Files } from '../ports.ts';
import type { ColdContents } from './cold-contents.ts';
import type { Depot } from './depot.ts';
import type { SpoolLimits } from './limits.ts';
import type { LiveIndex } from './live-index.ts';
import type { Region } from './region.ts';
import type { JournalPosition } from './segment-files.ts';
import type { SegmentLog } from './segment-log.ts';
import type { SegmentReader } from './segment-reader.ts';
import type { WaitingIndex } from './waiting-index.ts';

export type SpoolLog = (level: 'info' | 'warn' | 'error', message: string, facts: Record<string, string | number | boolean | null>) => void;
export type ShardOptions = {
  files: Files;
  directory: string;
  node: string;
  worker: number;
  egress: EgressMode;
  limits: SpoolLimits;
  newLogId: string;
  /** Of the thread it runs in. */
  monotonicMs: () => number;
  log: SpoolLog;
};

/** State that batches, recovery and housekeeping share. */
export type ShardState = {
  files: Files;
  shard: string;
  limits: SpoolLimits;
  live: LiveIndex;
  /** What waits long, in segments of its own. */
  depot: Depot;
  journal: SegmentLog;
  content: SegmentLog;
  waiting: SegmentLog;
  /** Of the current segment of `waiting`. */
  waitingIndex: WaitingIndex;
  /** Contents of what waits long, among those of `content`. */
  cold: ColdContents;
  reader: SegmentReader;
  /** What housekeeping and the depot write, one after the other. */
  region: Region;
  egress: EgressMode;
  shipped: JournalPosition;
  carried: number;
  relaid: number;
  /** Segments of the waiting of which what is left cannot be read: it stays until its time comes, and is reported then. */
  unmovable: Set<number>;
  /** Bytes written since the last step of moving, and when the next may begin. */
  unkeptBytes: number;
  moveFromMs: number;
  monotonicMs: () => number;
};
