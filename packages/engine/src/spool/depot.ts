// Entries that are not due for long, as far as they are known in memory: where each lies in the segments of the waiting, eight bytes an
// entry, in buckets by the time at which they come due. A bucket is emptied segment by segment and from front to back, so that how far it
// has come is one number: that, and the end of what the journal has acknowledged, is all that a start has to know to tell what still waits.
import type { ContentRef } from '../entry.ts';
import { bucketMs, type FarCount } from '../waiting-entries.ts';
import type { RecordPlace } from './live-index.ts';
import { Places } from './places.ts';

const bucketOf = (wakeMs: number): number => Math.floor(wakeMs / bucketMs);

/** `progress`: of segments that still exist, buckets and the offset before which all of their entries have gone back. */
export type DepotFacts = {
  acknowledged: { segment: number; end: number } | null;
  progress: [segment: number, buckets: [bucket: number, upTo: number][]][];
  /** Segments that hold more than was ever acknowledged, and where that ends. */
  cut: [segment: number, end: number][];
  /** Records among acknowledged ones that never were themselves: their batch was torn. */
  void: [segment: number, offsets: number[]][];
};

/** What of a content one of its recipients keeps alive: together they never count more than all of it. */
export const shareOfContent = ({ length }: ContentRef, recipients: number): number => Math.ceil(length / recipients);

type Start = Pick<RecordPlace, 'segment' | 'offset'>;
const mark = (marks: Map<number, Set<number>>, { segment, offset }: Start): void =>
  void marks.set(segment, (marks.get(segment) ?? new Set<number>()).add(offset));

/** Entries of a bucket in one segment. */
type Share = { readonly segment: number; readonly places: Places; next: number };
type Bucket = {
  shares: Share[];
  /** Entries that could not be laid by, for want of room: they are in the journal and come with the others. */
  kept: string[];
};

export type Deposited = { place: RecordPlace; wakeMs: number; content: ContentRef; recipients: number };

export class Depot {
  entries = 0;
  /** Of the records of those entries, and of what they keep alive of contents. */
  bytes = 0;
  contentBytes = 0;
  readonly #buckets = new Map<number, Bucket>();
  readonly #segments = new Map<number, number>();
  readonly #contents = new Map<number, { entries: number; bytes: number }>();
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

  /** A replay meets the record with which this one went back. A batch that was never acknowledged may have left some of its records only. */
  wentBack({ segment, offset }: Start, wakeMs: number): void {
    mark(this.#wentBack, { segment, offset });
    const furthest = this.#furthest.get(segment) ?? new Map<number, number>();
    const bucket = bucketOf(wakeMs);
    this.#furthest.set(segment, furthest.set(bucket, Math.max(offset, furthest.get(bucket) ?? 0)));
  }

  /** What a replay has to do with a record: it waits, it is none or has gone back, or it was left out among others that have. */
  standing({ segment, offset }: Start, wakeMs: number): 'waits' | 'gone' | 'left out' {
    const bucket = bucketOf(wakeMs);
    const sure = this.#sure !== null && (segment < this.#sure.segment || (segment === this.#sure.segment && offset < this.#sure.end));
    // Not named since: it is in the journal as it was before.
    if (!sure && !this.#named.get(segment)?.has(offset)) mark(this.#void, { segment, offset });
    if (this.#void.get(segment)?.has(offset)) return 'gone';
    if (offset < (this.#progress.get(segment)?.get(bucket) ?? 0) || this.#wentBack.get(segment)?.has(offset)) return 'gone';
    return offset < (this.#furthest.get(segment)?.get(bucket) ?? 0) ? 'left out' : 'waits';
  }

  /** The replay is over and what was left out is back: from here on one number says how far a bucket has come. */
  settle(): void {
    for (const [segment, buckets] of this.#furthest) for (const [bucket, offset] of buckets) this.#advanced(segment, bucket, offset);
    this.#furthest.clear();
    this.#wentBack.clear();
    this.#named.clear();
  }

  gone({ segment, offset }: Start, wakeMs: number): void {
    this.#advanced(segment, bucketOf(wakeMs), offset);
  }

  #advanced(segment: number, bucket: number, offset: number): void {
    const buckets = this.#progress.get(segment) ?? new Map<number, number>();
    this.#progress.set(segment, buckets.set(bucket, Math.max(offset + 1, buckets.get(bucket) ?? 0)));
  }

  add({ place, wakeMs, content, recipients }: Deposited): void {
    const { shares } = this.#bucket(wakeMs);
    let share = shares.at(-1);
    if (share?.segment !== place.segment) shares.push((share = { segment: place.segment, places: new Places(), next: 0 }));
    share.places.push(place.offset, place.length);
    this.entries += 1;
    this.bytes += place.length;
    this.#segments.set(place.segment, this.entriesIn(place.segment) + 1);
    this.#charge(content, recipients, 1);
  }

  /** An entry of the journal that comes back with those of its bucket. */
  keep(entryId: string, wakeMs: number): void {
    this.#bucket(wakeMs).kept.push(entryId);
  }

  /** When the first bucket that holds something begins. */
  nextMs(): number {
    let first = Infinity;
    for (const bucket of this.#buckets.keys()) first = Math.min(first, bucket);
    return first * bucketMs;
  }

  /** The next records of the first bucket that begins by `untilMs`; they stay until `took`. Null when there is none. */
  next(
    untilMs: number,
    most: number,
  ): { bucket: number; segment: number; places: RecordPlace[] } | { bucket: number; kept: string[] } | null {
    const startMs = this.nextMs();
    if (startMs > untilMs || startMs === Infinity) return null;
    const bucket = startMs / bucketMs;
    const held = this.#buckets.get(bucket);
    const share = held?.shares[0];
    if (share === undefined) return { bucket, kept: held?.kept.slice(0, most) ?? [] };
    const places: RecordPlace[] = [];
    for (let n = share.next; n < share.places.length && places.length < most; n += 1)
      places.push({ segment: share.segment, offset: share.places.offset(n), length: share.places.bytes(n) });
    return { bucket, segment: share.segment, places };
  }

  /** These of `next` are in the journal now. */
  took(bucket: number, taken: readonly Omit<Deposited, 'wakeMs'>[]): void {
    const held = this.#buckets.get(bucket);
    const share = held?.shares[0];
    if (held === undefined || share === undefined) return;
    for (const { place, content, recipients } of taken) {
      this.entries -= 1;
      this.bytes -= place.length;
      this.#charge(content, recipients, -1);
    }
    const left = this.entriesIn(share.segment) - taken.length;
    if (left > 0) this.#segments.set(share.segment, left);
    else this.#segments.delete(share.segment);
  }

  /** As many of `next` are dealt with, those that were taken and those that are damaged. */
  advance(bucket: number, count: number): void {
    const held = this.#buckets.get(bucket);
    const share = held?.shares[0];
    if (held === undefined) return;
    if (share === undefined) held.kept.splice(0, count);
    else {
      share.next += count;
      if (share.next >= share.places.length) held.shares.shift();
    }
    if (held.shares.length + held.kept.length === 0) this.#buckets.delete(bucket);
  }

  /** Entries that lie in a segment of the waiting. */
  entriesIn(segment: number): number {
    return this.#segments.get(segment) ?? 0;
  }

  /** What lies behind this end of a segment was written and never acknowledged. */
  cut({ segment, offset }: { segment: number; offset: number }): void {
    this.#cut.set(segment, offset);
  }

  /** The file is gone. */
  forget(segment: number): void {
    this.#progress.delete(segment);
    this.#cut.delete(segment);
    this.#void.delete(segment);
  }

  liveContentBytes(contentSegment: number): number {
    return this.#contents.get(contentSegment)?.bytes ?? 0;
  }

  contentSegments(): IterableIterator<number> {
    return this.#contents.keys();
  }

  holdsContent(contentSegment: number): boolean {
    return this.#contents.has(contentSegment);
  }

  /** Where the records lie, in no useful order. */
  *places(): Generator<RecordPlace> {
    for (const { shares } of this.#buckets.values()) {
      for (const { segment, places, next } of shares)
        for (let n = next; n < places.length; n += 1) yield { segment, offset: places.offset(n), length: places.bytes(n) };
    }
  }

  #bucket(wakeMs: number): Bucket {
    const number = bucketOf(wakeMs);
    const known = this.#buckets.get(number);
    if (known !== undefined) return known;
    const bucket: Bucket = { shares: [], kept: [] };
    this.#buckets.set(number, bucket);
    return bucket;
  }

  #charge(content: ContentRef, recipients: number, count: 1 | -1): void {
    const bytes = shareOfContent(content, recipients) * count;
    const held = this.#contents.get(content.segment) ?? { entries: 0, bytes: 0 };
    held.entries += count;
    held.bytes += bytes;
    this.contentBytes += bytes;
    if (held.entries > 0) this.#contents.set(content.segment, held);
    else this.#contents.delete(content.segment);
  }
}

/** Entries of each queue, counted while a start reads the depot. */
export class FarCounts {
  readonly #queues = new Map<string, FarCount>();

  add(key: string, wakeMs: number): void {
    const known = this.#queues.get(key);
    if (known === undefined) {
      const [tenantId = '', streamId = '', campaign = '', domain = ''] = key.split('\0');
      this.#queues.set(key, {
        queue: { tenantId, streamId, campaign: campaign === '' ? null : campaign, domain },
        count: 1,
        fromMs: wakeMs,
      });
      return;
    }
    known.count += 1;
    known.fromMs = Math.min(known.fromMs, wakeMs);
  }

  /** A batch at a time. */
  *batches(most: number): Generator<FarCount[], void> {
    let batch: FarCount[] = [];
    for (const count of this.#queues.values()) {
      batch.push(count);
      if (batch.length < most) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }
}
