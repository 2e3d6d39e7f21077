// Whose turn it is in a pool, seen from a scheduled queue: by weight among the sources that have room, those that can connect first, and
// the same source for neighbours of one message, so that they can share a transaction.
import { SourceChooser } from '@sluice/policy';
import type { PoolBody } from '@sluice/contract';
import type { WithId } from '../config/generation.ts';
import type { RecipientEntry } from '../entry.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import type { Room } from './ready-side.ts';
import { maxKeptTogether } from './transaction-batch.ts';

export class SourceTurns {
  readonly #chooser = new SourceChooser();

  /** The source for the entry; null when none has room. */
  next(queue: ScheduledQueue, entry: RecipientEntry, pool: WithId<PoolBody>, roomOf: (sourceId: string) => Room): string | null {
    const last = queue.lastChoice;
    if (
      last?.messageId === entry.messageId &&
      last.poolId === pool.id &&
      last.used < maxKeptTogether &&
      roomOf(last.sourceId) === 'ready'
    ) {
      last.used++;
      return last.sourceId;
    }
    const resting = new Set<string>();
    const isReady = (id: string): boolean => {
      const room = roomOf(id);
      if (room === 'resting') resting.add(id);
      return room === 'ready';
    };
    const ready = this.#chooser.choose(pool, isReady);
    const sourceId = ready ?? (resting.size > 0 ? this.#chooser.choose(pool, (id) => resting.has(id)) : null);
    queue.lastChoice = sourceId === null ? null : { messageId: entry.messageId, poolId: pool.id, sourceId, used: 1 };
    return sourceId;
  }

  reset(): void {
    this.#chooser.reset();
  }
}
