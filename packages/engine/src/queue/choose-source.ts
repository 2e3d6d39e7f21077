// The way an entry takes from its pool, or why it takes none now: the source whose turn it is among those that are usable and have room.
import type { EngineCommand, PoolBody } from '@sluice/contract';
import type { RecipientEntry } from '../entry.ts';
import type { WithId } from '../config/generation.ts';
import type { Route } from '../route/route.ts';
import { endedBySource, usableFor } from './commanded.ts';
import { sameSource } from './greylisting.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import type { ReadySide, Room } from './ready-side.ts';
import { fittingSources } from './source-families.ts';
import type { SourceTurns } from './source-turns.ts';
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

export function chooseSource(worker: Worker, turns: SourceTurns, ready: ReadySide, asked: Asked, nowMs: number): Choice {
  const { queue, entry, pool, route } = asked;
  if (ready.takesInLine(queue, pool.id, route, nowMs)) return { kind: 'wait', state: 'in_line' };
  const usable = usableFor(worker, queue, entry, pool.id, nowMs);
  const fits = fittingSources(worker, { queue, pool, route, usable });
  if (fits === 'unknown') return { kind: 'learn' };
  const roomOf = (sourceId: string): Room =>
    fits(sourceId) && usable(sourceId) ? ready.room(queue, entry, sourceId, pool.id, route, nowMs) : 'none';
  const { warmUps } = worker;
  const same = sameSource(worker, queue, entry, pool, nowMs);
  const stays = same !== null && roomOf(same) === 'ready' && warmUps.lets(same, route.provider, isMarked(entry)) ? same : null;
  const chosen: WarmUpChoice =
    stays !== null || warmUps.none
      ? { sourceId: stays ?? turns.next(queue, entry, pool, roomOf), waits: null }
      : chooseWithWarmUp(warmUps, turns, asked, (id) => fits(id) && usable(id), roomOf);
  const { sourceId } = chosen;
  if (sourceId === null) {
    if (chosen.waits) {
      chosen.waits.wait(queue, isMarked(entry));
      return { kind: 'wait', state: 'warm_up' };
    }
    const anyUsable = pool.members.some((member) => member.enabled && member.weight > 0 && usable(member.sourceId));
    return { kind: 'wait', state: anyUsable ? 'full' : 'held' };
  }
  const command = endedBySource(worker, queue, entry, { pool: pool.id, source: sourceId }, nowMs);
  return command ? { kind: 'end', command } : { kind: 'source', sourceId };
}
