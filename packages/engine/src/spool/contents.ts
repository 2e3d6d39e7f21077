// Contents as the engine reads and writes them: small ones whole, those of a moment ago out of memory; large ones a part at a time in both
// directions, so that no more than a part of each is ever held.
import type { ContentFacts, ContentRef, StoredContent } from '../entry.ts';
import { passedOutsideHeap } from '../outside-heap.ts';
import { SpoolError, type ContentDraft, type SpoolTrouble } from '../ports.ts';
import { ContentCache } from './content-cache.ts';
import type { ContentFront } from './parts.ts';
import type { ShardLink } from './shard-link.ts';
import type { ShardReport } from './shard-report.ts';
import type { SpoolLog } from './shard-state.ts';

/** The content is not on disk as it was accepted: do not deliver; the entry stays in the spool. */
export class ContentLostError extends Error {
  readonly code = 'content_lost';
  constructor(ref: ContentRef) {
    super(`the content at ${ref.segment}/${ref.offset} is missing or damaged`);
    this.name = 'ContentLostError';
  }
}

export type ContentsOptions = {
  link: ShardLink;
  log: SpoolLog;
  cacheBytes: number;
  /** Why nothing may be written now. */
  trouble: () => SpoolTrouble | null;
  /** What the shard said of itself beside an answer. */
  take: (report: ShardReport) => void;
};

export class Contents {
  readonly cache: ContentCache;
  readonly #options: ContentsOptions;
  #nextDraft = 1;

  constructor(options: ContentsOptions) {
    this.#options = options;
    this.cache = new ContentCache(options.cacheBytes);
  }

  async read(ref: ContentRef): Promise<StoredContent> {
    const cached = this.cache.take(ref);
    if (cached !== null) return cached;
    const stored = await this.#options.link.read(ref);
    if (stored === null) throw this.#lost(ref);
    const { facts, bytes, further } = stored;
    passedOutsideHeap(bytes.byteLength);
    return { facts, bytes, further: further && this.#further(ref, further) };
  }

  draft(): ContentDraft {
    const { link, trouble, take } = this.#options;
    const number = this.#nextDraft;
    this.#nextDraft += 1;
    const usable = (): void => {
      const why = trouble();
      if (why === null) return;
      discard();
      throw new SpoolError(why);
    };
    const discard = (): void => void link.discardDraft(number).catch(() => undefined);
    return {
      async append(part) {
        usable();
        const reply = await link.appendPart(number, part);
        take(reply);
        if (reply.refused !== null) throw new SpoolError(reply.refused);
      },
      async finish(facts: ContentFacts) {
        usable();
        const reply = await link.finishDraft(number, facts);
        take(reply);
        if (reply.ref === null) throw new SpoolError(reply.refused ?? unfinished);
        return reply.ref;
      },
      discard,
    };
  }

  #further(ref: ContentRef, { first, count, bytes }: NonNullable<ContentFront['further']>): StoredContent['further'] {
    const { link } = this.#options;
    return {
      ...{ bytes, count },
      read: async (n) => {
        const part = await link.readPart(ref, first + n);
        if (part === null) throw this.#lost(ref);
        passedOutsideHeap(part.byteLength);
        return part;
      },
    };
  }

  #lost(ref: ContentRef): ContentLostError {
    this.#options.log('error', 'a content is missing or damaged', { segment: ref.segment, offset: ref.offset });
    return new ContentLostError(ref);
  }
}

const unfinished: SpoolTrouble = { code: 'io_error', message: 'the content could not be written', deliveryMayGoOn: true };
