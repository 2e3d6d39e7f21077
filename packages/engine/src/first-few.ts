// The first of very many in an order, found by offering them one by one: nothing is sorted that is not told in the end.

export class FirstFew<T> {
  readonly #most: number;
  readonly #order: (a: T, b: T) => number;
  readonly #items: T[] = [];

  /** `order` as for `sort`. */
  constructor(most: number, order: (a: T, b: T) => number) {
    this.#most = most;
    this.#order = order;
  }

  offer(item: T): void {
    const items = this.#items;
    const last = items.at(-1);
    if (items.length >= this.#most && (last === undefined || this.#order(item, last) >= 0)) return;
    let at = items.length;
    while (at > 0 && this.#order(item, items[at - 1] as T) < 0) at--;
    items.splice(at, 0, item);
    if (items.length > this.#most) items.pop();
  }

  /** In order. */
  items(): readonly T[] {
    return this.#items;
  }
}
