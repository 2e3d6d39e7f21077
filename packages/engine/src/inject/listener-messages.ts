// What the engine's thread and the listener's say to each other. What both look at all the time lies in shared memory instead, so that
// nobody is woken for it.
import type { EntityKind } from '@sluice/contract';
import type { ContentFacts, ContentRef, Injection } from '../entry.ts';
import type { SpoolTrouble } from '../ports.ts';
import type { SubmissionOptions } from './transaction.ts';

export type ThreadData = { options: SubmissionOptions; state: SharedArrayBuffer };

/** An entity of the running configuration that came, changed or, with a null body, went. */
export type ChangedEntity = { kind: EntityKind; id: string; revision: number; body: unknown };

export type ToListener =
  /** `revision` is null while more of it follows. */
  | { kind: 'configuration'; changed: ChangedEntity[]; revision: number | null }
  /** What became of injections, by their numbers. */
  | { kind: 'results'; numbers: number[]; codes: ResultCode[] }
  /** What became of the last part of a draft, or of its end; `ref` is its place then. */
  | { kind: 'drafted'; number: number; code: ResultCode; ref: ContentRef | null }
  /** Look at the shared memory from now on, and say so. */
  | { kind: 'heed'; number: number }
  | { kind: 'listen' }
  | { kind: 'close'; graceMs: number };

/** A content too large to be held, by a number of the thread: its parts one at a time, its end, or that it is of no use. */
export type DraftMessage =
  | { kind: 'part'; number: number; part: Uint8Array }
  | { kind: 'finish'; number: number; facts: ContentFacts }
  | { kind: 'discard'; number: number };

export type FromListener =
  | DraftMessage
  | { kind: 'listening'; port: number }
  | { kind: 'refused'; code: string; message: string }
  | { kind: 'configured'; revision: number }
  | { kind: 'heeded'; number: number }
  | { kind: 'injections'; numbers: number[]; injections: Injection[] }
  | { kind: 'log'; event: 'refused' | 'auth_failed' | 'session_error'; facts: Record<string, unknown> }
  | { kind: 'closed' };

/** `failed`: neither accepted nor refused by the spool; a fault of ours. */
export type ResultCode = 'accepted' | SpoolTrouble['code'] | 'failed';

const places = { takesMail: 0, trouble: 1, connections: 2, taken: 3 } as const;
const troubles = [null, 'disk_full', 'io_error'] as const;

/** The numbers that both threads see. */
export class ListenerState {
  static readonly bytes = Object.keys(places).length * Int32Array.BYTES_PER_ELEMENT;
  readonly #cells: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#cells = new Int32Array(memory);
  }

  /** For a thread that begins. */
  reset(): void {
    Atomics.store(this.#cells, places.connections, 0);
    Atomics.store(this.#cells, places.taken, 0);
  }

  /** Set by the engine: whether new mail may come, and why the spool takes none. */
  say(takesMail: boolean, trouble: SpoolTrouble['code'] | null): void {
    Atomics.store(this.#cells, places.takesMail, takesMail ? 1 : 0);
    Atomics.store(this.#cells, places.trouble, troubles.indexOf(trouble));
  }

  get takesMail(): boolean {
    return Atomics.load(this.#cells, places.takesMail) === 1;
  }

  get trouble(): { code: SpoolTrouble['code'] } | null {
    const code = troubles[Atomics.load(this.#cells, places.trouble)] ?? null;
    return code === null ? null : { code };
  }

  /** Open connections, as the listener counted them last. */
  get connections(): number {
    return Atomics.load(this.#cells, places.connections);
  }

  set connections(count: number) {
    Atomics.store(this.#cells, places.connections, count);
  }

  /** Messages with injections that the engine has taken up so far. */
  get taken(): number {
    return Atomics.load(this.#cells, places.taken);
  }

  take(): void {
    Atomics.add(this.#cells, places.taken, 1);
  }
}
