// Which source takes an entry where sources of its pool warm up. Those that warm up come first, as long as their day lets them: what their
// plan allows is small, and they get further only if it is used. The rest goes to the pool's other sources, or waits if a plan says so.
import type { PoolBody } from '@sluice/contract';
import type { UsableSources } from '@sluice/policy';
import type { WithId } from '../config/generation.ts';
import type { RecipientEntry } from '../entry.ts';
import type { Route } from '../route/route.ts';
import type { Room } from '../queue/ready-side.ts';
import type { ScheduledQueue } from '../queue/scheduled-queue.ts';
import type { Rooms, SourceTurns } from '../queue/source-turns.ts';
import type { WarmUpLine } from './warm-up-line.ts';
import { isMarked, type WarmUps } from './warm-ups.ts';

type Asked = { queue: ScheduledQueue; entry: RecipientEntry; pool: WithId<PoolBody>; route: Route };

/** `waits`: the line in which the queue waits for room; null when something else is in the way. */
export type WarmUpChoice = { sourceId: string } | { sourceId: null; waits: WarmUpLine | null };

/** The rooms of some sources; none of the others. */
class RoomsAmong implements Rooms {
  readonly #rooms: Rooms;
  readonly #sources: UsableSources;
  readonly #withResting: boolean;

  constructor(rooms: Rooms, sources: UsableSources, withResting: boolean) {
    this.#rooms = rooms;
    this.#sources = sources;
    this.#withResting = withResting;
  }

  of(sourceId: string): Room {
    const room = this.#sources.has(sourceId) ? this.#rooms.of(sourceId) : 'none';
    return room === 'resting' && !this.#withResting ? 'none' : room;
  }
}

/** What takes the rest: sources that are open, and unless a plan waits those that do not warm up. */
class RestSources implements UsableSources {
  readonly #line: WarmUpLine;
  readonly #open: ReadonlySet<string>;
  readonly #waits: boolean;

  constructor(line: WarmUpLine, open: ReadonlySet<string>, waits: boolean) {
    this.#line = line;
    this.#open = open;
    this.#waits = waits;
  }

  has(sourceId: string): boolean {
    return this.#line.warming(sourceId) === null ? !this.#waits : this.#open.has(sourceId);
  }
}

export function chooseWithWarmUp(
  warmUps: WarmUps,
  turns: SourceTurns,
  { queue, entry, pool, route }: Asked,
  usable: UsableSources,
  rooms: Rooms,
): WarmUpChoice {
  const line = warmUps.lines.line(pool, route.provider);
  const open = warmUps.lines.openSources(line, isMarked(entry));
  if (open.size > 0) {
    const { lastChoice } = queue;
    const first = turns.next(queue, entry, pool, new RoomsAmong(rooms, open, false));
    if (first !== null) return { sourceId: first };
    queue.lastChoice = lastChoice;
  }
  const waits = line.slots.some(({ sourceId, ladder }) => !ladder.finished && ladder.way.plan.overflow === 'wait' && usable.has(sourceId));
  const rest = new RestSources(line, open, waits);
  const sourceId = turns.next(queue, entry, pool, new RoomsAmong(rooms, rest, true));
  if (sourceId !== null) return { sourceId };
  const inUse = pool.members.filter(({ sourceId: id, enabled, weight }) => enabled && weight > 0 && usable.has(id));
  const closed = inUse.length > 0 && !inUse.some(({ sourceId: id }) => rest.has(id));
  return { sourceId: null, waits: closed ? line : null };
}
