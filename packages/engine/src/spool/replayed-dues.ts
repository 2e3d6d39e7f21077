// When the injections of a replay are due, by row of the index, for as long as they are being handed out: what is due goes first, so that
// a start with a million waiting delivers at once. Exact for one recipient; an injection with several counts as due by its accept, or by
// the earliest of what a carry record says.
const blockRows = 1 << 14;

export class ReplayedDues {
  readonly #blocks: Float64Array[] = [];

  /** Below 0 is no row. */
  set(row: number, dueAt: number): void {
    if (row < 0) return;
    const number = Math.floor(row / blockRows);
    while (this.#blocks.length <= number) this.#blocks.push(new Float64Array(blockRows));
    const block = this.#blocks[number];
    if (block !== undefined) block[row % blockRows] = dueAt;
  }

  /** The injection of a row has another, further in front. */
  move(from: number, to: number): void {
    this.set(to, this.at(from));
  }

  /** The rows with those that are due in front; order is kept on both sides. */
  *dueFirst(rows: Uint32Array, nowMs: number): Generator<number, void> {
    for (const wantDue of [true, false]) {
      for (const row of rows) if (this.at(row) <= nowMs === wantDue) yield row;
    }
  }

  /** 0 where the accept alone says it. */
  at(row: number): number {
    return this.#blocks[Math.floor(row / blockRows)]?.[row % blockRows] ?? 0;
  }
}
