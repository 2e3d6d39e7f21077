// Walks one journal segment from record to record. Damaged bytes are passed over to the next record that validates and reported with
// their range, so that one bad sector costs what it held and no more. Recovery, the offline check and the event reader all walk with this.
import type { Found, SegmentBytes } from './record.ts';
import { nextRecordAfter, recordAt, refuseNewer } from './record.ts';

export type DamageReport = { kind: 'journal' | 'waiting'; segment: number; offset: number; length: number; tail: boolean };
export type Damage = { offset: number; length: number; tail: boolean };

/**
 * Calls `visit` for each valid record in [from, end) until it returns false; `damaged` for each stretch that is none. `tail` says that
 * no valid record follows it. Returns where it stopped: the refused record or `end`.
 */
export function scanRecords(
  bytes: SegmentBytes,
  range: { from: number; end: number; seed: number },
  visit: (record: Found) => boolean,
  damaged: (damage: Damage) => void,
): number {
  const { end, seed } = range;
  let at = range.from;
  while (at < end) {
    const record = recordAt(bytes, at, end, seed);
    if (record !== null) {
      refuseNewer(record.version, `the record at ${at}`);
      if (!visit(record)) return at;
      at += record.length;
      continue;
    }
    const next = nextRecordAfter(bytes, at, end, seed);
    damaged({ offset: at, length: (next?.offset ?? end) - at, tail: next === null });
    if (next === null) return end;
    at = next.offset;
  }
  return at;
}
