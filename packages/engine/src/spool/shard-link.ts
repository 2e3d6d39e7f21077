// How the engine's thread talks to the shard. In process it is a call (tests, the power-cut drill); otherwise a worker thread of its own, so
// that a fdatasync waits for the disk and for nothing else. Regions of a batch are transferred, not copied, and come back for reuse.
import { Worker } from 'node:worker_threads';
import { systemClock } from '../host/clock.ts';
import type { ContentFacts, ContentRef, RecipientEntry } from '../entry.ts';
import type { ContentFront } from './parts.ts';
import type { SpoolFormatCode } from './record.ts';
import { SpoolFormatError } from './record.ts';
import { ReleasingMap } from '../releasing.ts';
import type { JournalPosition } from './segment-files.ts';
import type { Batch, CommitReply, DraftReply, ShardReport } from './shard-report.ts';
import type { ShardOptions, SpoolLog } from './shard-state.ts';
import type { RecoveredBatch, ReturnedBatch } from '../waiting-entries.ts';
import { Shard } from './shard.ts';

/** `ref` null: it was refused. */
type FinishReply = DraftReply & { ref: ContentRef | null };

export interface ShardLink {
  /** When the next batch should be closed: what lines up until then goes along. */
  gathered(): Promise<void>;
  /** The same, and then a while longer, until `count` of what lines up is enough or no longer grows from one moment to the next. */
  linedUp(count: () => number): Promise<void>;
  /** After the call the batch's buffers belong to the shard; the reply may bring buffers to use again. */
  commit(batch: Batch): Promise<{ reply: CommitReply; buffers: Buffer[] }>;
  recoverBatch(nowMs: number): Promise<RecoveredBatch>;
  give(untilMs: number): Promise<ReturnedBatch>;
  load(entryIds: readonly string[]): Promise<(RecipientEntry | null)[]>;
  read(ref: ContentRef): Promise<ContentFront | null>;
  readPart(ref: ContentRef, n: number): Promise<Buffer | null>;
  /** After the call the part's memory belongs to the shard. */
  appendPart(draft: number, part: Uint8Array): Promise<DraftReply>;
  finishDraft(draft: number, facts: ContentFacts): Promise<FinishReply>;
  discardDraft(draft: number): Promise<void>;
  probe(): Promise<ShardReport>;
  releaseShipped(position: JournalPosition): Promise<ShardReport>;
  close(): Promise<void>;
}

export type Opened = { link: ShardLink; logId: string; report: ShardReport };

export function openInProcess(options: ShardOptions): Opened {
  const shard = new Shard(options);
  const link: ShardLink = {
    gathered: async () => undefined,
    linedUp: async () => undefined,
    commit: async (batch) => ({ reply: shard.commit(batch), buffers: [batch.journal, batch.content] }),
    recoverBatch: async (nowMs) => shard.recoverBatch(nowMs),
    give: async (untilMs) => shard.give(untilMs),
    load: async (entryIds) => shard.load(entryIds),
    read: async (ref) => shard.read(ref),
    readPart: async (ref, n) => shard.readPart(ref, n),
    appendPart: async (draft, part) => shard.appendPart(draft, part),
    finishDraft: async (draft, facts) => shard.finishDraft(draft, facts),
    discardDraft: async (draft) => shard.discardDraft(draft),
    probe: async () => shard.probe(),
    releaseShipped: async (position) => {
      shard.releaseShipped(position);
      return shard.report();
    },
    close: async () => shard.close(),
  };
  return { link, logId: shard.logId, report: shard.report() };
}

export type ThreadData = Omit<ShardOptions, 'files' | 'monotonicMs' | 'log'>;
/** Lengths, since a buffer larger than its content travels whole and comes back. */
export type Request =
  | { id: number; kind: 'commit'; journal: ArrayBuffer; journalBytes: number; content: ArrayBuffer; contentBytes: number }
  | { id: number; kind: 'probe' | 'close' }
  | { id: number; kind: 'recoverBatch'; nowMs: number }
  | { id: number; kind: 'give'; untilMs: number }
  | { id: number; kind: 'load'; entryIds: readonly string[] }
  | { id: number; kind: 'read'; ref: ContentRef }
  | { id: number; kind: 'readPart'; ref: ContentRef; n: number }
  | { id: number; kind: 'appendPart'; draft: number; part: Uint8Array }
  | { id: number; kind: 'finishDraft'; draft: number; facts: ContentFacts }
  | { id: number; kind: 'discardDraft'; draft: number }
  | { id: number; kind: 'releaseShipped'; position: JournalPosition };
export type Answer =
  | { kind: 'opened'; logId: string; report: ShardReport }
  | { kind: 'refused'; code: SpoolFormatCode | null; message: string }
  | { kind: 'log'; level: Parameters<SpoolLog>[0]; message: string; facts: Parameters<SpoolLog>[2] }
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'failed'; id: number; message: string };
type Ask = Request extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

/** From one batch to the next, while there is more with every moment and not yet enough (measured, ADR 0006). */
const betweenBatchesMs = 8;
const enough = 16;
const momentMs = 1;

/** Nothing else lies in its memory, which can move to another thread. */
const isAlone = (bytes: Uint8Array): boolean => bytes.length === bytes.buffer.byteLength;
const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const arrayBufferOf = (buffer: Buffer): ArrayBuffer => buffer.buffer as ArrayBuffer;

class ThreadLink implements ShardLink {
  readonly #worker: Worker;
  readonly #waiting = new ReleasingMap<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  #nextId = 1;
  /** The last batch, by the monotonic clock. */
  #begunMs = 0;
  #ended: Error | null = null;

  constructor(worker: Worker, log: SpoolLog) {
    this.#worker = worker;
    worker.on('message', (answer: Answer) => this.#take(answer, log));
    worker.on('error', (error) => this.#end(error));
    worker.on('exit', () => this.#end(new Error('the spool thread ended')));
  }

  /** The end of the present turn of the loop, which costs no time when nothing else is to do. */
  gathered(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  async linedUp(count: () => number): Promise<void> {
    await this.gathered();
    let before = 0;
    while (count() > before && count() < enough && systemClock.monotonicMs() < this.#begunMs + betweenBatchesMs) {
      before = count();
      await new Promise<void>((resolve) => systemClock.setTimer(momentMs, resolve));
    }
  }

  async commit(batch: Batch): Promise<{ reply: CommitReply; buffers: Buffer[] }> {
    this.#begunMs = systemClock.monotonicMs();
    const [journal, content] = [arrayBufferOf(batch.journal), arrayBufferOf(batch.content)];
    const ask: Ask = { kind: 'commit', journal, journalBytes: batch.journal.length, content, contentBytes: batch.content.length };
    const value = await this.#ask<{ reply: CommitReply; buffers: ArrayBuffer[] }>(ask, [journal, content]);
    return { reply: value.reply, buffers: value.buffers.map((buffer) => Buffer.from(buffer)) };
  }

  recoverBatch(nowMs: number): Promise<RecoveredBatch> {
    return this.#ask({ kind: 'recoverBatch', nowMs });
  }

  give(untilMs: number): Promise<ReturnedBatch> {
    return this.#ask({ kind: 'give', untilMs });
  }

  load(entryIds: readonly string[]): Promise<(RecipientEntry | null)[]> {
    return this.#ask({ kind: 'load', entryIds });
  }

  async read(ref: ContentRef): Promise<ContentFront | null> {
    const stored = await this.#ask<(Omit<ContentFront, 'bytes'> & { bytes: Uint8Array }) | null>({ kind: 'read', ref });
    return stored && { ...stored, bytes: bufferOf(stored.bytes) };
  }

  async readPart(ref: ContentRef, n: number): Promise<Buffer | null> {
    const part = await this.#ask<Uint8Array | null>({ kind: 'readPart', ref, n });
    return part && bufferOf(part);
  }

  appendPart(draft: number, part: Uint8Array): Promise<DraftReply> {
    return this.#ask({ kind: 'appendPart', draft, part }, isAlone(part) ? [part.buffer as ArrayBuffer] : []);
  }

  finishDraft(draft: number, facts: ContentFacts): Promise<FinishReply> {
    return this.#ask({ kind: 'finishDraft', draft, facts });
  }

  discardDraft(draft: number): Promise<void> {
    return this.#ask({ kind: 'discardDraft', draft });
  }

  probe(): Promise<ShardReport> {
    return this.#ask({ kind: 'probe' });
  }

  releaseShipped(position: JournalPosition): Promise<ShardReport> {
    return this.#ask({ kind: 'releaseShipped', position });
  }

  async close(): Promise<void> {
    if (this.#ended === null) await this.#ask({ kind: 'close' });
    await this.#worker.terminate();
  }

  #ask<T>(ask: Ask, transfer: ArrayBuffer[] = []): Promise<T> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...ask }, transfer);
    });
  }

  #take(answer: Answer, log: SpoolLog): void {
    if (answer.kind === 'log') return log(answer.level, answer.message, answer.facts);
    if (answer.kind !== 'answer' && answer.kind !== 'failed') return;
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.kind === 'answer') waiting?.resolve(answer.value as never);
    else waiting?.reject(new Error(answer.message));
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#ended);
    this.#waiting.clear();
  }
}

/** Starts the spool thread on the real disk; rejects with a SpoolFormatError when the directory is refused. */
export function openInThread(options: ThreadData, log: SpoolLog): Promise<Opened> {
  const worker = new Worker(new URL('./shard-thread.ts', import.meta.url), {
    workerData: options,
    name: `spool-${options.worker}`,
    resourceLimits: { maxYoungGenerationSizeMb: 24 },
  });
  const link = new ThreadLink(worker, log);
  return new Promise((resolve, reject) => {
    const first = (answer: Answer): void => {
      if (answer.kind === 'log') return;
      worker.off('message', first);
      if (answer.kind === 'opened') return resolve({ link, logId: answer.logId, report: answer.report });
      const message = answer.kind === 'refused' ? answer.message : 'the spool thread did not open';
      const code = answer.kind === 'refused' ? answer.code : null;
      void worker.terminate();
      reject(code === null ? new Error(message) : new SpoolFormatError(code, message));
    };
    worker.on('message', first);
    worker.once('error', reject);
  });
}
