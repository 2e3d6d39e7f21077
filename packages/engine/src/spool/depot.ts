// Entries that are not due for long, as far as they are known in memory: where each lies in the segments of the waiting, twelve bytes an
// entry, in buckets by the time at which they come due. What of that is part of the log is said by depot-log.ts.
import type { ContentRef } from '../entry.ts';
import { bucketMs } from '../waiting-entries.ts';
import { bucketOf, DepotLog } from './depot-log.ts';
import type { RecordPlace } from './live-index.ts';
import type { AcceptHead } from './payload.ts';
import { Places } from './places.ts';

/** What of a content one of its recipients keeps alive: together they never count more than all of it. */
const shareOfContent = ({ length }: ContentRef, recipients: number): number => Math.ceil(length / recipients);

type Bucket = {
  places: Places;
  /** The first of them that is still there. */
  next: number;
  /** Entries that could not be laid by, for want of room: they are in the journal and come with the others. */
  kept: string[];
};

/** One entry: its record, when it is due, and what it keeps alive of which content segment. */
export type Deposited = { place: RecordPlace; dueAt: number; contentSegment: number; contentBytes: number };

export function depositedOf(
  place: RecordPlace,
  dueAt: number,
  { content, recipients }: Pick<AcceptHead, 'content' | 'recipients'>,
): Deposited {
  return { place, dueAt, contentSegment: content.segment, contentBytes: shareOfContent(content, recipients) };
}

/** `upTo` goes back to `advance`. */
export type NextDue = { bucket: number; kept: string[] } | { bucket: number; places: RecordPlace[]; upTo: number };
/** One of a segment's entries, by its number in its bucket. */
export type Resting = { bucket: number; n: number; place: RecordPlace };

type Held = { entries: number; bytes: number };
function charge(held: Map<number, Held>, segment: number, bytes: number, count: 1 | -1): void {
  const known = held.get(segment);
  if (known === undefined) held.set(segment, { entries: count, bytes: bytes * count });
  else {
    known.entries += count;
    known.bytes += bytes * count;
    if (known.entries === 0) held.delete(segment);
  }
}

export class Depot {
  readonly log = new DepotLog();
  entries = 0;
  /** Of the records of those entries, and of what they keep alive of contents. */
  bytes = 0;
  contentBytes = 0;
  readonly #buckets = new Map<number, Bucket>();
  readonly #segments = new Map<number, Held>();
  readonly #contents = new Map<number, Held>();

  /** Places of a bucket are added in the order in which they lie on disk. */
  add(entry: Deposited): void {
    this.#bucket(entry.dueAt).places.push(entry.place);
    this.#charge(entry, 1);
  }

  /** An entry of the journal that comes back with those of its bucket. */
  keep(entryId: string, dueAt: number): void {
    this.#bucket(dueAt).kept.push(entryId);
  }

  /** When the first bucket that holds something begins. */
  nextMs(): number {
    let first = Infinity;
    for (const bucket of this.#buckets.keys()) first = Math.min(first, bucket);
    return first * bucketMs;
  }

  /** The next of the first bucket that begins by `untilMs`; they stay until `took` and `advance`. Null when there is none. */
  next(untilMs: number, most: number): NextDue | null {
    for (;;) {
      const startMs = this.nextMs();
      if (startMs > untilMs || startMs === Infinity) return null;
      const bucket = startMs / bucketMs;
      const held = this.#bucket(startMs);
      const places: RecordPlace[] = [];
      let upTo = held.next;
      for (; upTo < held.places.length && places.length < most; upTo += 1)
        if (!held.places.isCleared(upTo)) places.push(held.places.at(upTo));
      if (places.length > 0) return { bucket, places, upTo };
      if (held.kept.length > 0) return { bucket, kept: held.kept.slice(0, most) };
      this.#buckets.delete(bucket);
    }
  }

  /** These are no longer there. */
  took(taken: readonly Deposited[]): void {
    for (const entry of taken) this.#charge(entry, -1);
  }

  /** Those of `next` are dealt with, the ones that were taken and the ones that are damaged. */
  advance(due: NextDue): void {
    const held = this.#buckets.get(due.bucket);
    if (held === undefined) return;
    if ('kept' in due) held.kept.splice(0, due.kept.length);
    else held.next = due.upTo;
    if (held.next >= held.places.length && held.kept.length === 0) this.#buckets.delete(due.bucket);
  }

  /** Some of the entries of a segment: bucket by bucket, in each from front to back. */
  restIn(segment: number, mostBytes: number): Resting[] {
    const rest: Resting[] = [];
    let bytes = 0;
    for (const [bucket, { places, next }] of this.#buckets) {
      for (let n = places.firstIn(segment, next); n < places.length && places.segment(n) === segment; n += 1) {
        if (places.isCleared(n)) continue;
        const place = places.at(n);
        rest.push({ bucket, n, place });
        bytes += place.length;
        if (bytes >= mostBytes) return rest;
      }
    }
    return rest;
  }

  /** These of `restIn` lie elsewhere now: the old ones are no longer there. */
  moved(rested: readonly Resting[], entries: readonly Deposited[]): void {
    const touched = new Set<Bucket>();
    for (const { bucket, n } of rested) {
      const held = this.#buckets.get(bucket);
      held?.places.clear(n);
      if (held !== undefined) touched.add(held);
    }
    this.took(entries);
    for (const held of touched) {
      if (held.places.cleared * 2 < held.places.length) continue;
      held.places = held.places.kept(held.next);
      held.next = 0;
    }
  }

  /** Entries that lie in a segment of the waiting. */
  entriesIn(segment: number): number {
    return this.#segments.get(segment)?.entries ?? 0;
  }

  /** Bytes of their records. */
  bytesIn(segment: number): number {
    return this.#segments.get(segment)?.bytes ?? 0;
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
    for (const { places, next } of this.#buckets.values())
      for (let n = next; n < places.length; n += 1) if (!places.isCleared(n)) yield places.at(n);
  }

  #bucket(dueAt: number): Bucket {
    const number = bucketOf(dueAt);
    const known = this.#buckets.get(number);
    if (known !== undefined) return known;
    const bucket: Bucket = { places: new Places(), next: 0, kept: [] };
    this.#buckets.set(number, bucket);
    return bucket;
  }

  #charge({ place, contentSegment, contentBytes }: Deposited, count: 1 | -1): void {
    this.entries += count;
    this.bytes += place.length * count;
    this.contentBytes += contentBytes * count;
    charge(this.#segments, place.segment, place.length, count);
    charge(this.#contents, contentSegment, contentBytes, count);
  }
}
