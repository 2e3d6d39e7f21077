// One worker's shard of the spool, synchronous throughout: the spool thread runs it on the real disk, tests and the power-cut drill run it
// on any Files. A batch of accepts and outcomes goes in; contents are written and synced first, then the journal, and only then is anything
// live or acknowledged. This file says what a batch means; segments, recovery and housekeeping are its neighbours.
import type { ContentFacts, ContentRef, RecipientEntry } from '../entry.ts';
import type { SpoolTrouble } from '../ports.ts';
import { wholeEntries, type FarCount, type RecoveredBatch, type ReturnedBatch } from '../waiting-entries.ts';
import { putRefs, spansOf, withoutAccepts, type RecordSpan } from './batch-region.ts';
import { deposit, deposited, depositsUndone } from './depositing.ts';
import { nearlyFull, troubleOf } from './disk-trouble.ts';
import { Drafts } from './drafts.ts';
import { keepHouse } from './housekeeping.ts';
import { reserveShareInHand } from './limits.ts';
import { openShard } from './open-shard.ts';
import { partAt, partedAt, readFront, type ContentFront } from './parts.ts';
import { acceptHead, changeHead } from './payload.ts';
import { frameBytes, recordTypes, sealAll } from './record.ts';
import type { ReplayedDues } from './replayed-dues.ts';
import { loadEntries, replayedEntries, type SetAsideFacts } from './replayed-entries.ts';
import { ensureReserve } from './reserve.ts';
import { returnDue } from './returning.ts';
import type { JournalPosition } from './segment-files.ts';
import { durableEnd, statsOf, type Batch, type CommitReply, type DraftReply, type ShardReport } from './shard-report.ts';
import type { ShardOptions, ShardState, SpoolLog } from './shard-state.ts';

export class Shard {
  readonly logId: string;
  readonly #state: ShardState;
  readonly #log: SpoolLog;
  readonly #damaged: number;
  readonly #drafts: Drafts;
  #dues: ReplayedDues | null;
  #trouble: SpoolTrouble | null = null;
  /** The last journal record could be written, or there is room for the next. */
  #writable = true;
  #uncheckedBytes = 0;
  #retiredSeen = 0;
  #batches = 0;
  #setAside = 0;
  readonly #far: Iterator<FarCount[]>;
  #replay: Iterator<RecoveredBatch> | null = null;

  constructor(options: ShardOptions) {
    this.#log = options.log;
    const { state, dues, far, logId, damaged } = openShard(options);
    this.#state = state;
    this.#dues = dues;
    this.#far = far.batches(options.limits.recoverBatch);
    this.logId = logId;
    this.#damaged = damaged;
    this.#drafts = new Drafts(state);
    this.#checkFree();
    // Started on a full disk: whether outcomes can be recorded has to be known before the first attempt.
    if (this.#trouble !== null) this.probe();
  }

  /** The next live entries, empty when all were given: those due at `nowMs` of the first call, then the others. First how many are left out. */
  recoverBatch(nowMs: number): RecoveredBatch {
    // What is live now is to be handed out; what comes back from the depot meanwhile is not.
    if (this.#dues !== null) this.#replay = replayedEntries(this.#state, { dues: this.#dues, nowMs }, (facts) => this.#report(facts));
    this.#dues = null;
    const counts = this.#far.next();
    if (counts.done !== true) return { ...wholeEntries([]), far: counts.value };
    const next = this.#replay?.next();
    if (next && next.done !== true) return next.value;
    this.#replay = null;
    return wholeEntries([]);
  }

  /** The next entries that come back from the depot; empty when no more are due by `untilMs`, or nothing may be sent in any case. */
  give(untilMs: number): ReturnedBatch {
    if (this.#trouble?.deliveryMayGoOn === false) return { ...wholeEntries([]), nextMs: this.#state.depot.nextMs() };
    const batch = returnDue(this.#state, untilMs, (facts) => this.#report(facts));
    this.#house();
    return batch;
  }

  commit(batch: Batch): CommitReply {
    this.#batches += 1;
    const { journal, content } = this.#state;
    const spans = spansOf(batch.journal);
    const contents = spansOf(batch.content);
    const accepts = spans.filter(({ type }) => type === recordTypes.accept);
    let refused = this.#trouble;
    let refs: ContentRef[] = [];
    if (refused === null && contents.length > 0) {
      try {
        const at = content.append(batch.content, (place, seed) => sealAll(batch.content, place.offset, seed));
        refs = contents.map((span) => ({ segment: at.segment, offset: at.offset + span.start, length: span.end - span.start }));
      } catch (error) {
        refused = troubleOf(error, true);
      }
    }
    const kept = refused === null || accepts.length === 0 ? { region: batch.journal, spans } : withoutAccepts(batch.journal, spans);
    let recorded = true;
    if (kept.spans.length > 0) {
      const deposits = deposit(this.#state, kept.region, kept.spans, refused === null);
      try {
        putRefs(kept.region, kept.spans, refs);
        const at = journal.append(kept.region, (place, seed) => sealAll(kept.region, place.offset, seed));
        this.#apply(kept.region, kept.spans, at);
        deposited(this.#state, deposits);
      } catch (error) {
        depositsUndone(this.#state, deposits);
        recorded = false;
        refused = troubleOf(error, false);
      }
    }
    this.#uncheckedBytes += batch.journal.length + batch.content.length;
    this.#state.unkeptBytes += batch.journal.length + batch.content.length;
    if (accepts.length > contents.length) this.#settleDrafts(batch.journal, accepts);
    this.#settle(refused, recorded);
    const accepted = refused === null ? refs.flatMap((ref) => [ref.segment, ref.offset, ref.length]) : [];
    return { refs: accepted, refused: accepts.length > 0 ? refused : null, recorded, ...this.report() };
  }

  /** Looks whether trouble is over; makes a new segment when the last could not be written. */
  probe(): ShardReport {
    if (this.#trouble !== null) {
      try {
        this.#state.journal.ensureCurrent();
        this.#writable = true;
        this.#checkFree();
      } catch (error) {
        this.#writable = false;
        this.#setTrouble(troubleOf(error, false));
      }
    }
    this.#house();
    return this.report();
  }

  /** Live entries by their ids; null for one that is over or whose record is damaged, which is reported. */
  load(entryIds: readonly string[]): (RecipientEntry | null)[] {
    return loadEntries(this.#state, entryIds, (facts) => this.#report(facts));
  }

  /** The content as it was accepted, or the beginning of one in parts; null when it is missing or fails its checksum. */
  read(ref: ContentRef): ContentFront | null {
    return readFront(this.#state.reader, this.#state.live.currentRef(ref));
  }

  /** A part of a content in parts; null when it is missing or fails its checksum. */
  readPart(ref: ContentRef, n: number): Buffer | null {
    const parted = partedAt(this.#state.reader, ref);
    return parted && partAt(this.#state.reader, ref, parted, n);
  }

  /** The next part of a content that comes in parts. What is refused is gone. */
  appendPart(draft: number, part: Uint8Array): DraftReply {
    this.#uncheckedBytes += part.length;
    this.#state.unkeptBytes += part.length;
    return this.#drafting(draft, () => this.#drafts.append(draft, part));
  }

  /** Makes it durable and gives its place, for an accept to name. */
  finishDraft(draft: number, facts: ContentFacts): DraftReply & { ref: ContentRef | null } {
    let ref: ContentRef | null = null;
    const reply = this.#drafting(draft, () => (ref = this.#drafts.finish(draft, facts)));
    return { ...reply, ref };
  }

  discardDraft(draft: number): void {
    this.#drafts.discard(draft);
  }

  /** Events before this position are copied elsewhere: the log may forget them. */
  releaseShipped(position: JournalPosition): void {
    if (position.segment > this.report().durable.segment)
      return this.#log(
        'error',
        'more is copied than this log holds: a restored folder has to lose its log-id; nothing is removed',
        position,
      );
    this.#state.shipped = position;
    this.#house();
  }

  report(): ShardReport {
    const stats = statsOf(this.#state, { batches: this.#batches, damaged: this.#damaged, setAside: this.#setAside });
    const durable = durableEnd(this.#state.journal);
    return { trouble: this.#trouble, writable: this.#writable, durable, stats };
  }

  close(): void {
    this.#drafts.close();
    this.#state.journal.close();
    this.#state.content.close();
    this.#state.waiting.close();
    this.#state.cold.close();
    this.#state.reader.close();
  }

  #settleDrafts(region: Buffer, accepts: readonly RecordSpan[]): void {
    for (const { start, end } of accepts) this.#drafts.settled(acceptHead(region.subarray(start + frameBytes, end)).content);
  }

  #drafting(draft: number, work: () => void): DraftReply {
    let refused = this.#trouble;
    if (refused === null) {
      try {
        work();
        if (this.#uncheckedBytes >= this.#state.limits.freeCheckBytes) this.#checkFree();
      } catch (error) {
        if (error instanceof RangeError) throw error;
        refused = troubleOf(error, true);
        this.#setTrouble(refused);
      }
    }
    if (refused !== null) this.#drafts.discard(draft);
    return { refused, ...this.report() };
  }

  /** The batch is on disk: it counts now. */
  #apply(region: Buffer, spans: readonly RecordSpan[], at: JournalPosition): void {
    const { live } = this.#state;
    for (const span of spans) {
      const payload = region.subarray(span.start + frameBytes, span.end);
      const place = { segment: at.segment, offset: at.offset + span.start, length: span.end - span.start };
      if (span.type === recordTypes.accept) {
        const head = acceptHead(payload);
        live.began(head.messageId, place, head.content, head.recipients, null);
        continue;
      }
      const head = changeHead(payload);
      if (head.kind === 'end') live.ended(head.messageId, head.index);
      else if (head.kind === 'retry') live.retried(head.messageId, head.index, place);
    }
  }

  #settle(refused: SpoolTrouble | null, recorded: boolean): void {
    this.#writable = recorded;
    if (refused !== null && (this.#trouble === null || !recorded)) this.#setTrouble(refused);
    else if (recorded && this.#trouble !== null) this.#setTrouble({ ...this.#trouble, deliveryMayGoOn: true });
    const retired = this.#state.journal.retired + this.#state.content.retired;
    const look = this.#uncheckedBytes >= this.#state.limits.freeCheckBytes || retired > this.#retiredSeen;
    this.#retiredSeen = retired;
    if (this.#trouble === null && look) this.#checkFree();
    if (recorded) this.#house();
  }

  /** Looks at the free space and at the reserve; trouble ends here when both are as they should be. */
  #checkFree(): void {
    this.#uncheckedBytes = 0;
    const { files, shard, limits } = this.#state;
    try {
      const enough = this.#trouble === null ? limits.softFreeBytes : limits.resumeFreeBytes;
      if (files.freeBytes(shard) < enough) return this.#setTrouble(nearlyFull);
      ensureReserve(files, shard, limits.reserveBytes);
      this.#state.journal.reserveRenewed();
      this.#setTrouble(null);
    } catch (error) {
      this.#setTrouble(troubleOf(error, true));
    }
  }

  #report(facts: SetAsideFacts): void {
    this.#setAside += 1;
    this.#log('error', 'an injection was set aside: its content or record is missing or damaged', facts);
  }

  /** False when what is left of the reserve is for the outcomes of attempts that run already. */
  #roomForMore(): boolean {
    const { files, shard, journal, limits } = this.#state;
    if (journal.current?.reserve !== true) return true;
    const inHand = limits.reserveBytes * reserveShareInHand;
    return limits.reserveBytes - journal.current.end >= inHand || files.freeBytes(shard) >= inHand;
  }

  #setTrouble(given: SpoolTrouble | null): void {
    const trouble = given?.deliveryMayGoOn === true && !this.#roomForMore() ? { ...given, deliveryMayGoOn: false } : given;
    if (trouble?.message !== this.#trouble?.message || trouble?.deliveryMayGoOn !== this.#trouble?.deliveryMayGoOn) {
      if (trouble === null) this.#log('info', 'the spool accepts again', {});
      else this.#log('error', trouble.message, { code: trouble.code, deliveryMayGoOn: trouble.deliveryMayGoOn });
    }
    this.#trouble = trouble;
  }

  /** Housekeeping never fails a batch: what it could not do it tries again later. */
  #house(): void {
    try {
      keepHouse(this.#state, this.#trouble === null || this.#trouble.message === nearlyFull.message);
    } catch (error) {
      this.#log('warn', 'housekeeping of the spool failed', { code: troubleOf(error, true).message });
    }
  }
}
