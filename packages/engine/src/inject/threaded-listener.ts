// The listener as the engine's thread sees it: a thread of its own behind the same few calls. Brings the thread the configuration, takes
// what it received into spool and queue, and tells it what became of that. A thread that ends is replaced: its sessions are gone, and what
// they had no 250 for their clients send again.
import { Worker } from 'node:worker_threads';
import type { Configuration } from '../config/configuration.ts';
import { emptyEntitySet, type EntitySet } from '../config/entity-set.ts';
import type { Injection } from '../entry.ts';
import { passedOutsideHeap } from '../outside-heap.ts';
import { SpoolError, type Clock, type ContentDraft, type SpoolTrouble } from '../ports.ts';
import { ConfigurationSender } from './configuration-copy.ts';
import { ListenerState, type FromListener, type ResultCode, type ThreadData, type ToListener } from './listener-messages.ts';
import { ListenerDrafts } from './listener-drafts.ts';
import type { SubmissionOptions, SubmissionPorts } from './transaction.ts';

/** How old what the thread knows of trouble may be. What it hands over meanwhile is refused here. */
const sayEveryMs = 100;
const startAgainMs = 1_000;
/** Room for the messages of a turn or two; what is larger lies outside the heap. */
const youngGenerationMb = 48;

export type ListenerPorts = {
  clock: Clock;
  configuration: Pick<Configuration, 'onSwap'>;
  /** Resolves when the message is on disk and with the queue. */
  accept(injection: Injection): Promise<void>;
  /** Where the content of a large message goes. */
  draft(): ContentDraft;
  trouble(): SpoolTrouble | null;
  takesMail(): boolean;
  log: SubmissionPorts['log'];
  onProblem(message: string): void;
};

type StartWorker = (data: ThreadData) => Worker;

const startListenerWorker: StartWorker = (workerData) =>
  new Worker(new URL('./listener-thread.ts', import.meta.url), {
    ...{ workerData, name: 'listener' },
    resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
  });

/** One thread, from its start to its end. */
class ListenerThread {
  readonly #worker: Worker;
  readonly #configuration: ConfigurationSender;
  readonly #configured = new Map<number, (() => void)[]>();
  readonly #heeding = new Map<number, () => void>();
  #heedings = 0;
  /** The next answer of a kind that is asked for once. */
  #answer: (message: FromListener) => void = () => undefined;
  readonly drafts: ListenerDrafts;
  ended = false;

  constructor(
    startWorker: StartWorker,
    data: ThreadData,
    drafts: ListenerDrafts,
    take: (message: FromListener, thread: ListenerThread) => void,
    onEnd: (reason: string) => void,
  ) {
    this.#worker = startWorker(data);
    this.drafts = drafts;
    this.#configuration = new ConfigurationSender((message) => this.send(message));
    const end = (reason: string): void => {
      if (this.ended) return;
      this.ended = true;
      drafts.end();
      for (const waiting of this.#configured.values()) for (const done of waiting) done();
      for (const done of this.#heeding.values()) done();
      this.#answer({ kind: 'refused', code: '', message: reason });
      onEnd(reason);
    };
    this.#worker.on('message', (message: FromListener) => {
      if (message.kind === 'configured') this.#haveConfigured(message.revision);
      else if (message.kind === 'heeded') this.#hasHeeded(message.number);
      else if (message.kind === 'listening' || message.kind === 'refused' || message.kind === 'closed') this.#answer(message);
      else take(message, this);
    });
    this.#worker.once('error', (error) => end(error.message));
    this.#worker.once('exit', () => end('the listener thread ended'));
  }

  send(message: ToListener): void {
    if (!this.ended) this.#worker.postMessage(message);
  }

  ask(message: ToListener): Promise<FromListener> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.send(message);
    });
  }

  /** Resolves when the thread goes by what the shared memory says now, or has ended. */
  heed(): Promise<void> {
    if (this.ended) return Promise.resolve();
    this.#heedings += 1;
    const number = this.#heedings;
    return new Promise((resolve) => {
      this.#heeding.set(number, resolve);
      this.send({ kind: 'heed', number });
    });
  }

  /** Resolves when the thread runs the revision, or has ended. */
  async configure(entities: EntitySet): Promise<void> {
    const { revision } = entities;
    if (this.ended) return;
    const done = new Promise<void>((resolve) => {
      const waiting = this.#configured.get(revision);
      if (waiting) waiting.push(resolve);
      else this.#configured.set(revision, [resolve]);
    });
    await this.#configuration.bring(entities);
    await done;
  }

  async end(): Promise<void> {
    this.ended = true;
    await this.#worker.terminate();
  }

  #hasHeeded(number: number): void {
    this.#heeding.get(number)?.();
    this.#heeding.delete(number);
  }

  /** A revision stands for those before it. */
  #haveConfigured(revision: number): void {
    for (const [waited, callers] of this.#configured) {
      if (waited > revision) continue;
      this.#configured.delete(waited);
      for (const done of callers) done();
    }
  }
}

export class ThreadedListener {
  readonly #ports: ListenerPorts;
  readonly #data: ThreadData;
  readonly #state: ListenerState;
  readonly #startWorker: StartWorker;
  #thread: ListenerThread;
  #entities = emptyEntitySet;
  #results: { thread: ListenerThread; numbers: number[]; codes: ResultCode[] } | null = null;
  #closing = false;
  #stopSaying: () => void = () => undefined;

  constructor(ports: ListenerPorts, options: SubmissionOptions, startWorker = startListenerWorker) {
    this.#ports = ports;
    this.#startWorker = startWorker;
    const { key, cert } = options.tls;
    const memory = new SharedArrayBuffer(ListenerState.bytes);
    this.#data = { options: { ...options, tls: { key: key.toString(), cert: cert.toString() } }, state: memory };
    this.#state = new ListenerState(memory);
    this.#thread = this.#start();
    ports.configuration.onSwap((_generation, entities) => {
      this.#entities = entities;
      return this.#thread.configure(entities);
    });
    this.#say();
  }

  /** Opens the port; resolves with the one in use. Rejects with Node's listen error. */
  async listen(): Promise<number> {
    // What was said when the thread began may be over: a node that is drained refuses the first who connects.
    this.#say();
    const answer = await this.#thread.ask({ kind: 'listen' });
    if (answer.kind === 'listening') {
      // Another thread takes the same.
      this.#data.options.port = answer.port;
      return answer.port;
    }
    const { code, message } = answer.kind === 'refused' ? answer : { code: '', message: 'the listener thread did not listen' };
    throw Object.assign(new Error(message), { code });
  }

  get connections(): number {
    return this.#state.connections;
  }

  /** Whether mail is taken may have changed: resolves when no session begins a transaction by what held before. */
  heed(): Promise<void> {
    this.#say();
    return this.#thread.heed();
  }

  /** From now on nothing new is taken; resolves when the messages in hand have their reply and the port is closed. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    if (!this.#thread.ended) await this.#thread.ask({ kind: 'close', graceMs });
    this.#stopSaying();
    await this.#thread.end();
  }

  #start(): ListenerThread {
    this.#state.reset();
    return new ListenerThread(
      this.#startWorker,
      this.#data,
      new ListenerDrafts(() => this.#ports.draft(), this.#ports.onProblem),
      (message, thread) => this.#take(message, thread),
      (reason) => this.#ended(reason),
    );
  }

  #ended(reason: string): void {
    if (this.#closing) return;
    this.#ports.onProblem(reason);
    this.#ports.clock.setTimer(startAgainMs, () => {
      if (this.#closing) return;
      this.#thread = this.#start();
      void this.#thread.configure(this.#entities);
      this.listen().catch((error: Error) => this.#ports.onProblem(error.message));
    });
  }

  #take(message: FromListener, thread: ListenerThread): void {
    if (message.kind === 'log') return this.#ports.log(message.event, message.facts);
    if (message.kind === 'part' || message.kind === 'finish' || message.kind === 'discard')
      return thread.drafts.take(message, (answer) => thread.send(answer));
    if (message.kind !== 'injections') return;
    this.#state.take();
    message.injections.forEach((injection, index) => {
      passedOutsideHeap(injection.bytes.byteLength);
      const number = message.numbers[index] ?? -1;
      this.#ports.accept(injection).then(
        () => {
          if (injection.stored) thread.drafts.settled(injection.stored, true);
          this.#settle(thread, number, 'accepted');
        },
        (error: unknown) => {
          if (injection.stored) thread.drafts.settled(injection.stored, false);
          if (!(error instanceof SpoolError)) this.#ports.onProblem(error instanceof Error ? error.message : String(error));
          this.#settle(thread, number, error instanceof SpoolError ? error.code : 'failed');
        },
      );
    });
  }

  /** What ends in one turn of the loop goes back in one message: a batch of the spool. */
  #settle(thread: ListenerThread, number: number, code: ResultCode): void {
    if (this.#results?.thread !== thread) {
      const results = { thread, numbers: [], codes: [] };
      this.#results = results;
      setImmediate(() => {
        if (this.#results === results) this.#results = null;
        thread.send({ kind: 'results', numbers: results.numbers, codes: results.codes });
      });
    }
    this.#results?.numbers.push(number);
    this.#results?.codes.push(code);
  }

  #say(): void {
    this.#stopSaying();
    this.#state.say(this.#ports.takesMail(), this.#ports.trouble()?.code ?? null);
    this.#stopSaying = this.#ports.clock.setTimer(sayEveryMs, () => this.#say());
  }
}
