// Entries whose content cannot be read any more: nothing of it is delivered, they leave the queue until the next start, and an event says so.
import type { JournalRecord, RecipientEntry } from '../entry.ts';
import { entryEvent } from './delivery-events.ts';
import type { Lane } from './lane.ts';
import type { ReadyPath } from './ready-path.ts';
import type { Worker } from './worker.ts';

/** Counts and reports them; the records are the caller's to write. */
export function setAside(
  worker: Worker,
  path: ReadyPath,
  lane: Lane,
  entries: readonly RecipientEntry[],
  why: unknown,
  nowMs: number,
): JournalRecord[] {
  worker.log.warn('content cannot be read; its entries are set aside', {
    messageId: entries[0]?.messageId ?? null,
    entries: entries.length,
    error: String(why),
  });
  worker.counters.setAside += entries.length;
  return entries.map((entry) => {
    const facts = {
      attempt: entry.attempts,
      sourceId: path.egress.source.id,
      poolId: lane.poolId,
      detail: 'the stored content cannot be read; set aside until the next start',
      scope: 'transaction' as const,
      bounceClass: 'other' as const,
    };
    return { event: entryEvent('deferred', nowMs, entry, facts), change: { kind: 'none' } };
  });
}

/** Sandbox and internet never mix: such an entry can only come from a misplaced spool folder. It is set aside. */
export function isMisplaced(worker: Worker, { entryId, egress }: RecipientEntry): boolean {
  if (egress === worker.egress) return false;
  worker.counters.setAside++;
  worker.log.warn('an entry of another egress mode is set aside', { entryId, egress });
  return true;
}
