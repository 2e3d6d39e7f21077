// Whose turn it is in a pool, seen from a scheduled queue: by weight among the sources that have room, those that can connect first, and
// the same source for neighbours of one message, so that they can share a transaction.
import { SourceChooser, type UsableSources } from '@sluice/policy';
import type { PoolBody } from '@sluice/contract';
import type { WithId } from '../config/generation.ts';
import type { RecipientEntry } from '../entry.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import type { Room } from './ready-side.ts';
import { maxKeptTogether } from './transaction-batch.ts';

/** What there is room for on the ways from each source, for one entry now. */
export interface Rooms {
  of(sourceId: string): Room;
}

/**
 * The sources that can take the entry at once; notes those that rest. A class, as all that is asked for every message: the code that V8 compiles
 * of a function made for each message goes with the last of them at the next full collection, and is compiled anew for a tenth of a second.
 */
class ReadySources implements UsableSources {
  readonly #rooms: Rooms;
  readonly resting = new Set<string>();

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  has(sourceId: string): boolean {
    const room = this.#rooms.of(sourceId);
    if (room === 'resting') this.resting.add(sourceId);
    return room === 'ready';
  }
}

export class SourceTurns {
  readonly #chooser = new SourceChooser();

  /** The source for the entry; null when none has room. */
  next(queue: ScheduledQueue, entry: RecipientEntry, pool: WithId<PoolBody>, rooms: Rooms): string | null {
    const last = queue.lastChoice;
    if (
      last?.messageId === entry.messageId &&
      last.poolId === pool.id &&
      last.used < maxKeptTogether &&
      rooms.of(last.sourceId) === 'ready'
    ) {
      last.used++;
      return last.sourceId;
    }
    const ready = new ReadySources(rooms);
    const { resting } = ready;
    const sourceId = this.#chooser.choose(pool, ready) ?? (resting.size > 0 ? this.#chooser.choose(pool, resting) : null);
    queue.lastChoice = sourceId === null ? null : { messageId: entry.messageId, poolId: pool.id, sourceId, used: 1 };
    return sourceId;
  }

  reset(): void {
    this.#chooser.reset();
  }
}
