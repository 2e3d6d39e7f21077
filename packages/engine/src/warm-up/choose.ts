// Which source takes an entry where sources of its pool warm up. Those that warm up come first, as long as their day lets them: what their
// plan allows is small, and they get further only if it is used. The rest goes to the pool's other sources, or waits if a plan says so.
import type { PoolBody } from '@sluice/contract';
import type { WithId } from '../config/generation.ts';
import type { RecipientEntry } from '../entry.ts';
import type { Route } from '../route/route.ts';
import type { Room } from '../queue/ready-side.ts';
import type { ScheduledQueue } from '../queue/scheduled-queue.ts';
import type { SourceTurns } from '../queue/source-turns.ts';
import type { WarmUpLine } from './warm-up-line.ts';
import { isMarked, type WarmUps } from './warm-ups.ts';

type Asked = { queue: ScheduledQueue; entry: RecipientEntry; pool: WithId<PoolBody>; route: Route };

/** `waits`: the line in which the queue waits for room; null when something else is in the way. */
export type WarmUpChoice = { sourceId: string } | { sourceId: null; waits: WarmUpLine | null };

export function chooseWithWarmUp(
  warmUps: WarmUps,
  turns: SourceTurns,
  { queue, entry, pool, route }: Asked,
  usable: (sourceId: string) => boolean,
  roomOf: (sourceId: string) => Room,
): WarmUpChoice {
  const line = warmUps.lines.line(pool, route.provider);
  const open = warmUps.lines.openSources(line, isMarked(entry));
  if (open.size > 0) {
    const { lastChoice } = queue;
    const first = turns.next(queue, entry, pool, (id) => (open.has(id) && roomOf(id) === 'ready' ? 'ready' : 'none'));
    if (first !== null) return { sourceId: first };
    queue.lastChoice = lastChoice;
  }
  const waits = line.slots.some(({ sourceId, ladder }) => !ladder.finished && ladder.way.plan.overflow === 'wait' && usable(sourceId));
  const may = (id: string): boolean => (line.warming(id) === null ? !waits : open.has(id));
  const sourceId = turns.next(queue, entry, pool, (id) => (may(id) ? roomOf(id) : 'none'));
  if (sourceId !== null) return { sourceId };
  const inUse = pool.members.filter(({ sourceId: id, enabled, weight }) => enabled && weight > 0 && usable(id));
  const closed = inUse.length > 0 && !inUse.some(({ sourceId: id }) => may(id));
  return { sourceId: null, waits: closed ? line : null };
}
