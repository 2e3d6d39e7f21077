// A map and a set for what comes and goes with every message. V8 leaves in the table of a map that was outgrown a pointer to the one that took
// its place. Once such a table lies in the old generation, dead or not, a collection of the young one takes all that followed it, and
// whatever was ever in them, for alive: what lived for milliseconds is copied, moved and kept until the next full collection. Here a table
// holds boxes that are emptied when what is in them goes, and is given up with its map before it was outgrown often. Measured: ADR 0031.

type Box<T> = { readonly order: number; item: T | undefined };

/** How many go before a map is made anew: as often as that its members are put into the new one. */
const goneBeforeRenewal = 64;
/** Members of a map that is made anew: of 200,000 it took 40 to 100 ms. Such tables are outgrown seldom, and V8 takes 13 ms for it. */
const renewedUpTo = 10_000;

export class ReleasingMap<K, V> {
  #boxes = new Map<K, Box<V>>();
  #order = 0;
  #gone = 0;

  get size(): number {
    return this.#boxes.size;
  }

  get(key: K): V | undefined {
    return this.#boxes.get(key)?.item;
  }

  has(key: K): boolean {
    return this.#boxes.has(key);
  }

  set(key: K, item: V): void {
    const known = this.#boxes.get(key);
    if (known) known.item = item;
    else this.#boxes.set(key, { order: ++this.#order, item });
  }

  /** Whether it was there. */
  delete(key: K): boolean {
    const box = this.#boxes.get(key);
    if (!box) return false;
    box.item = undefined;
    if (this.#boxes.size === 1) {
      this.#boxes = new Map();
      this.#gone = 0;
      return true;
    }
    this.#boxes.delete(key);
    if (++this.#gone > goneBeforeRenewal && this.#gone > 2 * this.#boxes.size && this.#boxes.size <= renewedUpTo) {
      this.#boxes = new Map(this.#boxes);
      this.#gone = 0;
    }
    return true;
  }

  clear(): void {
    for (const box of this.#boxes.values()) box.item = undefined;
    this.#boxes = new Map();
    this.#gone = 0;
  }

  /** In the order in which they came, also while some come and go. */
  keys(): Generator<K, undefined, void> {
    return this.#inOrder((key) => key);
  }

  values(): Generator<V, undefined, void> {
    return this.#inOrder((_, item) => item);
  }

  *#inOrder<T>(toldOf: (key: K, item: V) => T): Generator<T, undefined, void> {
    let seen = 0;
    for (;;) {
      const boxes = this.#boxes;
      for (const [key, { order, item }] of boxes) {
        if (order <= seen || item === undefined) continue;
        seen = order;
        yield toldOf(key, item);
        if (boxes !== this.#boxes) break;
      }
      if (boxes === this.#boxes) return;
    }
  }
}

/** What a set of this kind can hold: told apart by a number of its own. */
export type Numbered = { readonly serial: number };

let lastSerial = 0;
export const nextSerial = (): number => ++lastSerial;

export class ReleasingSet<T extends Numbered> {
  readonly #items = new ReleasingMap<number, T>();

  get size(): number {
    return this.#items.size;
  }

  add(item: T): void {
    this.#items.set(item.serial, item);
  }

  /** Whether it was there. */
  delete({ serial }: T): boolean {
    return this.#items.delete(serial);
  }

  /** In the order in which they came, also while some come and go. */
  keys(): Generator<T, undefined, void> {
    return this.#items.values();
  }

  [Symbol.iterator](): Generator<T, undefined, void> {
    return this.#items.values();
  }
}
