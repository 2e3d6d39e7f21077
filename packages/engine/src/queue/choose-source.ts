// The way an entry takes from its pool, or why it takes none now: the source whose turn it is among those that are usable and have room.
import type { EngineCommand, PoolBody } from '@sluice/contract';
import type { UsableSources } from '@sluice/policy';
import type { RecipientEntry } from '../entry.ts';
import type { WithId } from '../config/generation.ts';
import type { Route } from '../route/route.ts';
import { endedBySource, PermittedSources } from './commanded.ts';
import { sameSource } from './greylisting.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import type { ReadySide, Room } from './ready-side.ts';
import { fittingSources } from './source-families.ts';
import type { Rooms, SourceTurns } from './source-turns.ts';
import { chooseWithWarmUp, type WarmUpChoice } from '../warm-up/choose.ts';
import { isMarked } from '../warm-up/warm-ups.ts';
import type { Worker } from './worker.ts';

export type Choice =
  | { kind: 'source'; sourceId: string }
  /**
   * `held`: no source may send it; `full`: those that may have no room; `in_line`: a limit lets nothing of it pass, whatever the source;
   * `warm_up`: those that may are warming up and have had their share for now.
   */
  | { kind: 'wait'; state: 'held' | 'full' | 'in_line' | 'warm_up' }
  /** Which families its hosts have must be asked first. */
  | { kind: 'learn' }
  | { kind: 'end'; command: EngineCommand };

type Asked = { queue: ScheduledQueue; entry: RecipientEntry; pool: WithId<PoolBody>; route: Route };

/** Sources that are in both. */
class InBoth implements UsableSources {
  readonly #one: UsableSources;
  readonly #other: UsableSources;

  constructor(one: UsableSources, other: UsableSources) {
    this.#one = one;
    this.#other = other;
  }

  has(sourceId: string): boolean {
    return this.#one.has(sourceId) && this.#other.has(sourceId);
  }
}

class RoomsFor implements Rooms {
  readonly #ready: ReadySide;
  readonly #asked: Asked;
  readonly #usable: UsableSources;
  readonly #nowMs: number;

  constructor(ready: ReadySide, asked: Asked, usable: UsableSources, nowMs: number) {
    this.#ready = ready;
    this.#asked = asked;
    this.#usable = usable;
    this.#nowMs = nowMs;
  }

  of(sourceId: string): Room {
    const { queue, entry, pool, route } = this.#asked;
    return this.#usable.has(sourceId) ? this.#ready.room(queue, entry, sourceId, pool.id, route, this.#nowMs) : 'none';
  }
}

export function chooseSource(worker: Worker, turns: SourceTurns, ready: ReadySide, asked: Asked, nowMs: number): Choice {
  const { queue, entry, pool, route } = asked;
  if (ready.takesInLine(queue, pool.id, route, nowMs)) return { kind: 'wait', state: 'in_line' };
  const permitted = new PermittedSources(worker, queue, entry, pool.id, nowMs);
  const fitting = fittingSources(worker, { queue, pool, route, usable: permitted });
  if (fitting === 'unknown') return { kind: 'learn' };
  const usable = fitting === 'all' ? permitted : new InBoth(fitting, permitted);
  const rooms = new RoomsFor(ready, asked, usable, nowMs);
  const { warmUps } = worker;
  const same = sameSource(worker, queue, entry, pool, nowMs);
  const stays = same !== null && rooms.of(same) === 'ready' && warmUps.lets(same, route.provider, isMarked(entry)) ? same : null;
  const chosen: WarmUpChoice =
    stays !== null || warmUps.none
      ? { sourceId: stays ?? turns.next(queue, entry, pool, rooms), waits: null }
      : chooseWithWarmUp(warmUps, turns, asked, usable, rooms);
  const { sourceId } = chosen;
  if (sourceId === null) {
    if (chosen.waits) {
      chosen.waits.wait(queue, isMarked(entry));
      return { kind: 'wait', state: 'warm_up' };
    }
    const anyUsable = pool.members.some((member) => member.enabled && member.weight > 0 && permitted.has(member.sourceId));
    return { kind: 'wait', state: anyUsable ? 'full' : 'held' };
  }
  const command = endedBySource(worker, queue, entry, { pool: pool.id, source: sourceId }, nowMs);
  return command ? { kind: 'end', command } : { kind: 'source', sourceId };
}
