// The ladders of this node, made when first asked for, from what was kept and what is configured now. A ladder whose plan went away sleeps
// for a while with its counts: a plan that is taken back gives no second day.
import { CalendarClock, dayAt, WarmUpLadder, type DayRow, type WarmUpTurn, type WarmUpWay } from '@sluice/policy';
import type { Generation } from '../config/generation.ts';
import type { Clock } from '../ports.ts';
import type { KeptLadder, LadderLine } from './ladder-file.ts';
import { WarmUpSlot } from './warm-up-slot.ts';

/** Ladders that sleep; past it those that slept first are forgotten. */
const maxAsleep = 20_000;

export type LadderPorts = {
  clock: Clock;
  node: string;
  generation: () => Generation;
  opened: (slot: WarmUpSlot, nowMs: number) => void;
  turned: (slot: WarmUpSlot, turn: WarmUpTurn) => void;
  dayEnded: (slot: WarmUpSlot) => void;
};

export class Ladders {
  readonly #ports: LadderPorts;
  readonly #calendar: CalendarClock;
  readonly #slots = new Map<string, WarmUpSlot>();
  readonly #asleep = new Map<string, KeptLadder>();
  /** By the way that is configured: a new configuration has new ones. */
  #byWay = new WeakMap<WarmUpWay, WarmUpSlot>();

  constructor(ports: LadderPorts) {
    this.#ports = ports;
    this.#calendar = new CalendarClock(ports.clock.nowMs(), ports.clock.monotonicMs());
  }

  /** The time that days go by. */
  now(): number {
    return this.#calendar.now(this.#ports.clock.nowMs(), this.#ports.clock.monotonicMs());
  }

  /** What was kept on disk. */
  found(kept: ReadonlyMap<string, KeptLadder>): void {
    for (const [key, one] of kept) this.#sleep(key, one);
  }

  /** Null when no plan says anything of this way. Its day is the present one. */
  slot(sourceId: string, provider: string | null): WarmUpSlot | null {
    const way = this.#ports.generation().warmUps.way(sourceId, provider);
    if (way === null) return null;
    const slot = this.#byWay.get(way) ?? this.#slotOf(way);
    this.roll(slot);
    return slot;
  }

  roll(slot: WarmUpSlot): void {
    const { history } = slot.ladder;
    const last = history.at(-1);
    const turn = slot.ladder.roll(this.now());
    if (history.at(-1) !== last) {
      slot.unkeptDays = Math.min(history.length, slot.unkeptDays + 1);
      this.#ports.dayEnded(slot);
    }
    if (turn) this.#ports.turned(slot, turn);
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Those that exist now. */
  known(): WarmUpSlot[] {
    return [...this.#slots.values()];
  }

  /** One for each way that is configured and whose source this node sends through. */
  *all(): Generator<WarmUpSlot> {
    const { warmUps } = this.#ports.generation();
    for (const way of warmUps.ways()) if (this.#isOurs(way)) yield this.#byWay.get(way) ?? this.#slotOf(way);
    for (const [key, { ladder }] of this.#slots) {
      if (warmUps.byKey(key)) continue;
      this.#slots.delete(key);
      this.#sleep(key, { record: ladder.record(), history: ladder.history });
    }
  }

  /** The same of one plan. */
  matching(planId: string, sourceId: string | null, group: string | null): WarmUpSlot[] {
    const slots: WarmUpSlot[] = [];
    for (const way of this.#ports.generation().warmUps.ways()) {
      if (way.plan.id !== planId || (sourceId !== null && way.sourceId !== sourceId)) continue;
      if ((group === null || way.group.name === group) && this.#isOurs(way)) slots.push(this.#byWay.get(way) ?? this.#slotOf(way));
    }
    for (const slot of slots) this.roll(slot);
    return slots;
  }

  /** When the next day of any plan begins. */
  nextMidnightMs(nowMs: number): number {
    const zones = new Set(this.#ports.generation().warmUps.plans.map(({ zone }) => zone));
    return Math.min(...[...zones].map((zone) => dayAt(zone, nowMs).endsMs));
  }

  /** All that the disk must still say; `grants` are on their way there. What `records` yields is as many as `count` says in that turn. */
  live(grants: ReadonlyMap<WarmUpSlot, number>): { readonly count: number; records(): Iterable<LadderLine> } {
    const slots = this.#slots;
    const asleep = this.#asleep;
    return {
      get count() {
        let count = slots.size + asleep.size;
        for (const { ladder } of slots.values()) count += ladder.history.length;
        for (const { history } of asleep.values()) count += history.length;
        return count;
      },
      // What changes while they are written belongs to the next write.
      records: () =>
        linesOf(
          [...slots.values()].map((slot) => ({ slot, history: slot.ladder.history.slice() })),
          [...asleep.values()],
          grants,
        ),
    };
  }

  #slotOf(way: WarmUpWay): WarmUpSlot {
    let slot = this.#slots.get(way.key);
    if (slot) slot.ladder.adopt(way, this.now());
    else {
      const kept = this.#asleep.get(way.key);
      this.#asleep.delete(way.key);
      slot = new WarmUpSlot(new WarmUpLadder(way, kept?.record ?? null, kept?.history ?? [], this.now()), this.#ports.opened);
      this.#slots.set(way.key, slot);
    }
    this.#byWay.set(way, slot);
    return slot;
  }

  #sleep(key: string, kept: KeptLadder): void {
    this.#asleep.set(key, kept);
    if (this.#asleep.size <= maxAsleep) return;
    const [oldest] = this.#asleep.keys();
    if (oldest !== undefined) this.#asleep.delete(oldest);
  }

  #isOurs({ sourceId }: WarmUpWay): boolean {
    const source = this.#ports.generation().source(sourceId);
    return source !== undefined && (source.node === null || source.node === this.#ports.node);
  }
}

function* linesOf(
  awake: readonly { slot: WarmUpSlot; history: readonly DayRow[] }[],
  asleep: readonly KeptLadder[],
  grants: ReadonlyMap<WarmUpSlot, number>,
): Generator<LadderLine> {
  for (const { slot, history } of awake) {
    const record = slot.ladder.record();
    yield { l: { ...record, granted: Math.max(record.granted, grants.get(slot) ?? 0) } };
    for (const d of history) yield { k: slot.key, d };
  }
  for (const { record, history } of asleep) {
    yield { l: record };
    for (const d of history) yield { k: record.key, d };
  }
}
