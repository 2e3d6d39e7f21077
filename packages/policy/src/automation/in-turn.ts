// Goes round a map, a stretch at a time, and forgets what is of no use any more: each look goes on where the last one ended.

export class InTurn<V> {
  readonly #map: Map<string, V>;
  #hand: Iterator<[string, V]>;

  constructor(map: Map<string, V>) {
    this.#map = map;
    this.#hand = map.entries();
  }

  /** Looks at so many and takes out those that are `useless`; how many those were. */
  forget(looks: number, useless: (value: V) => boolean): number {
    let forgotten = 0;
    for (let left = looks; left > 0; left--) {
      const next = this.#hand.next();
      if (next.done === true) {
        this.#hand = this.#map.entries();
        continue;
      }
      const [key, value] = next.value;
      if (useless(value) && this.#map.delete(key)) forgotten++;
    }
    return forgotten;
  }
}
