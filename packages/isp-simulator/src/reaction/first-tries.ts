// Greylisting by time: the first try of a triple of source, sender and recipient is put off, one after the wait passes, and so does the
// triple from then on until it is forgotten.
import type { ReactionParameters } from './parameters.ts';

const maxTriples = 100_000;
const hourMs = 3_600_000;

export class FirstTries {
  readonly #waitMs: number;
  readonly #remembersMs: number;
  /** In the order of their first tries, so that the oldest go first. */
  readonly #firstTries = new Map<string, number>();

  constructor(greylisting: ReactionParameters['greylisting']) {
    this.#waitMs = (greylisting?.waitSeconds ?? 0) * 1_000;
    this.#remembersMs = (greylisting?.remembersHours ?? 0) * hourMs;
  }

  passes(triple: string, nowMs: number): boolean {
    const first = this.#firstTries.get(triple);
    if (first !== undefined && nowMs - first < this.#remembersMs) return nowMs - first >= this.#waitMs;
    this.#firstTries.delete(triple);
    for (const [oldest, at] of this.#firstTries) {
      if (this.#firstTries.size < maxTriples && nowMs - at < this.#remembersMs) break;
      this.#firstTries.delete(oldest);
    }
    this.#firstTries.set(triple, nowMs);
    return false;
  }
}
