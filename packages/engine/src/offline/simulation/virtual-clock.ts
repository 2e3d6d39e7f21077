// Time that goes on as fast as the work of each moment is done. Timers fire in order of time, those of one moment in the order in which they
// were set; between two moments all promises settle, so that the same input gives the same run, however busy the machine is.
import type { Clock } from '../../ports.ts';

type Timer = { atMs: number; order: number; fn: (() => void) | null };

/** Cancelled timers that may lie about before they are cleared away. */
const maxCancelled = 4_096;

export class VirtualClock implements Clock {
  #nowMs: number;
  readonly #startMs: number;
  #timers: Timer[] = [];
  #order = 0;
  #cancelled = 0;

  /** `startMs`: milliseconds since the epoch. */
  constructor(startMs: number) {
    this.#startMs = startMs;
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs - this.#startMs;
  }

  setTimer(delayMs: number, fn: () => void): () => void {
    const timer: Timer = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, fn };
    this.#push(timer);
    return () => {
      if (timer.fn === null) return;
      timer.fn = null;
      if (++this.#cancelled > maxCancelled && this.#cancelled * 2 > this.#timers.length) this.#clearCancelled();
    };
  }

  /** Runs the timers of the next moment; false when there is none. */
  step(): boolean {
    const first = this.#next();
    if (!first) return false;
    const { atMs } = first;
    this.#nowMs = Math.max(this.#nowMs, atMs);
    // Those that are set meanwhile for this very moment wait for their promises first.
    const upTo = this.#order;
    for (let timer = this.#next(); timer && timer.atMs <= atMs && timer.order < upTo; timer = this.#next()) {
      this.#pop();
      const { fn } = timer;
      timer.fn = null;
      fn?.();
    }
    return true;
  }

  #next(): Timer | undefined {
    for (let first = this.#timers[0]; first; first = this.#timers[0]) {
      if (first.fn !== null) return first;
      this.#cancelled--;
      this.#pop();
    }
    return undefined;
  }

  #clearCancelled(): void {
    const left = this.#timers.filter((timer) => timer.fn !== null);
    this.#timers = [];
    this.#cancelled = 0;
    for (const timer of left) this.#push(timer);
  }

  #push(timer: Timer): void {
    const timers = this.#timers;
    let at = timers.length;
    timers.push(timer);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = timers[above] as Timer;
      if (!before(timer, parent)) break;
      timers[at] = parent;
      at = above;
    }
    timers[at] = timer;
  }

  #pop(): void {
    const timers = this.#timers;
    const last = timers.pop();
    if (last === undefined || timers.length === 0) return;
    let at = 0;
    for (let child = 1; child < timers.length; child = 2 * at + 1) {
      const right = timers[child + 1];
      if (right && before(right, timers[child] as Timer)) child++;
      const below = timers[child] as Timer;
      if (!before(below, last)) break;
      timers[at] = below;
      at = child;
    }
    timers[at] = last;
  }
}

const before = (a: Timer, b: Timer): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** Moments in a row before signals and output have their turn. */
const momentsInARow = 500;

/**
 * Moves time on while `goesOn` says so and something is still to come. Rejects with what a timer throws. A tick that is asked for by a
 * promise's reaction comes when no reaction is left to run: that is when a moment is over. A turn of the event loop would say the same, at
 * many times the cost.
 */
export function passTime(clock: VirtualClock, goesOn: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = momentsInARow;
    const settled = Promise.resolve();
    const whenSettled = (): void => process.nextTick(turn);
    const turn = (): void => {
      try {
        if (!goesOn() || !clock.step()) return resolve();
      } catch (error) {
        return reject(error instanceof Error ? error : new Error(String(error)));
      }
      if (left-- > 0) return void settled.then(whenSettled);
      left = momentsInARow;
      setImmediate(turn);
    };
    setImmediate(turn);
  });
}

/** Repeatable chance (SplitMix32), and ids that are UUIDs and tell their order. */
export function repeatableRandom(seed: number): { fraction(): number; bytes(count: number): Uint8Array; uuid(): string } {
  let state = seed >>> 0;
  let ids = 0;
  const fraction = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
  return {
    fraction,
    bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(fraction() * 256)),
    uuid: () => `00000000-0000-7000-8000-${(ids++).toString(16).padStart(12, '0')}`,
  };
}
