// One timer for a whole worker. Whatever waits for a time is a task here; the clock is asked for one timer, for the earliest of them.
import { DueHeap } from '@sluice/policy';
import type { Clock } from '../ports.ts';

/** How long tasks are run in a row before the event loop has its turn; the rest follows at once after that. */
const turnMs = 5;

/** Something to do at a time. The agenda alone writes `dueMs`; Infinity means not on the agenda. */
export interface Task {
  dueMs: number;
  run(nowMs: number): void;
}

export class Agenda {
  readonly #clock: Clock;
  readonly #heap = new DueHeap<{ at: number; task: Task }>((item) => item.at);
  #armedFor = Infinity;
  #cancel: (() => void) | null = null;
  #stopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs the task at `atMs`, unless it is to run earlier anyway: a task looks at the world anew whenever it runs. */
  schedule(task: Task, atMs: number): void {
    if (this.#stopped || atMs >= task.dueMs) return;
    task.dueMs = atMs;
    this.#heap.push({ at: atMs, task });
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #arm(): void {
    const next = this.#heap.peek();
    if (!next || this.#stopped || next.at >= this.#armedFor) return;
    this.#cancel?.();
    this.#armedFor = next.at;
    this.#cancel = this.#clock.setTimer(Math.max(0, next.at - this.#clock.nowMs()), () => this.#fire());
  }

  #fire(): void {
    this.#armedFor = Infinity;
    this.#cancel = null;
    const nowMs = this.#clock.nowMs();
    const giveWayMs = this.#clock.monotonicMs() + turnMs;
    for (let next = this.#heap.peek(); next && next.at <= nowMs; next = this.#heap.peek()) {
      if (this.#clock.monotonicMs() >= giveWayMs) break;
      this.#heap.pop();
      if (next.task.dueMs !== next.at) continue;
      next.task.dueMs = Infinity;
      next.task.run(nowMs);
    }
    this.#arm();
  }
}

/** A task from a function, for the few that an engine has of its own. */
export function task(run: (nowMs: number) => void): Task {
  return { dueMs: Infinity, run };
}
