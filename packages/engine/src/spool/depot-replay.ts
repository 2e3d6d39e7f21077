// What waits long, as a start finds it: every record of the segments of the waiting that the journal has acknowledged and that has not gone
// back into it. Only heads are looked at; a checksum is computed over each record all the same.
import type { Files } from '../ports.ts';
import type { Depot, DepotFacts, FarCounts } from './depot.ts';
import type { RecordPlace } from './live-index.ts';
import { acceptHead } from './payload.ts';
import { recordTypes, segmentSeed, type Found } from './record.ts';
import { withSegment } from './segment-files.ts';
import type { DamageReport } from './scan.ts';
import { scanRecords } from './scan.ts';
import { listSegments, segmentHeader, segmentPath, type SegmentHeader } from './segment-files.ts';
import { waitingHead, wakeOf } from './waiting-record.ts';

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

/** Fills the depot, which knows already what has gone back, and counts by queue. Changes nothing on disk. */
export function replayDepot(
  files: Files,
  shard: string,
  { depot, far, scratch }: { depot: Depot; far: FarCounts; scratch: Buffer },
): ReplayedDepot {
  const leftOut: RecordPlace[] = [];
  const damage: DamageReport[] = [];
  const segments = waitingSegments(files, shard, depot.facts());
  for (const [segment, end] of segments.ends) {
    const visit = (record: Found): boolean => {
      if (record.type !== recordTypes.waiting) return true;
      const waiting = waitingHead(record.payload);
      const wakeMs = wakeOf(waiting);
      const place = { segment, offset: record.offset, length: record.length };
      const standing = depot.standing(place, wakeMs);
      if (standing === 'left out') leftOut.push(place);
      if (standing !== 'waits') return true;
      const { content, recipients } = acceptHead(waiting.carry);
      depot.add({ place, wakeMs, content, recipients });
      far.add(waiting.queue, wakeMs);
      return true;
    };
    withSegment(
      files,
      segmentPath(shard, 'waiting', segment),
      (bytes) =>
        scanRecords(bytes, { from: 0, end, seed: segmentSeed('waiting', segment) }, visit, (found) =>
          damage.push({ kind: 'waiting', segment, ...found, tail: false }),
        ),
      scratch,
    );
  }
  return { ...segments, damage, leftOut };
}
