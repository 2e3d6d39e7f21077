// The ready side as the scheduler sees it: whether a path would take an entry, and taking it. The dispatcher is the only one.
import type { RecipientEntry } from '../entry.ts';
import type { Route } from '../route/route.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';

export type Room = 'ready' | 'resting' | 'none';

/** The ready side, as the scheduler sees it. */
export interface ReadySide {
  /** Whether the path of source and route would take an entry of this queue; `resting`: it has room, but a failure or a limit stops it. */
  room(queue: ScheduledQueue, entry: RecipientEntry, sourceId: string, poolId: string, route: Route, nowMs: number): Room;
  /** Whether a limit that stops whatever source has the queue itself in its line now, without lane or path. */
  takesInLine(queue: ScheduledQueue, poolId: string, route: Route, nowMs: number): boolean;
  place(queue: ScheduledQueue, entry: RecipientEntry, sourceId: string, poolId: string, route: Route): void;
  /** Starts what was placed since the last call. */
  serve(nowMs: number): void;
  forget(queue: ScheduledQueue): void;
}
