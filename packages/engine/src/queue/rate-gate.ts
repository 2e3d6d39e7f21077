// Limits of mail at the door of a transaction: which lane's turn it is, whether its limits let it send, and with how many recipients. Who may
// not send now is parked with the one limit that binds it: the lane, or, where the limit is the same for the whole path, each tenant that
// has mail there. Bytes are reserved with the first recipient: the message goes over the wire once.
import type { LimitBook } from '@sluice/policy';
import type { RecipientEntry } from '../entry.ts';
import type { Lane } from './lane.ts';
import type { ReadyPath } from './ready-path.ts';
import type { Handed } from './transaction.ts';
import { RecipientBounds } from './too-many.ts';
import { sharesTransaction } from './transaction-batch.ts';

export type GateEvents = {
  limitsMoved(nowMs: number): void;
  /** A limit stops the path, or a lane of it, and may not stop other sources. */
  stopped(path: ReadyPath, nowMs: number): void;
  /** Recipients that one transaction of the path may have. */
  most(path: ReadyPath): number;
};

export class RateGate {
  /** What sites took at most of one transaction. */
  readonly bounds = new RecipientBounds();
  readonly #limits: LimitBook;
  readonly #events: GateEvents;

  constructor(limits: LimitBook, events: GateEvents) {
    this.#limits = limits;
    this.#events = events;
  }

  /** The lane whose turn it is, with one unit of rate reserved for it; null when no lane may send now (they are parked then). */
  ensureCredit(path: ReadyPath, nowMs: number): Lane | null {
    if (path.credit) {
      if (path.credit.lane.size > 0) return path.credit.lane;
      this.releaseCredit(path, nowMs);
    }
    for (let lane = path.ring.current(); lane; lane = path.ring.current()) {
      const first = lane.peek();
      if (!first) {
        path.ring.remove(lane);
        continue;
      }
      const reservation = this.#limits.reserve('mail', lane.dimensions, 1, nowMs, first.content.length);
      if (reservation.ok) {
        path.credit = { lane, token: reservation.token };
        return lane;
      }
      path.asksStore = reservation.asks;
      if (reservation.bindsPath) {
        path.parkedForAll = reservation.bindsAllSources;
        this.#limits.park(reservation, path.stopTenant(lane.queue.tenantId), lane.standing, nowMs);
      } else {
        path.ring.remove(lane);
        lane.parked = true;
        lane.parkedForAll = reservation.bindsAllSources;
        if (!lane.inLine) this.#limits.park(reservation, lane, lane.standing, nowMs);
        lane.inLine = true;
      }
      if (!reservation.bindsAllSources) this.#events.stopped(path, nowMs);
      this.#events.limitsMoved(nowMs);
    }
    return null;
  }

  /** Gives back what was reserved for a transaction that does not come about. */
  releaseCredit(path: ReadyPath, nowMs: number): void {
    if (!path.credit) return;
    this.#limits.release(path.credit.token, nowMs);
    path.credit = null;
  }

  /** Takes the lane's next entries for one transaction, each with its rate; `expired` are those whose time was over. */
  takeBatch(path: ReadyPath, lane: Lane, nowMs: number): { handed: Handed | null; expired: RecipientEntry[] } {
    const entries: RecipientEntry[] = [];
    const tokens = path.credit ? [path.credit.token] : [];
    const expired: RecipientEntry[] = [];
    const most = Math.min(lane.maxRecipients, this.bounds.most(path.egress.site, nowMs), this.#events.most(path));
    for (let entry = lane.peek(); entry && entries.length < most; entry = lane.peek()) {
      if (entry.expiresAt <= nowMs) {
        lane.shift();
        expired.push(entry);
        continue;
      }
      const first = entries[0];
      if (first) {
        if (!sharesTransaction(first, entry)) break;
        const reservation = this.#limits.reserve('mail', lane.dimensions, 1, nowMs);
        if (!reservation.ok) break;
        tokens.push(reservation.token);
      }
      lane.shift();
      entries.push(entry);
    }
    if (entries.length > 0) path.credit = null;
    path.ring.charge(lane, entries.length);
    if (lane.size === 0) path.ring.remove(lane);
    return { handed: entries.length > 0 ? { lane, entries, tokens, startedMs: nowMs } : null, expired };
  }
}
