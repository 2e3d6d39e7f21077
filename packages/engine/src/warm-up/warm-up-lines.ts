// Who waits for warming sources, and when they have their turn: when the time opens more of a day, when a grant is on disk, when something
// that stood ready goes back. What finds no source open is told so without asking each of them again.
import type { PoolBody } from '@sluice/contract';
import { noWarmUps, type WarmUpSet } from '@sluice/policy';
import type { Generation, WithId } from '../config/generation.ts';
import type { Clock } from '../ports.ts';
import type { Agenda } from '../queue/agenda.ts';
import { thoseNow } from '../queue/slices.ts';
import type { Ladders } from './ladders.ts';
import { WarmUpLine } from './warm-up-line.ts';
import type { WarmUpSlot } from './warm-up-slot.ts';

/** Queues woken in one go; the rest has its turn a moment later. */
const maxWakes = 64;
/** Shortest time until a ladder is looked at again for what opens over the day. */
const shortestWaitMs = 250;
/** What is kept for marked recipients is looked at again after this. */
const keptLookMs = 30_000;
const failingLookMs = 1_000;
const farMs = 3_600_000;

export type LinePorts = {
  steady: Pick<Clock, 'nowMs'>;
  agenda: Agenda;
  generation: () => Generation;
  ladders: Ladders;
  /** Counts cannot be written: nothing more is taken through warming sources. */
  failing: () => boolean;
};

export class WarmUpLines {
  readonly #ports: LinePorts;
  /** By pool and provider, of the present set. */
  #lines = new Map<string, WarmUpLine>();
  #of: WarmUpSet = noWarmUps;

  constructor(ports: LinePorts) {
    this.#ports = ports;
  }

  /** The line of mail of this pool to this provider. */
  line(pool: WithId<PoolBody>, provider: string | null): WarmUpLine {
    const set = this.#ports.generation().warmUps;
    if (this.#of !== set) {
      // Every queue meets the new configuration by itself; those of old lines leave them then.
      this.#lines = new Map();
      this.#of = set;
    }
    const key = `${pool.id}\0${provider ?? ''}`;
    let line = this.#lines.get(key);
    if (!line) {
      const slots = pool.members.flatMap(({ sourceId }) => this.#ports.ladders.slot(sourceId, provider) ?? []);
      line = new WarmUpLine(slots);
      this.#lines.set(key, line);
    }
    return line;
  }

  /** Sources of the line that have room for one more recipient. */
  openSources(line: WarmUpLine, marked: boolean): ReadonlySet<string> {
    const side = marked ? 'marked' : 'plain';
    if (line.closed[side]) return noSources;
    const open = new Set<string>();
    for (const slot of line.slots) if (!slot.ladder.finished && this.open(slot, marked)) open.add(slot.sourceId);
    if (open.size > 0) return open;
    line.closed[side] = true;
    for (const slot of line.slots) {
      if (slot.ladder.finished) continue;
      slot.lines.add(line);
      this.#arrange(slot);
    }
    return open;
  }

  /** Whether one more recipient fits. */
  open(slot: WarmUpSlot, marked: boolean): boolean {
    return !this.#ports.failing() && slot.ladder.stop(marked, this.#ports.ladders.now()) === 'none';
  }

  /** When a ladder that lines found closed is looked at again. */
  #arrange(slot: WarmUpSlot): void {
    const { agenda, steady } = this.#ports;
    const nowMs = this.#ports.ladders.now();
    const stop = slot.ladder.stop(false, nowMs);
    const opensInMs = stop === 'kept' ? keptLookMs : (slot.ladder.opensMs(nowMs) ?? nowMs) - nowMs;
    const inMs = this.#ports.failing() ? failingLookMs : opensInMs;
    agenda.schedule(slot, steady.nowMs() + Math.min(farMs, Math.max(shortestWaitMs, inMs)));
  }

  /** Something was given back: whoever asks may have it, and those in line have their turn a moment later. */
  roomIn(slot: WarmUpSlot): void {
    for (const { closed } of slot.lines) {
      closed.marked = false;
      closed.plain = false;
    }
    this.wake(slot);
  }

  /** A moment later: whoever made room is in the middle of something. */
  wake(slot: WarmUpSlot): void {
    this.#ports.agenda.schedule(slot, this.#ports.steady.nowMs());
  }

  /** There may be room: those in line have their turn as long as there is. */
  opened(slot: WarmUpSlot, nowMs: number): void {
    this.#ports.ladders.roll(slot);
    let wakes = maxWakes;
    for (const line of thoseNow(slot.lines, slot.lines.size)) {
      slot.lines.delete(line);
      line.closed.marked = false;
      line.closed.plain = false;
      for (let turns = line.size; turns > 0 && wakes > 0; turns--, wakes--) {
        const plainToo = this.open(slot, false);
        const queue = plainToo || (line.markedWait && this.open(slot, true)) ? line.next(plainToo) : undefined;
        if (!queue) break;
        queue.roomOpened(nowMs);
      }
      if (line.size > 0) slot.lines.add(line);
    }
    if (slot.lines.size === 0) return;
    if (wakes === 0) this.#ports.agenda.schedule(slot, nowMs + 1);
    else this.#arrange(slot);
  }
}

const noSources: ReadonlySet<string> = new Set();
