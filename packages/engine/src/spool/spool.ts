// The spool as the engine sees it. Calls line up here; one batch at a time goes to the shard, and whatever lined up while the disk was busy,
// or within some milliseconds if ever more comes, is the next batch (group commit). A promise settles only by what the shard says reached
// the disk. Outcomes that could not be recorded are kept, in order, and offered again until they are; accepts are refused at once while there
// is trouble.
import type { ContentRef, EgressMode, Injection, RecipientEntry, SpoolRecord, StoredContent } from '../entry.ts';
import type { AcceptedEntries, Clock, ContentDraft, Files, Random, Spool, SpoolTrouble } from '../ports.ts';
import { SpoolError } from '../ports.ts';
import { Contents } from './contents.ts';
import { closedTrouble, threadEnded } from './disk-trouble.ts';
import { defaultSpoolLimits, maxRecipients, type SpoolLimits } from './limits.ts';
import type { EntryDepot, RecoveredBatch } from '../waiting-entries.ts';
import { acceptedEntries } from './payload.ts';
import { Region } from './region.ts';
import type { JournalPosition } from './segment-files.ts';
import { openInProcess, openInThread, type Opened, type ShardLink } from './shard-link.ts';
import type { CommitReply, ShardReport, ShardStats } from './shard-report.ts';
import type { SpoolLog } from './shard-state.ts';
import { recordBytes, writeAll, type Waiting } from './waiting.ts';

export type SpoolOptions = {
  /** The spool's folder; the worker's shard is `worker-<n>` in it. */
  directory: string;
  node: string;
  worker: number;
  egress: EgressMode;
  clock: Clock;
  random: Random;
  log: SpoolLog;
  limits?: Partial<SpoolLimits>;
} & ({ thread: true } | { thread: false; files: Files });

export type SpoolStats = ShardStats & { pendingBytes: number; cachedBytes: number };

export interface OpenSpool extends Spool {
  /** Of this data folder; part of every event's id. */
  readonly logId: string;
  /** Events before this position are on disk. */
  durable(): JournalPosition;
  onDurable(listener: (position: JournalPosition) => void): () => void;
  /** Events before this position are copied elsewhere; the log may be shortened up to there. */
  releaseShipped(position: JournalPosition): void;
  stats(): SpoolStats;
}

/** First size of the buffers of a batch. */
const firstRegionBytes = 256 * 1024;

class BatchingSpool implements OpenSpool {
  readonly logId: string;
  readonly depot: EntryDepot = { give: (untilMs) => this.#link.give(untilMs) };
  readonly #link: ShardLink;
  readonly #clock: Clock;
  readonly #limits: SpoolLimits;
  readonly #log: SpoolLog;
  readonly #contents: Contents;
  readonly #listeners = new Set<(position: JournalPosition) => void>();
  #waiting: Waiting[] = [];
  #pendingBytes = 0;
  #spare: Buffer[] = [];
  #report: ShardReport;
  #flushing: Promise<void> | null = null;
  #cancelProbe: (() => void) | null = null;
  #failed: SpoolTrouble | null = null;
  #closing = false;

  constructor(opened: Opened, options: SpoolOptions, limits: SpoolLimits) {
    this.logId = opened.logId;
    this.#link = opened.link;
    this.#report = opened.report;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#limits = limits;
    this.#contents = new Contents({
      ...{ link: opened.link, log: options.log, cacheBytes: limits.cacheBytes },
      trouble: () => this.trouble(),
      take: (report) => this.#take(report),
    });
    this.#watchTrouble();
  }

  async *recover(): AsyncGenerator<RecoveredBatch, void> {
    for (;;) {
      const batch = await this.#link.recoverBatch(this.#clock.nowMs());
      if (batch.entries.length + batch.waiting.count + (batch.far?.length ?? 0) === 0) break;
      yield batch;
    }
    this.#take(await this.#link.probe());
  }

  accept(injection: Injection): Promise<AcceptedEntries> {
    const trouble = this.trouble();
    if (trouble !== null) return Promise.reject(new SpoolError(trouble));
    if (injection.recipients.length === 0 || injection.recipients.length > maxRecipients)
      throw new RangeError('an injection has 1 to 65,535 recipients');
    return new Promise((resolve, reject) => {
      const bytes = injection.bytes.byteLength + recordBytes * injection.recipients.length;
      this.#enqueue({ kind: 'accept', injection, bytes, resolve, reject });
    });
  }

  record(records: SpoolRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    if (this.#closing || this.#failed !== null) return Promise.reject(new SpoolError(this.trouble() ?? closedTrouble));
    return new Promise((resolve, reject) => {
      this.#enqueue({ kind: 'record', records, bytes: recordBytes * records.length, resolve, reject });
    });
  }

  load(entryIds: readonly string[]): Promise<(RecipientEntry | null)[]> {
    return this.#link.load(entryIds);
  }

  draft(): ContentDraft {
    return this.#contents.draft();
  }

  read(content: ContentRef): Promise<StoredContent> {
    return this.#contents.read(content);
  }

  trouble(): SpoolTrouble | null {
    return this.#failed ?? (this.#closing ? closedTrouble : this.#report.trouble);
  }

  durable(): JournalPosition {
    return this.#report.durable;
  }

  onDurable(listener: (position: JournalPosition) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  releaseShipped(position: JournalPosition): void {
    if (this.#failed !== null || this.#closing) return;
    this.#link.releaseShipped(position).then(
      (report) => this.#take(report),
      (error: Error) => this.#fail(error),
    );
  }

  stats(): SpoolStats {
    return { ...this.#report.stats, pendingBytes: this.#pendingBytes, cachedBytes: this.#contents.cache.bytes };
  }

  /** Writes what still waits, then lets go of the files. Outcomes that cannot be written are refused. */
  async close(): Promise<void> {
    this.#closing = true;
    while (this.#flushing !== null) await this.#flushing;
    this.#cancelProbe?.();
    this.#refuse(() => true, closedTrouble);
    await this.#link.close();
  }

  #enqueue(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#pendingBytes += waiting.bytes;
    this.#start();
  }

  /** Begins a run of batches after the present turn of the loop, so that what arrives with it goes along. */
  #start(): void {
    if (this.#flushing !== null || this.#failed !== null || this.#waiting.length === 0 || !this.#report.writable) return;
    this.#flushing = this.#link
      .gathered()
      .then(() => this.#flush())
      .catch((error: Error) => this.#fail(error))
      .finally(() => {
        this.#flushing = null;
        this.#start();
      });
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0 && this.#report.writable) {
      const taken = this.#takeBatch();
      const regions = { journal: this.#region(), content: this.#region() };
      await writeAll(taken, regions, this.#clock, () => this.#link.gathered());
      const { reply, buffers } = await this.#commit(taken, regions);
      this.#spare = buffers.filter((buffer) => buffer.length <= this.#limits.batchBytes * 2);
      this.#settle(taken, reply);
      // A batch costs much the same whether it holds one message or twenty.
      await this.#link.linedUp(() => this.#waiting.length);
    }
  }

  async #commit(taken: readonly Waiting[], regions: { journal: Region; content: Region }): ReturnType<ShardLink['commit']> {
    try {
      return await this.#link.commit({ journal: regions.journal.used(), content: regions.content.used() });
    } catch (error) {
      for (const waiting of taken) waiting.reject(new SpoolError(threadEnded));
      throw error;
    }
  }

  #takeBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const waiting of this.#waiting) {
      if (count > 0 && bytes + waiting.bytes > this.#limits.batchBytes) break;
      bytes += waiting.bytes;
      count += 1;
    }
    const taken = count === this.#waiting.length ? this.#waiting : this.#waiting.slice(0, count);
    this.#waiting = count === this.#waiting.length ? [] : this.#waiting.slice(count);
    this.#pendingBytes -= bytes;
    return taken;
  }

  #region(): Region {
    return new Region(this.#spare.pop() ?? Buffer.allocUnsafeSlow(firstRegionBytes));
  }

  #settle(taken: readonly Waiting[], reply: CommitReply): void {
    const unrecorded: Waiting[] = [];
    let next = 0;
    for (const waiting of taken) {
      if (waiting.kind === 'record') {
        if (reply.recorded) waiting.resolve();
        else unrecorded.push(waiting);
        continue;
      }
      if (reply.refused !== null) {
        waiting.reject(new SpoolError(reply.refused));
        continue;
      }
      const { injection } = waiting;
      if (injection.stored) {
        waiting.resolve({ entries: acceptedEntries(injection, injection.stored) });
        continue;
      }
      const [segment = 0, offset = 0, length = 0] = reply.refs.slice(next, next + 3);
      next += 3;
      const content = { segment, offset, length };
      const kept = { bytes: injection.bytes, facts: injection.facts, further: null };
      this.#contents.cache.put(content, kept, injection.recipients.length);
      waiting.resolve({ entries: acceptedEntries(injection, content) });
    }
    if (unrecorded.length > 0) {
      this.#waiting = [...unrecorded, ...this.#waiting];
      for (const waiting of unrecorded) this.#pendingBytes += waiting.bytes;
    }
    this.#take(reply);
  }

  #take(report: ShardReport): void {
    const before = this.#report.durable;
    this.#report = { trouble: report.trouble, writable: report.writable, durable: report.durable, stats: report.stats };
    this.#watchTrouble();
    if (before.segment === report.durable.segment && before.offset === report.durable.offset) return;
    for (const listener of this.#listeners) listener(report.durable);
  }

  #watchTrouble(): void {
    const { trouble } = this.#report;
    if (trouble === null) return;
    this.#refuse((waiting) => waiting.kind === 'accept', trouble);
    if (this.#cancelProbe !== null || this.#closing) return;
    this.#cancelProbe = this.#clock.setTimer(this.#limits.probeIntervalMs, () => {
      this.#cancelProbe = null;
      this.#link.probe().then(
        (report) => {
          this.#take(report);
          this.#start();
        },
        (error: Error) => this.#fail(error),
      );
    });
  }

  #refuse(which: (waiting: Waiting) => boolean, trouble: SpoolTrouble): void {
    const refused = this.#waiting.filter(which);
    if (refused.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => !which(waiting));
    for (const waiting of refused) {
      this.#pendingBytes -= waiting.bytes;
      waiting.reject(new SpoolError(trouble));
    }
  }

  /** The thread is gone: nothing can be kept any more. */
  #fail(error: Error): void {
    if (this.#failed !== null) return;
    this.#failed = threadEnded;
    this.#log('error', 'the spool thread ended', { reason: error.message });
    this.#refuse(() => true, this.#failed);
  }
}

/** Opens or makes the shard of a worker. Rejects with a SpoolFormatError when the directory is not for this reader. */
export async function openSpool(options: SpoolOptions): Promise<OpenSpool> {
  const limits = { ...defaultSpoolLimits, ...options.limits };
  const { directory, node, worker, egress } = options;
  const shard = { directory, node, worker, egress, limits, newLogId: options.random.uuid() };
  const opened = options.thread
    ? await openInThread(shard, options.log)
    : openInProcess({ ...shard, files: options.files, monotonicMs: () => options.clock.monotonicMs(), log: options.log });
  return new BatchingSpool(opened, options, limits);
}
