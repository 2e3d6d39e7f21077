// Things in order of time: a binary heap that gives the earliest first. Used for due entries, timers and limits that free up; one
// timer can then serve any number of waiting things.
import { everyFew, type Steps } from './steps.ts';

/** `dueOf` must not change for an item while it is in the heap. */
export class DueHeap<T> {
  readonly #items: T[] = [];
  readonly #dueOf: (item: T) => number;
  #pushes = 0;

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
    this.#pushes++;
    this.#items.push(item);
    this.#moveUp(item, this.#items.length - 1);
  }

  pop(): T | undefined {
    const first = this.#items[0];
    if (this.#items.length > 0) this.#removeAt(0);
    return first;
  }

  /**
   * Takes out what matches, in steps; items may be added and popped between two of them. True when none was added: then every item that
   * stays was looked at, else some may have been passed over.
   */
  *removing(matches: (item: T) => boolean): Steps<boolean> {
    const items = this.#items;
    const pushes = this.#pushes;
    const giveWay = everyFew();
    // From the back: what takes the place of an item that goes was looked at before, or is looked at next.
    for (let at = items.length - 1; at >= 0; at = Math.min(at, items.length) - 1) {
      if (at < items.length && matches(items[at] as T) && this.#removeAt(at) === 'moved up') at++;
      if (giveWay()) yield;
    }
    return this.#pushes === pushes;
  }

  /** Fills the place of the item with the last one. */
  #removeAt(at: number): 'moved up' | 'moved down' {
    const last = this.#items.pop() as T;
    if (at >= this.#items.length) return 'moved down';
    if (at > 0 && this.#dueOf(last) < this.#dueOf(this.#items[(at - 1) >> 1] as T)) {
      this.#moveUp(last, at);
      return 'moved up';
    }
    this.#moveDown(last, at);
    return 'moved down';
  }

  #moveUp(item: T, from: number): void {
    const items = this.#items;
    const due = this.#dueOf(item);
    let at = from;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = items[up] as T;
      if (this.#dueOf(parent) <= due) break;
      items[at] = parent;
      at = up;
    }
    items[at] = item;
  }

  #moveDown(item: T, from: number): void {
    const items = this.#items;
    const due = this.#dueOf(item);
    let at = from;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= items.length) break;
      if (down + 1 < items.length && this.#dueOf(items[down + 1] as T) < this.#dueOf(items[down] as T)) down++;
      const child = items[down] as T;
      if (this.#dueOf(child) >= due) break;
      items[at] = child;
      at = down;
    }
    items[at] = item;
  }
}
