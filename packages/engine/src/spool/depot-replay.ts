// What waits long, as a start finds it: every record of the segments of the waiting that the journal has acknowledged and that has not gone
// back into it. A full segment says what lies in it by its index; of the others every record is read, its head alone.
import type { Files } from '../ports.ts';
import { bucketMs } from '../waiting-entries.ts';
import { bucketOf, type DepotFacts } from './depot-log.ts';
import { depositedOf, type Deposited, type Depot } from './depot.ts';
import type { FarCounts } from './far-counts.ts';
import type { RecordPlace } from './live-index.ts';
import { acceptHead } from './payload.ts';
import { recordTypes, segmentSeed, type Found, type SegmentBytes } from './record.ts';
import { withSegment } from './segment-files.ts';
import type { DamageReport } from './scan.ts';
import { scanRecords } from './scan.ts';
import { listSegments, segmentHeader, segmentPath, type SegmentHeader } from './segment-files.ts';
import { readIndex, type IndexedEntries, type IndexScratch } from './waiting-index.ts';
import { waitingHead } from './waiting-record.ts';

type WaitingSegments = {
  /** Acknowledged ends by segment, ascending. */
  ends: Map<number, number>;
  /** Segments nothing of which was ever acknowledged. */
  voided: number[];
  last: number;
};
/** `leftOut`: records that a torn batch did not bring back with the others of their bucket. They wait, and are to go back first of all. */
export type ReplayedDepot = WaitingSegments & { damage: DamageReport[]; leftOut: RecordPlace[] };

/** Which segments there are and where each ends: what lies behind the last place that the journal names was never acknowledged. */
function waitingSegments(files: Files, shard: string, { acknowledged, cut }: DepotFacts): WaitingSegments {
  const cuts = new Map(cut);
  const numbers = listSegments(files, shard, 'waiting');
  const ends = new Map<number, number>();
  const voided = numbers.filter((segment) => acknowledged === null || segment > acknowledged.segment);
  let named: SegmentHeader['previous'] = acknowledged;
  for (const segment of numbers.filter((each) => !voided.includes(each)).reverse()) {
    const { header, size } = withSegment(files, segmentPath(shard, 'waiting', segment), (bytes, length) => ({
      header: segmentHeader(bytes, 'waiting', segment, length)?.header ?? null,
      size: length,
    }));
    ends.set(segment, Math.min(named?.segment === segment ? named.end : size, cuts.get(segment) ?? size, size));
    named = header?.previous ?? null;
  }
  return { ends: new Map([...ends].reverse()), voided, last: Math.max(0, acknowledged?.segment ?? 0, ...numbers) };
}

/** Fills the depot, whose log knows already what has gone back, and counts by queue. Changes nothing on disk. */
export function replayDepot(
  files: Files,
  shard: string,
  { depot, far, scratch }: { depot: Depot; far: FarCounts; scratch: Buffer },
): ReplayedDepot {
  const leftOut: RecordPlace[] = [];
  const damage: DamageReport[] = [];
  const segments = waitingSegments(files, shard, depot.log.facts());
  const indexScratch: IndexScratch = { buffer: noBytes };
  for (const [segment, end] of segments.ends) {
    const standing = depot.log.standings(segment);
    /** Whether the entry waits. */
    const take = (entry: Deposited, bucket: number): boolean => {
      const stands = standing(entry.place.offset, bucket);
      if (stands === 'left out') leftOut.push({ ...entry.place });
      if (stands === 'waits') depot.add(entry);
      return stands === 'waits';
    };
    const readAll = (bytes: SegmentBytes, _size: number, handle: number): void => {
      const index = readIndex(files, handle, { segment, end }, indexScratch);
      if (index === null) readRecords(bytes, { segment, end }, { take, far, damage });
      else takeIndexed(index, take, far);
    };
    withSegment(files, segmentPath(shard, 'waiting', segment), readAll, scratch);
  }
  return { ...segments, damage, leftOut };
}

type Taking = { take: (entry: Deposited, bucket: number) => boolean; far: FarCounts };

/** Of each queue the index names only how many wait and from which bucket on. */
function takeIndexed({ each, queues }: IndexedEntries, take: Taking['take'], far: FarCounts): void {
  const counts = queues.map(() => ({ count: 0, from: Infinity }));
  each((entry, bucket, queue) => {
    if (!take(entry, bucket)) return;
    const of = counts[queue];
    if (of === undefined) return;
    of.count += 1;
    if (bucket < of.from) of.from = bucket;
  });
  counts.forEach(({ count, from }, queue) => {
    if (count > 0) far.add(queues[queue] ?? '', count, from * bucketMs);
  });
}

function readRecords(
  bytes: SegmentBytes,
  { segment, end }: { segment: number; end: number },
  { take, far, damage }: Taking & { damage: DamageReport[] },
): void {
  const visit = (record: Found): boolean => {
    if (record.type !== recordTypes.waiting) return true;
    const { dueAt, queue, carry } = waitingHead(record.payload);
    const place = { segment, offset: record.offset, length: record.length };
    if (take(depositedOf(place, dueAt, acceptHead(carry)), bucketOf(dueAt))) far.add(queue, 1, dueAt);
    return true;
  };
  scanRecords(bytes, { from: 0, end, seed: segmentSeed('waiting', segment) }, visit, (found) =>
    damage.push({ kind: 'waiting', segment, ...found, tail: false }),
  );
}

const noBytes = Buffer.alloc(0);
