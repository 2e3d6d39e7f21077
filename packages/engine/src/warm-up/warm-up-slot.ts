// A ladder in the engine, with what waits for it: the lines that found it closed, and the time at which it opens again.
import type { WarmUpLadder } from '@sluice/policy';
import type { Task } from '../queue/agenda.ts';
import type { WarmUpLine } from './warm-up-line.ts';

export class WarmUpSlot implements Task {
  readonly ladder: WarmUpLadder;
  readonly lines = new Set<WarmUpLine>();
  /** Days that ended and are not on disk yet. */
  unkeptDays = 0;
  dueMs = Infinity;
  readonly #run: (slot: WarmUpSlot, nowMs: number) => void;

  constructor(ladder: WarmUpLadder, run: (slot: WarmUpSlot, nowMs: number) => void) {
    this.ladder = ladder;
    this.#run = run;
  }

  get sourceId(): string {
    return this.ladder.way.sourceId;
  }

  get key(): string {
    return this.ladder.way.key;
  }

  run(nowMs: number): void {
    this.#run(this, nowMs);
  }
}
