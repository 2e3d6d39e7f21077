// Places of records, three numbers each, in blocks, so that growing never copies what is there; in the order of the log they lie in.
import type { RecordPlace } from './live-index.ts';

const stride = 3;
const blockPlaces = 1 << 10;
const firstPlaces = 16;

export class Places {
  length = 0;
  /** Of those, the ones that were taken out. */
  cleared = 0;
  readonly #blocks: Uint32Array[] = [];

  push({ segment, offset, length }: RecordPlace): void {
    const at = (this.length % blockPlaces) * stride;
    if (at === 0) this.#blocks.push(new Uint32Array((this.length === 0 ? firstPlaces : blockPlaces) * stride));
    let block = this.#blocks.at(-1) ?? noBlock;
    // The first block begins small: most buckets of a quiet spool hold a few.
    if (at >= block.length) {
      const bigger = new Uint32Array(Math.min(block.length * 4, blockPlaces * stride));
      bigger.set(block);
      this.#blocks[this.#blocks.length - 1] = block = bigger;
    }
    block[at] = segment;
    block[at + 1] = offset;
    block[at + 2] = length;
    this.length += 1;
  }

  segment(n: number): number {
    return this.#number(n, 0);
  }

  at(n: number): RecordPlace {
    return { segment: this.#number(n, 0), offset: this.#number(n, 1), length: this.#number(n, 2) };
  }

  /** Takes one out; the others keep their numbers. */
  clear(n: number): void {
    const block = this.#blocks[Math.floor(n / blockPlaces)] ?? noBlock;
    block[(n % blockPlaces) * stride + 2] = 0;
    this.cleared += 1;
  }

  isCleared(n: number): boolean {
    return this.#number(n, 2) === 0;
  }

  /** The first from `from` on whose segment is this or a later one. */
  firstIn(segment: number, from: number): number {
    let [low, high] = [from, this.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.segment(middle) < segment) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Those from `from` on that were not taken out. */
  kept(from: number): Places {
    const places = new Places();
    for (let n = from; n < this.length; n += 1) if (!this.isCleared(n)) places.push(this.at(n));
    return places;
  }

  #number(n: number, column: number): number {
    return this.#blocks[Math.floor(n / blockPlaces)]?.[(n % blockPlaces) * stride + column] ?? 0;
  }
}

const noBlock = new Uint32Array(0);
