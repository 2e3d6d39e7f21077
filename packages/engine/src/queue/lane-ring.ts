// Lanes of one path with work that no limit of their own stops, in turn: tenants equally, whatever number of queues each has; a tenant's
// streams by weight; the lanes of one stream one after the other. A tenant whose turn at a limit of the whole path has not come is passed
// over.
import { FairShares, type StreamShare } from '@sluice/policy';
import type { Lane } from './lane.ts';

/** The lanes of one stream: a ring, the next in turn at its head. */
type Ring = { head: LanePlace | null };
export type LanePlace = { readonly lane: Lane; readonly share: StreamShare<Ring>; next: LanePlace; previous: LanePlace };

export class LaneRing {
  readonly #shares = new FairShares<Ring>(() => ({ head: null }));
  readonly #stopped = new Set<string>();
  /** The tenant whose turn at a limit it is. */
  preferred: string | null = null;

  /** Tenants that are passed over. */
  get stopped(): number {
    return this.#stopped.size;
  }

  /** The lane whose turn it is. */
  current(): Lane | null {
    return this.#shares.first(this.preferred)?.line.head?.lane ?? null;
  }

  add(lane: Lane): void {
    if (lane.place) return;
    const share = this.#shares.enter(lane.standing);
    const ring = share.line;
    const place = { lane, share } as LanePlace;
    lane.place = place;
    const { head } = ring;
    if (!head) {
      place.next = place;
      place.previous = place;
      ring.head = place;
      return;
    }
    // In front of the head of a ring is its end.
    place.previous = head.previous;
    place.next = head;
    head.previous.next = place;
    head.previous = place;
  }

  remove(lane: Lane): void {
    const { place } = lane;
    if (!place) return;
    lane.place = null;
    const ring = place.share.line;
    if (place.next === place) {
      ring.head = null;
      this.#shares.leave(place.share);
      return;
    }
    const { next, previous } = place;
    next.previous = previous;
    previous.next = next;
    if (ring.head === place) ring.head = next;
    // What is gone must not lead to what comes: see releasing.ts.
    place.next = place;
    place.previous = place;
  }

  /** Books `cost` recipients to the lane and passes its turn on. */
  charge({ place, weight }: Lane, cost: number): void {
    if (!place) return;
    place.share.weight = weight;
    this.#shares.charge(place.share, cost);
    const ring = place.share.line;
    if (ring.head === place) ring.head = place.next;
  }

  stop(tenant: string): void {
    this.#stopped.add(tenant);
    this.#shares.stop(tenant);
  }

  resume(tenant: string): void {
    this.#stopped.delete(tenant);
    this.#shares.resume(tenant);
  }
}
