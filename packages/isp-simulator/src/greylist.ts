// Remembers who tried whom: the first try of a (source, sender, recipient) is turned away, one after the waiting time passes.
import type { SimulatorClock } from './clock.ts';
import { greylistMs } from './mailbox.ts';

const maxTriples = 10_000;

export class Greylist {
  readonly #clock: SimulatorClock;
  readonly #firstTries = new Map<string, number>();

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  passes(source: string, sender: string, recipient: string): boolean {
    const key = `${source} ${sender} ${recipient}`;
    const now = this.#clock.monotonicMs();
    const first = this.#firstTries.get(key);
    if (first !== undefined) return now - first >= greylistMs;
    if (this.#firstTries.size >= maxTriples) this.#firstTries.clear();
    this.#firstTries.set(key, now);
    return false;
  }
}
