// Time and chance of the simulator. Both come in from outside, so that a test can hold the clock and a seed repeats every id and delay.

export interface SimulatorClock {
  nowMs(): number;
  monotonicMs(): number;
  /** Runs `fn` once after `delayMs`; the result cancels it. */
  setTimer(delayMs: number, fn: () => void): () => void;
}

export const systemClock: SimulatorClock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(delayMs, fn) {
    const timer = setTimeout(fn, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Seeded generator (SplitMix32 over a hash of the seed): the same seed gives the same sequence on every machine. */
export class SeededRandom {
  #state: number;

  constructor(seed: string) {
    let hash = 0x811c9dc5;
    for (let index = 0; index < seed.length; index++) hash = Math.imul(hash ^ seed.charCodeAt(index), 0x01000193);
    this.#state = hash >>> 0;
  }

  /** Uniform in [0, 2^32). */
  #next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  between(low: number, high: number): number {
    return low + (this.#next() / 2 ** 32) * (high - low);
  }

  /** `length` characters of 0-9 a-z. */
  id(length: number): string {
    let text = '';
    while (text.length < length) text += (this.#next() % 36).toString(36);
    return text;
  }
}
