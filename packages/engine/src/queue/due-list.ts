// The entries of one queue that are due, in order of arrival: they leave in front, come behind, and come back in front. Those that match
// can be taken out wherever they stand, in steps: a blocked queue can hold very many.
import type { RecipientEntry } from '../entry.ts';

/** Entries that have left stay in place up to so many, or as long as they are fewer than the others. */
const keptInFront = 1024;
/** Entries that are looked at between two places to give way. */
const entriesAStep = 256;
/** Of all lists that are empty: there are very many. */
const none: RecipientEntry[] = Object.freeze([]) as never;

export class DueList {
  #entries = none;
  #first = 0;
  #pushed = 0;

  get size(): number {
    return this.#entries.length - this.#first;
  }

  peek(): RecipientEntry | undefined {
    return this.#entries[this.#first];
  }

  push(entry: RecipientEntry): void {
    this.#pushed++;
    if (this.#entries.length === 0) this.#entries = [entry];
    else this.#entries.push(entry);
  }

  shift(): void {
    this.#first++;
    if (this.#first < this.#entries.length) {
      if (this.#first < keptInFront || this.#first * 2 < this.#entries.length) return;
      this.#entries = this.#entries.slice(this.#first);
    } else this.#entries = none;
    this.#first = 0;
  }

  putBack(entries: readonly RecipientEntry[]): void {
    this.#entries = [...entries, ...this.#entries.slice(this.#first)];
    this.#first = 0;
  }

  /** Takes out what matches of those that are here now, the last first, as long as `goesOn` says so; others may come and leave between. */
  *removing(matches: (entry: RecipientEntry) => boolean, goesOn: () => boolean = () => true): Generator<void, void, void> {
    const pushed = this.#pushed;
    /** Looked at and still here; behind them stand only those that came meanwhile. */
    let kept = 0;
    while (goesOn()) {
      const end = this.#entries.length - (this.#pushed - pushed) - kept;
      const from = Math.max(this.#first, end - entriesAStep);
      if (end <= from) return;
      const staying = this.#entries.slice(from, end).filter((entry) => !goesOn() || !matches(entry));
      if (staying.length < end - from) this.#entries.splice(from, end - from, ...staying);
      kept += staying.length;
      yield;
    }
  }
}
