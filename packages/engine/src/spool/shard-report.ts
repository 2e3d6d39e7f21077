// What goes into a shard and what it says to that, with its numbers, counted anew for each report: how much it holds, how much of that is
// needed, what its disk was asked for.
import type { SpoolTrouble } from '../ports.ts';
import type { JournalPosition } from './segment-files.ts';
import { totalBytes, type SegmentLog } from './segment-log.ts';
import type { ShardState } from './shard-state.ts';

export type ShardStats = {
  liveEntries: number;
  journalSegments: number;
  contentSegments: number;
  journalBytes: number;
  contentBytes: number;
  /** Entries that lie in segments of their own until they are due, and the bytes of these segments. */
  depotEntries: number;
  waitingBytes: number;
  /** Of all, what is still needed: records of live entries and their contents. */
  liveBytes: number;
  datasyncs: number;
  batches: number;
  retiredSegments: number;
  /** Live records that were written again to free what lay around them: of the journal and of contents, and of the depot. */
  carried: number;
  relaid: number;
  damaged: number;
  setAside: number;
};

/** Framed, unsealed records: the i-th content belongs to the i-th accept that names none yet. */
export type Batch = { journal: Buffer; content: Buffer };
export type CommitReply = {
  /** Segment, offset, length for each accept; empty when they were refused. */
  refs: number[];
  refused: SpoolTrouble | null;
  /** False: no outcome of the batch is on disk; offer them again, in order. */
  recorded: boolean;
  trouble: SpoolTrouble | null;
  /** Outcomes can be written, even when no new attempt may begin. */
  writable: boolean;
  durable: JournalPosition;
  stats: ShardStats;
};
export type ShardReport = Pick<CommitReply, 'trouble' | 'writable' | 'durable' | 'stats'>;
export type DraftReply = ShardReport & Pick<CommitReply, 'refused'>;

export function statsOf(
  { journal, content, waiting, live, depot, carried, relaid }: ShardState,
  counted: Pick<ShardStats, 'batches' | 'damaged' | 'setAside'>,
): ShardStats {
  return {
    liveEntries: live.liveEntries + depot.entries,
    journalSegments: segmentsOf(journal),
    contentSegments: segmentsOf(content),
    journalBytes: totalBytes(journal),
    contentBytes: totalBytes(content),
    depotEntries: depot.entries,
    waitingBytes: totalBytes(waiting),
    liveBytes: live.liveJournalBytes + live.contentBytes + depot.bytes + depot.contentBytes,
    datasyncs: journal.datasyncs + content.datasyncs + waiting.datasyncs,
    retiredSegments: journal.retired + content.retired + waiting.retired,
    carried,
    relaid,
    ...counted,
  };
}

/** Events before this position are on disk. */
export function durableEnd(journal: SegmentLog): JournalPosition {
  if (journal.current !== null) return { segment: journal.current.segment, offset: journal.current.end };
  const segment = Math.max(0, ...journal.sealed.keys());
  return { segment, offset: journal.sealed.get(segment) ?? 0 };
}

const segmentsOf = (log: SegmentLog): number => log.sealed.size + (log.current === null ? 0 : 1);
