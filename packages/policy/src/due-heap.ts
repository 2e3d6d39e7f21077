// Things in order of time: a binary heap that gives the earliest first. Used for due entries, timers and limits that free up; one
// timer can then serve any number of waiting things.

/** `dueOf` must not change for an item while it is in the heap. */
export class DueHeap<T> {
  readonly #items: T[] = [];
  readonly #dueOf: (item: T) => number;

  constructor(dueOf: (item: T) => number) {
    this.#dueOf = dueOf;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The earliest item, left in place. */
  peek(): T | undefined {
    return this.#items[0];
  }

  /** All items, in no useful order. */
  values(): IterableIterator<T> {
    return this.#items.values();
  }

  push(item: T): void {
    const items = this.#items;
    const due = this.#dueOf(item);
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = items[up] as T;
      if (this.#dueOf(parent) <= due) break;
      items[at] = parent;
      at = up;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    const due = this.#dueOf(last);
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= items.length) break;
      if (down + 1 < items.length && this.#dueOf(items[down + 1] as T) < this.#dueOf(items[down] as T)) down++;
      const child = items[down] as T;
      if (this.#dueOf(child) >= due) break;
      items[at] = child;
      at = down;
    }
    items[at] = last;
    return first;
  }

  /** Keeps what `keep` accepts. */
  retain(keep: (item: T) => boolean): void {
    const kept = this.#items.filter(keep);
    if (kept.length === this.#items.length) return;
    this.#items.length = 0;
    for (const item of kept) this.push(item);
  }
}
