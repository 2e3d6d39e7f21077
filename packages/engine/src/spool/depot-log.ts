// What of the depot is part of the log, told by few numbers: the end of what the journal has acknowledged, and of each segment and bucket the
// offset before which all has gone back. Buckets are emptied segment by segment and from front to back, so one number says it. Each segment of
// the journal begins with these facts; a replay follows from there.
import { bucketMs } from '../waiting-entries.ts';
import type { RecordPlace } from './live-index.ts';

export const bucketOf = (dueAt: number): number => Math.floor(dueAt / bucketMs);

/** `progress`: of segments that still exist, buckets and the offset before which all of their entries have gone back. */
export type DepotFacts = {
  acknowledged: { segment: number; end: number } | null;
  progress: [segment: number, buckets: [bucket: number, upTo: number][]][];
  /** Segments that hold more than was ever acknowledged, and where that ends. */
  cut: [segment: number, end: number][];
  /** Records among acknowledged ones that never were themselves: their batch was torn. */
  void: [segment: number, offsets: number[]][];
};

export type Start = Pick<RecordPlace, 'segment' | 'offset'>;
/** What a replay has to do with a record: it waits, it is none or has gone back, or it was left out among others that have. */
export type Standing = 'waits' | 'gone' | 'left out';

const mark = (marks: Map<number, Set<number>>, { segment, offset }: Start): void =>
  void marks.set(segment, (marks.get(segment) ?? new Set<number>()).add(offset));

export class DepotLog {
  readonly #progress = new Map<number, Map<number, number>>();
  readonly #cut = new Map<number, number>();
  readonly #void = new Map<number, Set<number>>();
  readonly #named = new Map<number, Set<number>>();
  readonly #wentBack = new Map<number, Set<number>>();
  readonly #furthest = new Map<number, Map<number, number>>();
  #acknowledged: DepotFacts['acknowledged'] = null;
  /** As the last segment of the journal says it: up to there a replay asks for no names. */
  #sure: DepotFacts['acknowledged'] = null;

  /** What a segment of the journal that begins now has to say. */
  facts(): DepotFacts {
    return {
      acknowledged: this.#acknowledged,
      progress: [...this.#progress].map(([segment, buckets]) => [segment, [...buckets]]),
      cut: [...this.#cut],
      void: [...this.#void].map(([segment, offsets]) => [segment, [...offsets]]),
    };
  }

  /** As a segment of the journal says it. */
  learn(facts: DepotFacts): void {
    const { acknowledged, progress, cut } = facts;
    this.#acknowledged = this.#sure = acknowledged;
    this.#named.clear();
    this.#void.clear();
    for (const [segment, offsets] of facts.void) this.#void.set(segment, new Set(offsets));
    this.#progress.clear();
    for (const [segment, buckets] of progress) this.#progress.set(segment, new Map(buckets));
    this.#cut.clear();
    for (const [segment, end] of cut) this.#cut.set(segment, end);
  }

  /** The journal names this record: it and all before it are part of the log. */
  acknowledge({ segment, offset, length }: RecordPlace): void {
    this.#acknowledged = { segment, end: offset + length };
  }

  /** A replay meets the change that names this record. */
  named(place: RecordPlace): void {
    this.acknowledge(place);
    mark(this.#named, place);
  }

  /** A replay meets the record with which this one went away. A batch that was never acknowledged may have left some of its records only. */
  wentBack({ segment, offset }: Start, dueAt: number): void {
    mark(this.#wentBack, { segment, offset });
    const furthest = this.#furthest.get(segment) ?? new Map<number, number>();
    const bucket = bucketOf(dueAt);
    this.#furthest.set(segment, furthest.set(bucket, Math.max(offset, furthest.get(bucket) ?? 0)));
  }

  /** Says of each record of a segment, in order, where it stands. */
  standings(segment: number): (offset: number, bucket: number) => Standing {
    const sure = this.#sure;
    const sureEnd = sure === null || segment > sure.segment ? 0 : segment < sure.segment ? Infinity : sure.end;
    const named = this.#named.get(segment);
    const progress = this.#progress.get(segment);
    const wentBack = this.#wentBack.get(segment);
    const furthest = this.#furthest.get(segment);
    let voided = this.#void.get(segment);
    return (offset, bucket) => {
      // Not named since: it is in the journal as it was before.
      if (offset >= sureEnd && named?.has(offset) !== true) {
        mark(this.#void, { segment, offset });
        voided ??= this.#void.get(segment);
      }
      if (voided?.has(offset) === true) return 'gone';
      if (offset < (progress?.get(bucket) ?? 0) || wentBack?.has(offset) === true) return 'gone';
      return offset < (furthest?.get(bucket) ?? 0) ? 'left out' : 'waits';
    };
  }

  /** The replay is over and what was left out is back: from here on one number says how far a bucket of a segment that exists has come. */
  settle(exists: (segment: number) => boolean): void {
    for (const [segment, buckets] of this.#furthest)
      if (exists(segment)) for (const [bucket, offset] of buckets) this.#advanced(segment, bucket, offset);
    this.#furthest.clear();
    this.#wentBack.clear();
    this.#named.clear();
  }

  /** Those before it in its bucket and segment have gone away too. */
  gone({ segment, offset }: Start, dueAt: number): void {
    this.#advanced(segment, bucketOf(dueAt), offset);
  }

  #advanced(segment: number, bucket: number, offset: number): void {
    const buckets = this.#progress.get(segment) ?? new Map<number, number>();
    this.#progress.set(segment, buckets.set(bucket, Math.max(offset + 1, buckets.get(bucket) ?? 0)));
  }

  /** What lies behind this end of a segment was written and never acknowledged. */
  cut({ segment, offset }: Start): void {
    this.#cut.set(segment, offset);
  }

  /** The file is gone. */
  forget(segment: number): void {
    this.#progress.delete(segment);
    this.#cut.delete(segment);
    this.#void.delete(segment);
  }
}
