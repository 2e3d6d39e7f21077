// What becomes of attempts, told to whoever judges by it: automation, warm-up, the health of sources. Told once for each outcome that goes
// to the journal and once for each failure of a path, in the turn in which it is recorded: a listener counts and returns.
import type { BounceClass, EventType, RemoteReply } from '@sluice/contract';

/**
 * One outcome of one recipient, or of a path that could not be used: then `type` is `path_deferred` and `recipients` 0. `complained`: the
 * recipient of what was delivered said that it is unwanted.
 */
export type SeenOutcome = {
  readonly type: Extract<EventType, 'delivered' | 'deferred' | 'bounced' | 'path_deferred'> | 'complained';
  readonly sourceId: string;
  readonly provider: string | null;
  readonly site: string;
  /** Null where no recipient is meant, as with the four below. */
  readonly domain: string | null;
  readonly poolId: string | null;
  readonly tenantId: string | null;
  readonly streamId: string | null;
  readonly campaign: string | null;
  readonly reply: RemoteReply | null;
  /** Of the reply. RFC 3463 */
  readonly enhanced: string | null;
  readonly bounceClass: BounceClass | null;
  /** Key of the provider's reply rule that read the reply. */
  readonly replyRule: string | null;
  readonly detail: string | null;
  /** From taking the entry in hand to the outcome; null for a path. */
  readonly latencyMs: number | null;
  readonly recipients: number;
  /** Domain of the From header, which a DKIM key is chosen by; null for a path. */
  readonly signingDomain: string | null;
  readonly atMs: number;
};

export class Outcomes {
  readonly #listeners: ((outcome: SeenOutcome) => void)[] = [];

  /** Calls back for every outcome from now on, in the order of subscribing. The callback must not throw and does O(1) work. */
  subscribe(listener: (outcome: SeenOutcome) => void): void {
    this.#listeners.push(listener);
  }

  seen(outcome: SeenOutcome): void {
    for (const listener of this.#listeners) listener(outcome);
  }
}
