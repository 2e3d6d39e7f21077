// The recipients of an injection that has several: who is live, and where the journal says more of each than the injection's own record.
import type { RecordPlace } from './live-index.ts';

const placeNumbers = 3;

/** Places of records by the number of the recipient; none at first, then three numbers for every recipient. */
class RecipientPlaces {
  readonly #recipients: number;
  #places: Uint32Array | null = null;

  constructor(recipients: number) {
    this.#recipients = recipients;
  }

  /** Null: there is none any more. */
  set(index: number, place: RecordPlace | null): void {
    if (place === null && this.#places === null) return;
    this.#places ??= new Uint32Array(this.#recipients * placeNumbers);
    this.#places.set(place === null ? [0, 0, 0] : [place.segment, place.offset, place.length], index * placeNumbers);
  }

  get(index: number): RecordPlace | null {
    const [segment = 0, offset = 0, length = 0] = this.#places?.subarray(index * placeNumbers, (index + 1) * placeNumbers) ?? [];
    return length > 0 ? { segment, offset, length } : null;
  }
}

export class Several {
  readonly alive: Uint8Array;
  count: number;
  /** The latest retry of each. */
  readonly retries: RecipientPlaces;
  /** The record with which it came back from the depot: the injection's own may have forgotten it. */
  readonly returns: RecipientPlaces;

  /** `live` null: all of them. */
  constructor(recipients: number, live: readonly number[] | null) {
    this.alive = new Uint8Array(recipients).fill(live === null ? 1 : 0);
    for (const index of live ?? []) this.alive[index] = 1;
    this.count = live?.length ?? recipients;
    this.retries = new RecipientPlaces(recipients);
    this.returns = new RecipientPlaces(recipients);
  }
}
