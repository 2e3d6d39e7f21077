// A ladder in the engine, with what waits for it: the lines that found it closed, and the time at which it opens again.
import type { WarmUpLadder } from '@sluice/policy';
import type { Task } from '../queue/agenda.ts';
import type { WarmUpLine } from './warm-up-line.ts';

export class WarmUpSlot implements Task {
  readonly ladder: WarmUpLadder;
  readonly lines = new Set<WarmUpLine>();
  /** Envelopes that wait for the next grant, by how many recipients they have. */
  readonly waiting = new Map<() => void, number>();
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

  /** Up to where the next block is to be granted; null while none is wanted. */
  get wish(): number | null {
    return this.ladder.wish(Math.max(0, ...this.waiting.values()));
  }

  /** Resolves at the next grant. */
  granted(count: number): Promise<void> {
    return new Promise((resolve) => this.waiting.set(resolve, count));
  }

  /** A grant is on disk: as many go on as fit. */
  goOn(): void {
    const { granted, committed } = this.ladder.account;
    let room = granted - committed;
    for (const [resolve, count] of this.waiting) {
      if (count > room) break;
      room -= count;
      this.waiting.delete(resolve);
      resolve();
    }
  }

  /** Nothing comes of it for now. */
  giveUp(): void {
    for (const resolve of this.waiting.keys()) resolve();
    this.waiting.clear();
  }

  run(nowMs: number): void {
    this.#run(this, nowMs);
  }
}
