// Queues whose mail waits for a warming source: one line for a pool and a provider, those with marked recipients in front. While no ladder
// of the line has room that is known without asking each of them, however much mail comes by.
import { OldestFirst } from '../oldest-first.ts';
import type { WarmUpSlot } from './warm-up-slot.ts';

/** Of a scheduled queue. */
export interface WarmUpWaiter {
  waitsInLine: WarmUpLine | null;
  /** Its turn: room opened. */
  roomOpened(nowMs: number): void;
}

export class WarmUpLine {
  /** Ladders of the pool's sources for the provider, in the pool's order. */
  readonly slots: readonly WarmUpSlot[];
  /** Nothing is open for marked recipients, and for others. */
  readonly closed = { marked: false, plain: false };
  readonly #slotOf: ReadonlyMap<string, WarmUpSlot>;
  readonly #marked = new Set<WarmUpWaiter>();
  readonly #plain = new Set<WarmUpWaiter>();
  readonly #longestMarked = new OldestFirst(this.#marked);
  readonly #longestPlain = new OldestFirst(this.#plain);

  constructor(slots: readonly WarmUpSlot[]) {
    this.slots = slots;
    this.#slotOf = new Map(slots.map((slot) => [slot.sourceId, slot]));
  }

  get size(): number {
    return this.#marked.size + this.#plain.size;
  }

  get markedWait(): boolean {
    return this.#marked.size > 0;
  }

  /** The source's ladder as long as it is warming; null for a source without a ceiling. */
  warming(sourceId: string): WarmUpSlot | null {
    const slot = this.#slotOf.get(sourceId);
    return slot === undefined || slot.ladder.finished ? null : slot;
  }

  /** Any of them is warming. */
  get anyWarming(): boolean {
    return this.slots.some(({ ladder }) => !ladder.finished);
  }

  wait(queue: WarmUpWaiter, marked: boolean): void {
    if (queue.waitsInLine !== this) queue.waitsInLine?.leave(queue);
    queue.waitsInLine = this;
    (marked ? this.#marked : this.#plain).add(queue);
  }

  leave(queue: WarmUpWaiter): void {
    this.#marked.delete(queue);
    this.#plain.delete(queue);
    if (queue.waitsInLine === this) queue.waitsInLine = null;
  }

  /** Takes out the queue whose turn it is; `plainToo`: there is room for others than marked recipients. */
  next(plainToo: boolean): WarmUpWaiter | undefined {
    const queue = this.#longestMarked.next() ?? (plainToo ? this.#longestPlain.next() : undefined);
    if (queue) this.leave(queue);
    return queue;
  }
}
