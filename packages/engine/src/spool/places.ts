// Offsets and lengths of records of one segment, two numbers each, in blocks, so that growing never copies.
const blockPlaces = 1 << 10;

export class Places {
  length = 0;
  readonly #blocks: Uint32Array[] = [];

  push(offset: number, bytes: number): void {
    if (this.length % blockPlaces === 0) this.#blocks.push(new Uint32Array(this.length === 0 ? firstPlaces * 2 : blockPlaces * 2));
    let block = this.#blocks.at(-1);
    const at = (this.length % blockPlaces) * 2;
    // The first block begins small: most buckets of a quiet spool hold a few.
    if (block !== undefined && at >= block.length) {
      const bigger = new Uint32Array(Math.min(block.length * 4, blockPlaces * 2));
      bigger.set(block);
      this.#blocks[this.#blocks.length - 1] = block = bigger;
    }
    block?.set([offset, bytes], at);
    this.length += 1;
  }

  offset(n: number): number {
    return this.#blocks[Math.floor(n / blockPlaces)]?.[(n % blockPlaces) * 2] ?? 0;
  }

  bytes(n: number): number {
    return this.#blocks[Math.floor(n / blockPlaces)]?.[(n % blockPlaces) * 2 + 1] ?? 0;
  }
}

const firstPlaces = 16;
