// Contents of entries that wait long, together in segments of their own. Where they came in they lie among those of mail that is over in a
// moment; left there each would keep a segment of dead bytes on the disk for hours. They are copied once, when their entry is first laid by,
// and again only from a segment that has become mostly dead.
import type { ContentRef } from '../entry.ts';
import type { Files } from '../ports.ts';
import { recordTypes, sealAll } from './record.ts';
import type { AcceptHead } from './payload.ts';
import type { Region } from './region.ts';
import type { Aside, Placed, SegmentLog } from './segment-log.ts';
import type { ShardState } from './shard-state.ts';

/** A segment less live than this is left by what passes through the depot. */
export const liveShareToStay = 0.5;
/** Messages with several recipients whose copy is remembered for those that are laid by later. */
const maxRecent = 4_096;

export class ColdContents {
  readonly #files: Files;
  readonly #content: SegmentLog;
  readonly #segmentBytes: number;
  readonly #segments: Set<number>;
  readonly #recent = new Map<string, ContentRef>();
  #current: Aside | null = null;

  /** `known`: segments of an earlier run. */
  constructor(files: Files, content: SegmentLog, segmentBytes: number, known: Iterable<number>) {
    this.#files = files;
    this.#content = content;
    this.#segmentBytes = segmentBytes;
    this.#segments = new Set(known);
  }

  has(segment: number): boolean {
    return this.#segments.has(segment);
  }

  /** The next copies go there. */
  isCurrent(segment: number): boolean {
    return this.#current?.segment === segment;
  }

  copyOf(messageId: string): ContentRef | undefined {
    const ref = this.#recent.get(messageId);
    return ref !== undefined && this.#content.sealed.has(ref.segment) ? ref : undefined;
  }

  copied(messageId: string, ref: ContentRef): void {
    this.#recent.set(messageId, ref);
    const oldest = this.#recent.keys().next().value;
    if (this.#recent.size > maxRecent && oldest !== undefined) this.#recent.delete(oldest);
  }

  /** Makes a region of contents durable. Throws the file system's error. */
  append(region: Region): Placed {
    const bytes = region.used();
    if (this.#current !== null && this.#current.end + bytes.length > this.#segmentBytes) this.close();
    const current = (this.#current ??= this.#begin());
    const at = { segment: current.segment, offset: current.end };
    try {
      sealAll(bytes, at.offset, current.seed);
      this.#files.write(current.handle, [bytes], at.offset);
      this.#files.datasync(current.handle);
    } catch (error) {
      // After a failed write or fdatasync a file is never written again.
      this.close();
      throw error;
    }
    this.#content.datasyncs += 1;
    current.end += bytes.length;
    this.#content.sealed.set(current.segment, current.end);
    return at;
  }

  forget(segment: number): void {
    this.#segments.delete(segment);
  }

  close(): void {
    if (this.#current === null) return;
    const { handle } = this.#current;
    this.#current = null;
    this.#files.close(handle);
  }

  #begin(): Aside {
    const aside = this.#content.aside();
    this.#segments.add(aside.segment);
    this.#content.sealed.set(aside.segment, aside.end);
    return aside;
  }
}

/** Puts a content as it lies elsewhere into the region; returns where in it. */
function putCopy(region: Region, payload: Uint8Array): { start: number; end: number } {
  const start = region.begin();
  region.bytes(payload);
  region.end(start, recordTypes.content);
  return { start, end: region.length };
}

/** Copies to where contents wait what does not lie there yet, or lies there among what is mostly over; the new places by message. */
export function copyContents(state: ShardState, heads: readonly AcceptHead[]): Map<string, ContentRef> {
  const { cold, reader } = state;
  const region = state.region.emptied();
  const places = new Map<string, ContentRef>();
  const copies = new Map<string, { start: number; end: number; recipients: number }>();
  for (const { messageId, content, recipients } of heads) {
    if (copies.has(messageId) || places.has(messageId) || stays(state, content)) continue;
    const known = recipients > 1 ? cold.copyOf(messageId) : undefined;
    if (known !== undefined && stays(state, known)) {
      places.set(messageId, known);
      continue;
    }
    const record = reader.record('content', content);
    // One in parts has a segment of its own; one that is damaged is seen when it is to be sent.
    if (record?.type === recordTypes.content) copies.set(messageId, { ...putCopy(region, record.payload), recipients });
  }
  if (copies.size === 0) return places;
  const at = cold.append(region);
  for (const [messageId, { start, end, recipients }] of copies) {
    const ref = { segment: at.segment, offset: at.offset + start, length: end - start };
    places.set(messageId, ref);
    if (recipients > 1) cold.copied(messageId, ref);
  }
  return places;
}

/** Whether a content lies where those that wait do, and most of what lies there is live. */
function stays({ cold, content, live, depot }: ShardState, { segment }: ContentRef): boolean {
  if (!cold.has(segment)) return false;
  const liveBytes = live.liveContentBytes(segment) + depot.liveContentBytes(segment);
  return cold.isCurrent(segment) || liveBytes >= liveShareToStay * (content.sealed.get(segment) ?? 0);
}
