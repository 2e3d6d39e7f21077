// What cannot be recorded is not delivered: paths that want to deliver while the recorder is full or the disk in trouble stand here, and go
// on when outcomes can be written again.
import { task } from './agenda.ts';
import type { ReadyPath } from './ready-path.ts';
import { thoseNow, type Sliced } from './slices.ts';
import type { Worker } from './worker.ts';

/** How often a worker that may not deliver looks whether it may again. */
const lookMs = 1000;

export class RecordingPause {
  readonly #worker: Worker;
  readonly #goOn: (path: ReadyPath, nowMs: number) => void;
  readonly #paused = new Set<ReadyPath>();
  readonly #look = task((nowMs) => this.over(nowMs));

  constructor(worker: Worker, goOn: (path: ReadyPath, nowMs: number) => void) {
    this.#worker = worker;
    this.#goOn = goOn;
  }

  /** Whether the path has to wait. */
  stops(path: ReadyPath, nowMs: number): boolean {
    const trouble = this.#worker.spool.trouble();
    if (!this.#worker.recorder.full && (trouble === null || trouble.deliveryMayGoOn)) return false;
    this.#paused.add(path);
    this.#worker.agenda.schedule(this.#look, nowMs + lookMs);
    return true;
  }

  /** The spool may record again: all that stand here look anew. */
  over(nowMs: number): void {
    if (this.#paused.size > 0) void this.#worker.slices.run(this.#resuming(nowMs));
  }

  *#resuming(nowMs: number): Sliced<void> {
    for (const path of thoseNow(this.#paused, this.#paused.size)) {
      this.#paused.delete(path);
      this.#goOn(path, nowMs);
      yield;
    }
  }
}
