// Domains that greylist: they turn away a source they do not know and let the same one in when it comes back. Their mail is retried from the
// source of its last attempt as long as that may send and has room; otherwise it goes by the turn of its pool like all mail, and waits
// once more. Remembered in memory: after a restart a domain is learnt anew.
import { greylistMemoryMs, isGreylisting } from '@sluice/policy';
import type { PoolBody } from '@sluice/contract';
import type { RecipientEntry } from '../entry.ts';
import type { Outcomes, SeenOutcome } from '../outcomes/outcomes.ts';
import { settingsOfQueue } from './queue-settings.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import type { Worker } from './worker.ts';

/** Domains remembered; of more the one that greylisted longest ago is forgotten. */
export const maxGreylistingDomains = 50_000;

export class Greylisting {
  readonly #untilMs = new Map<string, number>();

  constructor(outcomes: Outcomes) {
    outcomes.subscribe((outcome) => this.#seen(outcome));
  }

  #seen({ type, domain, reply, replyRule, atMs }: SeenOutcome): void {
    if (type !== 'deferred' || domain === null) return;
    if (!isGreylisting({ kind: type, reply, ...(replyRule !== null && { replyRule }) })) return;
    this.#untilMs.delete(domain);
    this.#untilMs.set(domain, atMs + greylistMemoryMs);
    if (this.#untilMs.size > maxGreylistingDomains) for (const [oldest] of this.#untilMs) return void this.#untilMs.delete(oldest);
  }

  remembers(domain: string, nowMs: number): boolean {
    return this.#untilMs.size > 0 && (this.#untilMs.get(domain) ?? 0) > nowMs;
  }
}

/** The source that a greylisted entry should come back from, if it is still one of its pool; null when any will do. */
export function sameSource(
  worker: Worker,
  queue: ScheduledQueue,
  { attempts, lastSourceId }: RecipientEntry,
  { members }: PoolBody,
  nowMs: number,
): string | null {
  if (attempts === 0 || lastSourceId === null || !worker.greylisting.remembers(queue.domain, nowMs)) return null;
  if (!settingsOfQueue(worker, queue).greylistSameSource) return null;
  const still = members.some(({ sourceId, enabled, weight }) => sourceId === lastSourceId && enabled && weight > 0);
  return still ? lastSourceId : null;
}
