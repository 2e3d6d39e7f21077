// The signing threads as the engine sees them. Jobs that come within a moment, or while every thread is busy, line up and go out together as
// soon as one is free: under load a batch costs the engine's thread what a single job did. libuv's pool is left to others; handing it one
// RSA operation costs the loop several times what lining up does (measured, ADR 0007).
import type { KeyObject } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../ports.ts';
import type { SignatureJob, SignatureMaker } from './signature.ts';
import type { SignedBatch, SigningBatch } from './signing-thread.ts';

/** Jobs in one batch: the first of them waits for the last, at a quarter of a millisecond each. */
const maxBatch = 16;
/** What comes within so long goes out together: to wake a thread costs as much as several places in a batch. */
const gatherMs = 2;
/** Jobs that wait before a further thread is woken: a wake costs the engine's thread as much as several places in a batch. */
const wakeFurther = 4;
/** Keys a thread keeps; the one sent first is forgotten first. */
const maxKeys = 5_000;

type Waiting = { job: SignatureJob; resolve: (field: Uint8Array) => void; reject: (error: Error) => void };

class SigningThread {
  readonly #onIdle: () => void;
  readonly #known = new Map<KeyObject, number>();
  readonly #worker: Worker;
  #nextKey = 1;
  #open: Waiting[] = [];
  ended = false;

  constructor(name: string, onIdle: () => void, onEnd: (error: Error) => void) {
    this.#onIdle = onIdle;
    this.#worker = new Worker(new URL('./signing-thread.ts', import.meta.url), { name });
    this.#worker.unref();
    this.#worker.on('message', (signed: SignedBatch) => this.#settle(signed));
    const end = (error: Error): void => {
      if (this.ended) return;
      this.ended = true;
      for (const { reject } of this.#open.splice(0)) reject(error);
      onEnd(error);
    };
    this.#worker.once('error', end);
    this.#worker.once('exit', () => end(new Error('the signing thread ended')));
  }

  get idle(): boolean {
    return this.#open.length === 0 && !this.ended;
  }

  run(batch: Waiting[]): void {
    this.#open = batch;
    const message: SigningBatch = { learn: [], forget: [], headers: new Uint8Array(0), ends: [], jobs: [] };
    let octets = 0;
    for (const { job } of batch) {
      octets += job.header.length;
      message.ends.push(octets);
      const { bodyHash, domain, selector, timeSeconds } = job;
      message.jobs.push({ key: this.#keyNumber(job.key, message), bodyHash, domain, selector, timeSeconds });
    }
    message.headers = new Uint8Array(octets);
    batch.forEach(({ job }, index) => message.headers.set(job.header, (message.ends[index] ?? 0) - job.header.length));
    this.#worker.postMessage(message, [message.headers.buffer as ArrayBuffer]);
  }

  close(): Promise<number> {
    this.ended = true;
    return this.#worker.terminate();
  }

  #keyNumber(key: KeyObject, message: SigningBatch): number {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const number = this.#nextKey;
    this.#nextKey += 1;
    this.#known.set(key, number);
    message.learn.push({ number, key });
    const oldest = this.#known.size > maxKeys + maxBatch ? this.#known.entries().next().value : undefined;
    if (oldest) {
      this.#known.delete(oldest[0]);
      message.forget.push(oldest[1]);
    }
    return number;
  }

  #settle({ fields, ends, failures }: SignedBatch): void {
    const settled = this.#open;
    this.#open = [];
    const failed = new Map(failures.map(({ index, message }) => [index, message]));
    settled.forEach(({ resolve, reject }, index) => {
      const message = failed.get(index);
      if (message === undefined) resolve(fields.subarray(ends[index - 1] ?? 0, ends[index]));
      else reject(new Error(message));
    });
    this.#onIdle();
  }
}

export type SigningThreads = SignatureMaker & { close(): Promise<void> };

type SigningThreadsOptions = { threads: number; clock: Pick<Clock, 'setTimer'>; onProblem: (message: string) => void };

/** As many threads as the machine has cores keep it busy; more only preempt each other. A thread that ended is replaced by the next job. */
export function createSigningThreads(options: SigningThreadsOptions): SigningThreads {
  const waiting: Waiting[] = [];
  const threads: SigningThread[] = [];
  let closed = false;
  let handingOut = false;
  const start = (): SigningThread =>
    new SigningThread(
      'signing',
      () => handOut(),
      (error) => {
        options.onProblem(error.message);
        if (waiting.length > 0) handOutSoon();
      },
    );
  const give = (thread: SigningThread): void => {
    if (waiting.length > 0 && thread.idle) thread.run(waiting.splice(0, maxBatch));
  };
  const handOut = (): void => {
    handingOut = false;
    threads.forEach((thread, index) => {
      const living = thread.ended ? (threads[index] = start()) : thread;
      if (index === 0 || waiting.length >= wakeFurther) give(living);
    });
  };
  const handOutSoon = (): void => {
    if (handingOut || closed) return;
    handingOut = true;
    options.clock.setTimer(gatherMs, handOut);
  };
  for (let index = 0; index < options.threads; index += 1) threads.push(start());
  return {
    make(job) {
      return new Promise((resolve, reject) => {
        if (closed) return reject(new Error('the signing threads are closed'));
        waiting.push({ job, resolve, reject });
        handOutSoon();
      });
    },
    async close() {
      closed = true;
      for (const { reject } of waiting.splice(0)) reject(new Error('the signing threads are closed'));
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}
