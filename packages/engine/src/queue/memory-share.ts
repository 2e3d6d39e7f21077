// Those entries of one queue that are in memory: due ones in order of arrival, others by their time, and those that were told to be due before
// it. Queues are very many, and most hold one entry or two: what few of them need is made when they do.
import { DueHeap } from '@sluice/policy';
import type { RecipientEntry } from '../entry.ts';
import { DueList } from './due-list.ts';
import { sizeOf } from './parked-share.ts';
import { stepwise, type Sliced } from './slices.ts';

const dueOf = (entry: RecipientEntry): number => entry.dueAt;

export class MemoryShare {
  readonly #due = new DueList();
  #later: DueHeap<RecipientEntry> | null = null;
  /** Told to be due before their time, by each command; taken one by one when nothing else is due. */
  #released: DueHeap<RecipientEntry>[] | null = null;

  get size(): number {
    return this.#due.size + this.later + sizeOf(this.#released ?? []);
  }

  get due(): number {
    return this.#due.size;
  }

  /** Those whose time has not come and that were not told to be due. */
  get later(): number {
    return this.#later?.size ?? 0;
  }

  /** The next of those; undefined when there is none. */
  get nextLater(): RecipientEntry | undefined {
    return this.#later?.peek();
  }

  /** The next that is due, left in place. */
  get first(): RecipientEntry | undefined {
    return this.#due.peek();
  }

  add(entry: RecipientEntry, nowMs: number): void {
    if (entry.dueAt <= nowMs) this.#due.push(entry);
    else (this.#later ??= new DueHeap(dueOf)).push(entry);
  }

  /** In front, in their order. */
  putBack(entries: readonly RecipientEntry[]): void {
    this.#due.putBack(entries);
  }

  /** Those whose time has come are due; when there are none, the next of those that were told to be. */
  fallDue(nowMs: number): void {
    for (let next = this.#later?.peek(); next && next.dueAt <= nowMs; next = this.#later?.peek()) {
      this.#later?.pop();
      this.#due.push(next);
    }
    if (this.#due.size === 0) this.#takeReleased();
  }

  /** Removes the first. */
  shift(): void {
    this.#due.shift();
  }

  /** Whatever waits for its time is due now; whatever comes later is not. Returns how many these are; costs nothing by the entry. */
  release(): number {
    const later = this.#later;
    if (!later || later.size === 0) return 0;
    (this.#released ??= []).push(later);
    this.#later = null;
    return later.size;
  }

  /** Takes out what matches, in steps; `afterStep` has its turn after each. False when some that came meanwhile may have been passed over. */
  *removing(matches: (entry: RecipientEntry) => boolean, afterStep: () => void = () => undefined): Sliced<boolean> {
    let all = true;
    // As entries go, from those whose time has not come to those that are due: none that moves meanwhile is passed over.
    for (const heap of [...(this.#later ? [this.#later] : []), ...(this.#released ?? [])])
      if (!(yield* stepwise(heap.removing(matches), afterStep))) all = false;
    yield* stepwise(this.removingDue(matches), afterStep);
    return all;
  }

  /** The same of those that are due, as long as `goesOn` says so. */
  removingDue(matches: (entry: RecipientEntry) => boolean, goesOn?: () => boolean): Sliced<void> {
    return this.#due.removing(matches, goesOn);
  }

  #takeReleased(): void {
    if (!this.#released) return;
    while (this.#released[0]?.size === 0) this.#released.shift();
    const entry = this.#released[0]?.pop();
    if (entry) this.#due.push(entry);
    else this.#released = null;
  }
}
