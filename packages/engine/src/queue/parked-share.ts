// What one scheduled queue has parked: rows in order of waking, and the loading of those whose time has come. One load at a time.
import { DueHeap } from '@sluice/policy';
import type { RecipientEntry } from '../entry.ts';
import type { Wanted } from './far-share.ts';
import { noRow, type ParkedRows } from './parked-rows.ts';
import type { QueueBounds } from './queue-bounds.ts';
import type { Sliced } from './slices.ts';
import type { Loaded, Loading, Parking } from './parking.ts';

/** Entries asked for at once, and those of them that have expired between two looks for such. */
const loadBatch = 256;
const maxExpired = 10_000;
/** How long entries wait that could not be loaded. */
const reloadMs = 1_000;

/** Of several heaps together. */
export function sizeOf(heaps: readonly { readonly size: number }[]): number {
  let size = 0;
  for (const heap of heaps) size += heap.size;
  return size;
}

export class ParkedShare implements Loading {
  readonly #parking: Parking;
  #rows: DueHeap<number>;
  /** Told to be due before their time, by each command. */
  readonly #released: DueHeap<number>[] = [];
  /** To be looked at by a command, whatever their time. */
  readonly #toLook: DueHeap<number>[] = [];
  /** Taken out because they have expired, to be loaded before all others. */
  #expired: number[] = [];
  readonly #bounds: QueueBounds;
  readonly #done: (loaded: Loaded) => void;
  #loading = 0;
  #inLine = false;
  #notBeforeMs = 0;

  constructor(parking: Parking, bounds: QueueBounds, done: (loaded: Loaded) => void) {
    this.#parking = parking;
    this.#bounds = bounds;
    this.#rows = this.#newHeap();
    this.#done = done;
  }

  /** Parked entries, those on their way into memory included. */
  get size(): number {
    return this.#rows.size + sizeOf(this.#released) + sizeOf(this.#toLook) + this.#expired.length + this.#loading;
  }

  /** Those that were not told to be due. */
  get unreleased(): number {
    return this.#rows.size + sizeOf(this.#toLook);
  }

  /** All that is parked is due now, whatever its time; returns how many. Costs nothing by the entry. */
  release(): number {
    const released = this.#rows.size;
    if (released === 0) return 0;
    this.#released.push(this.#rows);
    this.#rows = this.#newHeap();
    return released;
  }

  /** False when the entry has to stay in memory. */
  park(entry: RecipientEntry, wanted: Wanted = null): boolean {
    const row = this.#parking.rows.park(entry);
    if (row === noRow) return false;
    this.#place(row, wanted);
    return true;
  }

  /** The same of an entry that comes as numbers, and perhaps because a command wants it. */
  parkWords(wanted: Wanted, ...words: Parameters<ParkedRows['parkWords']>): void {
    this.#place(this.#parking.rows.parkWords(...words), wanted);
  }

  /** All that was not told to be due is to be looked at. Costs nothing by the entry. */
  lookAtAll(): void {
    if (this.#rows.size === 0) return;
    this.#toLook.push(this.#rows);
    this.#rows = this.#newHeap();
  }

  /** Takes such rows out; the caller frees them, or puts them back. */
  takeToLook(most: number): number[] {
    const rows: number[] = [];
    for (let [heap] = this.#toLook; heap !== undefined && rows.length < most; [heap] = this.#toLook) {
      const row = heap.pop();
      if (row === undefined) this.#toLook.shift();
      else rows.push(row);
    }
    return rows;
  }

  putBack(row: number): void {
    this.#rows.push(row);
  }

  /** When the next of them wakes; Infinity when none does or those that should are being loaded. */
  nextWakeMs(): number {
    if (this.#loading > 0 || this.#inLine) return Infinity;
    if (this.#released.length > 0) return this.#notBeforeMs;
    const row = this.#rows.peek();
    if (row === undefined) return Infinity;
    return Math.max(this.#parking.rows.wakeMs(row), this.#notBeforeMs);
  }

  hasDue(nowMs: number): boolean {
    const row = this.#rows.peek();
    return this.#loading > 0 || this.#inLine || this.#released.length > 0 || (row !== undefined && this.#parking.rows.wakeMs(row) <= nowMs);
  }

  /** Starts to load what is due. */
  loadDue(nowMs: number): void {
    if (this.nextWakeMs() <= nowMs) this.#ask(nowMs);
  }

  #ask(nowMs: number): void {
    this.#inLine = !this.#parking.mayLoad(this);
    if (this.#inLine) return;
    if (this.#expired.length > 0) return void this.#load(this.#expired.splice(0, loadBatch), nowMs, false);
    const from = this.#released[0] ?? this.#rows;
    const rows: number[] = [];
    for (let row = from.peek(); row !== undefined && rows.length < loadBatch; row = from.peek()) {
      if (from === this.#rows && this.#parking.rows.wakeMs(row) > nowMs) break;
      from.pop();
      rows.push(row);
    }
    while (this.#released[0]?.size === 0) this.#released.shift();
    void this.#load(rows, nowMs, from !== this.#rows);
  }

  /** Its turn among those that wait to load. */
  load(nowMs: number): void {
    this.#inLine = false;
    if (this.#expired.length > 0) this.#ask(nowMs);
    else this.#done({ entries: [], missing: 0, released: false });
  }

  take(loaded: Loaded, nowMs: number): void {
    this.#loading = 0;
    this.#done(loaded);
    if (this.#expired.length > 0 && this.#loading === 0 && !this.#inLine && nowMs >= this.#notBeforeMs) this.#ask(nowMs);
  }

  /** Starts to load what has expired, wherever it stands; notes in steps when the rest does. */
  *loadingExpired(nowMs: number): Sliced<void> {
    const bounds = this.#bounds;
    const expired = this.#expired;
    const { rows } = this.#parking;
    const isOver = (row: number): boolean => {
      const expiresAt = rows.expiresMs(row);
      if (expiresAt <= nowMs && expired.length < maxExpired) return expired.push(row) > 0;
      bounds.note({ expiresAt, acceptedAt: Infinity });
      return false;
    };
    for (const heap of [this.#rows, ...this.#released]) if (!(yield* heap.removing(isOver))) bounds.keep('expiresAt');
    while (this.#released[0]?.size === 0) this.#released.shift();
    if (expired.length > 0 && this.#loading === 0 && !this.#inLine && nowMs >= this.#notBeforeMs) this.#ask(nowMs);
  }

  #place(row: number, wanted: Wanted): void {
    if (wanted === null) return this.#rows.push(row);
    const heaps = wanted === 'due' ? this.#released : this.#toLook;
    if (heaps.length === 0) heaps.push(this.#newHeap());
    heaps.at(-1)?.push(row);
  }

  #newHeap(): DueHeap<number> {
    return new DueHeap((row) => this.#parking.rows.wakeMs(row));
  }

  async #load(rows: readonly number[], nowMs: number, released: boolean): Promise<void> {
    this.#loading = rows.length;
    let found: (RecipientEntry | null)[];
    try {
      found = await this.#parking.load(rows.map((row) => this.#parking.rows.entryId(row)));
    } catch (error) {
      this.#loading = 0;
      this.#notBeforeMs = nowMs + reloadMs;
      const back = released ? (this.#released[0] ?? this.#newHeap()) : this.#rows;
      if (released && this.#released.length === 0) this.#released.push(back);
      for (const row of rows) {
        back.push(row);
        this.#bounds.note({ expiresAt: this.#parking.rows.expiresMs(row), acceptedAt: Infinity });
      }
      this.#parking.failed(rows.length, error);
      return this.#parking.arrived(this, { entries: [], missing: 0, released });
    }
    for (const row of rows) this.#parking.rows.free(row);
    const entries = found.filter((entry) => entry !== null);
    this.#parking.arrived(this, { entries, missing: rows.length - entries.length, released });
  }
}
