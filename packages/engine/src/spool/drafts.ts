// Contents that come in parts, each into a segment of its own, so that what belongs together lies together and goes in one piece when it is
// over. A draft becomes a segment like any other when an injection with its place is in the journal; one that never does is removed, and
// what a crash leaves of it nobody names: the next start clears it away. A draft whose write or fdatasync failed is gone for good.
import type { ContentFacts, ContentRef } from '../entry.ts';
import type { Files } from '../ports.ts';
import { draftSyncBytes } from './limits.ts';
import { wholeRecord } from './parts.ts';
import { recordTypes, sealedRecord } from './record.ts';
import { segmentPath } from './segment-files.ts';
import type { Aside, SegmentLog } from './segment-log.ts';

type Draft = Aside & { start: number; unsyncedBytes: number; partBytes: number; sizeBytes: number };

export class Drafts {
  readonly #files: Files;
  readonly #shard: string;
  readonly #content: SegmentLog;
  readonly #open = new Map<number, Draft>();
  /** Segment and end of those that wait for their injection. */
  readonly #finished = new Map<number, { segment: number; end: number }>();

  constructor({ files, shard, content }: { files: Files; shard: string; content: SegmentLog }) {
    this.#files = files;
    this.#shard = shard;
    this.#content = content;
  }

  /** Writes a part, the first of a new number into a new segment. Throws the file system's error; the draft is gone then. */
  append(number: number, part: Uint8Array): void {
    const draft = this.#open.get(number) ?? this.#begin(number, part.length);
    if (part.length > draft.partBytes || draft.sizeBytes % draft.partBytes !== 0) throw new RangeError('parts are of one size');
    this.#trying(number, () => {
      this.#write(draft, sealedRecord(recordTypes.part, part, draft.seed, draft.end));
      draft.sizeBytes += part.length;
      if (draft.unsyncedBytes >= draftSyncBytes) this.#sync(draft);
    });
  }

  /** Brings all of it to the disk. Throws as `append` does; also when the facts speak of another size. */
  finish(number: number, facts: ContentFacts): ContentRef {
    const draft = this.#open.get(number);
    if (draft === undefined || draft.sizeBytes !== facts.sizeBytes) throw new RangeError('the draft is not what its facts say');
    this.#trying(number, () => {
      this.#write(draft, wholeRecord(facts, draft.partBytes, draft.seed, draft.end));
      this.#sync(draft);
    });
    const { segment, start, end } = draft;
    this.#open.delete(number);
    this.#finished.set(number, { segment, end });
    this.#files.close(draft.handle);
    return { segment, offset: start, length: end - start };
  }

  discard(number: number): void {
    const draft = this.#open.get(number);
    if (draft !== undefined) {
      this.#open.delete(number);
      this.#quietly(() => this.#files.close(draft.handle));
    }
    const segment = draft?.segment ?? this.#finished.get(number)?.segment;
    this.#finished.delete(number);
    if (segment !== undefined) this.#quietly(() => this.#files.remove(segmentPath(this.#shard, 'content', segment)));
  }

  /** An injection with this place was accepted or refused: live or dead, the segment is one of the log's now. */
  settled({ segment }: ContentRef): void {
    for (const [number, finished] of this.#finished) {
      if (finished.segment !== segment) continue;
      this.#content.sealed.set(segment, finished.end);
      this.#finished.delete(number);
    }
  }

  close(): void {
    for (const number of [...this.#open.keys(), ...this.#finished.keys()]) this.discard(number);
  }

  #begin(number: number, partBytes: number): Draft {
    if (partBytes === 0 || this.#finished.has(number)) throw new RangeError('a draft begins with a part');
    const aside = this.#content.aside();
    const draft = { ...aside, start: aside.end, unsyncedBytes: 0, partBytes, sizeBytes: 0 };
    this.#open.set(number, draft);
    return draft;
  }

  #write(draft: Draft, record: Buffer): void {
    this.#files.write(draft.handle, [record], draft.end);
    draft.end += record.length;
    draft.unsyncedBytes += record.length;
  }

  #sync(draft: Draft): void {
    this.#files.datasync(draft.handle);
    this.#content.datasyncs += 1;
    draft.unsyncedBytes = 0;
  }

  #trying(number: number, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.discard(number);
      throw error;
    }
  }

  #quietly(work: () => void): void {
    try {
      work();
    } catch {
      // The disk is failing: the file is named by nothing and is removed at the next start.
    }
  }
}
