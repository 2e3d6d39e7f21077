// What one scheduled queue has in the depot: how many, from when on they come due, and how many of them a command wants before that. Which
// ones these are nobody knows: whatever of the queue comes back next is taken for one of them.

/** Why an entry comes back: a command told it to be due, or wants to look at it; null: its time. */
export type Wanted = 'due' | 'look' | null;

export class FarShare {
  size = 0;
  /** When the first of them is due at the earliest. */
  fromMs = Infinity;
  #due = 0;
  #look = 0;

  /** Those that were not told to be due. */
  get later(): number {
    return this.size - this.#due;
  }

  add(count: number, fromMs: number): void {
    this.size += count;
    this.fromMs = Math.min(this.fromMs, fromMs);
  }

  /** One has come back. */
  leave(): Wanted {
    this.size--;
    if (this.size === 0) this.fromMs = Infinity;
    if (this.#due > 0) {
      this.#due--;
      return 'due';
    }
    if (this.#look === 0) return null;
    this.#look--;
    return 'look';
  }

  /** All of them are due now; returns how many are to be called in for it. */
  release(): number {
    const more = this.later - this.#look;
    this.#due = this.size;
    this.#look = 0;
    return more;
  }

  /** All of them are to be looked at; returns how many are to be called in for it. */
  lookAt(): number {
    const more = this.later - this.#look;
    this.#look += more;
    return more;
  }
}
