// Those who wait for one limit: tenants in fair turns (fair-shares.ts), and within a stream in the order in which they came. Most limits have
// nobody or one waiting, so nothing is made before somebody waits.
import { FairShares, type Standing, type StreamShare } from './fair-shares.ts';

/** Something that waits for a limit. `wake` may reserve at once; it gets one turn. */
export interface Waiter {
  wake(nowMs: number): void;
}

/** First in, first out; `first` is the index of the next one. */
type Line = { waiters: (Waiter | undefined)[]; first: number };

export class WaitingLine {
  readonly #shares = new FairShares<Line>(() => ({ waiters: [], first: 0 }));
  #size = 0;
  #served: StreamShare<Line> | null = null;

  get size(): number {
    return this.#size;
  }

  add(waiter: Waiter, standing: Standing): void {
    this.#shares.enter(standing).line.waiters.push(waiter);
    this.#size++;
  }

  /** In front of those of the same stream. */
  addFirst(waiter: Waiter, standing: Standing): void {
    const { line } = this.#shares.enter(standing);
    if (line.first === 0) line.waiters.unshift(waiter);
    else line.waiters[--line.first] = waiter;
    this.#size++;
  }

  /** Takes out the one whose turn it is. */
  next(): Waiter | undefined {
    const share = this.#shares.first();
    if (!share) return undefined;
    const { line } = share;
    const waiter = line.waiters[line.first];
    // The place stays for a while; who stood there must not be kept by it.
    line.waiters[line.first] = undefined;
    line.first++;
    this.#size--;
    this.#served = share;
    if (line.first >= line.waiters.length) {
      line.waiters = [];
      line.first = 0;
      this.#shares.leave(share);
    } else if (line.first > 64 && line.first * 2 > line.waiters.length) {
      line.waiters = line.waiters.slice(line.first);
      line.first = 0;
    }
    return waiter;
  }

  /** The one taken out last used so much of the limit. A turn that was not used costs nothing. */
  charge(units: number): void {
    if (this.#served && units > 0) this.#shares.charge(this.#served, units);
    this.#served = null;
  }
}
