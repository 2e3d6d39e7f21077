// Warm-up in the engine: one ladder for each warming source and group of providers. An entry that enters the ready queue of such a source is
// reserved, committed when its envelope leaves, released when it leaves unsent; what does not fit waits in line, and the time, a grant or a
// release that makes room wakes it. Grants are written before they are used, off the hot path, those of all ladders together.
import { noWarmUps, type CountedOutcome, type WarmUpAct, type WarmUpLadder, type WarmUpSet } from '@sluice/policy';
import type { RecordFile } from '../config/record-file.ts';
import type { Generation, WithId } from '../config/generation.ts';
import type { Decisions } from '../decisions/decisions.ts';
import type { RecipientEntry } from '../entry.ts';
import type { Outcomes, SeenOutcome } from '../outcomes/outcomes.ts';
import type { Clock, EngineLog } from '../ports.ts';
import { task, type Agenda } from '../queue/agenda.ts';
import { thoseNow, type Sliced, type Slices } from '../queue/slices.ts';
import type { PoolBody } from '@sluice/contract';
import { LadderKeeper } from './ladder-keeper.ts';
import { Ladders } from './ladders.ts';
import { decisionOf } from './told.ts';
import { WarmUpLine, type WarmUpWaiter } from './warm-up-line.ts';
import type { WarmUpSlot } from './warm-up-slot.ts';

/** Queues woken in one go; the rest has its turn a moment later. */
const maxWakes = 64;
/** Shortest time until a ladder is looked at again for what opens over the day. */
const shortestWaitMs = 250;
/** What is kept for marked recipients is looked at again after this. */
const keptLookMs = 30_000;
/** Ladders looked at in one step. */
const atOnce = 32;
/** A day ends at midnight; all that is idle is looked at a little later. */
const afterMidnightMs = 1_000;
const farMs = 3_600_000;

export type WarmUpPorts = {
  /** The machine's own. */
  clock: Clock;
  /** What queues and the agenda go by. */
  steady: Clock;
  agenda: Agenda;
  slices: Slices;
  log: EngineLog;
  file: RecordFile | null;
  decisions: Decisions;
  outcomes: Outcomes;
  generation: () => Generation;
  node: string;
};

export class WarmUps {
  readonly #ports: WarmUpPorts;
  readonly #ladders: Ladders;
  readonly #keeper: LadderKeeper;
  /** Recipients that are ready through a warming source, and through which. */
  readonly #reserved = new Map<RecipientEntry, WarmUpSlot>();
  /** By pool and provider, of the present set. */
  #lines = new Map<string, WarmUpLine>();
  #linesOf: WarmUpSet = noWarmUps;
  readonly #round = task(() => void this.#lookAtAll());

  constructor(ports: WarmUpPorts) {
    this.#ports = ports;
    const { clock, node } = ports;
    this.#ladders = new Ladders({ clock, node, generation: ports.generation, opened: (...at) => this.#opened(...at), turned: (...turn) => this.#turned(...turn), dayEnded: (slot) => this.#keeper.changed(slot) });
    this.#keeper = new LadderKeeper({ ...ports, ladders: this.#ladders, granted: (slot) => this.#wake(slot) });
    ports.outcomes.subscribe((outcome) => this.#seen(outcome));
  }

  /** Takes what was kept; before any mail flows. */
  async start(): Promise<void> {
    await this.#keeper.load();
    this.#ports.agenda.schedule(this.#round, this.#ports.steady.nowMs() + afterMidnightMs);
  }

  /** Resolves when all counts are on disk; nothing is committed after it. */
  async stop(): Promise<void> {
    await this.#keeper.stop();
  }

  /** No plan is configured. */
  get none(): boolean {
    return this.#ports.generation().warmUps.none;
  }

  get ladders(): Ladders {
    return this.#ladders;
  }

  /** Whether one more recipient may take this way now, as far as warm-up goes. */
  lets(sourceId: string, provider: string | null, marked: boolean): boolean {
    const slot = this.none ? null : this.#ladders.slot(sourceId, provider);
    return slot === null || this.#open(slot, marked);
  }

  /** The line of mail of this pool to this provider. */
  line(pool: WithId<PoolBody>, provider: string | null): WarmUpLine {
    const set = this.#ports.generation().warmUps;
    if (this.#linesOf !== set) {
      // Every queue meets the new configuration by itself; those of old lines leave them then.
      this.#lines = new Map();
      this.#linesOf = set;
    }
    const key = `${pool.id}\0${provider ?? ''}`;
    let line = this.#lines.get(key);
    if (!line) {
      const slots = pool.members.flatMap(({ sourceId }) => this.#ladders.slot(sourceId, provider) ?? []);
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
    for (const slot of line.slots) if (!slot.ladder.finished && this.#open(slot, marked)) open.add(slot.sourceId);
    if (open.size > 0) return open;
    line.closed[side] = true;
    for (const slot of line.slots) {
      if (slot.ladder.finished) continue;
      slot.lines.add(line);
      this.#arrange(slot);
    }
    return open;
  }

  /** The entry goes to the ready queue of the source. */
  reserve(entry: RecipientEntry, sourceId: string, provider: string | null): void {
    const slot = this.none ? null : this.#ladders.slot(sourceId, provider);
    if (slot === null) return;
    slot.ladder.account.reserve(isMarked(entry));
    this.#reserved.set(entry, slot);
    this.#keeper.wanted(slot);
  }

  /** The entries leave the ready queue, or what was done with them is over: what was not committed is given back. */
  release(entries: readonly RecipientEntry[]): void {
    if (this.#reserved.size === 0) return;
    for (const entry of entries) {
      const slot = this.#reserved.get(entry);
      if (!slot) continue;
      this.#reserved.delete(entry);
      slot.ladder.account.release(isMarked(entry));
      if (slot.lines.size > 0) this.#wake(slot);
    }
  }

  /** Their envelope leaves now. False: they may not leave, none of them; what was reserved stays so until it is released. */
  commit(entries: readonly RecipientEntry[], sourceId: string, provider: string | null): boolean {
    const slot = this.none && this.#reserved.size === 0 ? null : this.#ladders.slot(sourceId, provider);
    if (slot === null) return true;
    const nowMs = this.#ladders.now();
    for (const entry of entries) {
      // Ready since before there was a plan, or reserved under another: it needs room now.
      if (this.#reserved.get(entry) !== slot) {
        if (!this.#open(slot, isMarked(entry))) return false;
        this.release([entry]);
        slot.ladder.account.reserve(isMarked(entry));
        this.#reserved.set(entry, slot);
      }
      if (!slot.ladder.commit(nowMs)) return false;
      this.#reserved.delete(entry);
    }
    this.#keeper.wanted(slot);
    return true;
  }

  /** The queue is gone. */
  forget(queue: WarmUpWaiter): void {
    queue.waitsInLine?.leave(queue);
  }

  /** An operator's act on ladders of a plan; resolves with how many it touched once that is on disk. */
  async command(id: string, act: WarmUpAct, of: { planId: string; sourceId?: string; group: string | null }, why: string): Promise<number> {
    return this.#keeper.kept(this.#ladders.matching(of.planId, of.sourceId ?? null, of.group), (slot) => {
      const turn = slot.ladder.command(id, act, why, this.#ladders.now());
      if (turn) this.#turned(slot, turn, id);
      if (turn) this.#wake(slot);
      return turn !== null;
    });
  }

  /** Today does not count for these, whatever it comes to. Null: whichever source, whichever provider. */
  hold(sourceId: string | null, provider: string | null, why: string): number {
    let held = 0;
    for (const slot of this.#ladders.known()) {
      if (sourceId !== null && slot.sourceId !== sourceId) continue;
      if (provider !== null && this.#ladders.slot(slot.sourceId, provider) !== slot) continue;
      const turn = slot.ladder.hold(why);
      if (!turn) continue;
      held++;
      this.#turned(slot, turn);
      this.#keeper.changed(slot);
    }
    return held;
  }

  /** The source's mail drew complaints of recipients of this provider. */
  complained(sourceId: string, provider: string | null, complaints: number): void {
    const slot = this.none ? null : this.#ladders.slot(sourceId, provider);
    if (slot === null) return;
    const turn = slot.ladder.complained(complaints, this.#ladders.now());
    this.#keeper.changed(slot);
    if (turn) this.#turned(slot, turn);
  }

  #seen(outcome: SeenOutcome): void {
    if (outcome.type === 'path_deferred' || this.none) return;
    const slot = this.#ladders.slot(outcome.sourceId, outcome.provider);
    if (slot === null) return;
    const turn = slot.ladder.seen(countedOf(outcome), this.#ladders.now());
    this.#keeper.changed(slot);
    if (turn) this.#turned(slot, turn);
  }

  #turned(slot: WarmUpSlot, turn: NonNullable<ReturnType<WarmUpLadder['roll']>>, about = ''): void {
    const { decisions, generation } = this.#ports;
    const source = generation().source(slot.sourceId);
    decisions.tell(decisionOf(slot.ladder.way, source?.name ?? slot.sourceId, turn, about));
    this.#keeper.changed(slot);
  }

  #open(slot: WarmUpSlot, marked: boolean): boolean {
    const stop = slot.ladder.stop(marked, this.#ladders.now());
    if (stop === 'grant') this.#keeper.wanted(slot);
    return stop === 'none';
  }

  /** When a ladder that lines found closed is looked at again. */
  #arrange(slot: WarmUpSlot): void {
    const { agenda, steady } = this.#ports;
    const nowMs = this.#ladders.now();
    const stop = slot.ladder.stop(false, nowMs);
    // A grant wakes by itself.
    if (stop === 'grant') return this.#keeper.wanted(slot);
    const inMs = stop === 'kept' ? keptLookMs : (slot.ladder.opensMs(nowMs) ?? nowMs) - nowMs;
    agenda.schedule(slot, steady.nowMs() + Math.min(farMs, Math.max(shortestWaitMs, inMs)));
  }

  /** A moment later: whoever made room is in the middle of something. */
  #wake(slot: WarmUpSlot): void {
    this.#ports.agenda.schedule(slot, this.#ports.steady.nowMs());
  }

  /** There may be room: those in line have their turn as long as there is. */
  #opened(slot: WarmUpSlot, nowMs: number): void {
    this.#ladders.roll(slot);
    let wakes = maxWakes;
    for (const line of thoseNow(slot.lines, slot.lines.size)) {
      slot.lines.delete(line);
      line.closed.marked = false;
      line.closed.plain = false;
      for (let turns = line.size; turns > 0 && wakes > 0; turns--, wakes--) {
        const plainToo = this.#open(slot, false);
        const queue = plainToo || (line.markedWait && this.#open(slot, true)) ? line.next(plainToo) : undefined;
        if (!queue) break;
        queue.roomOpened(nowMs);
      }
      if (line.size > 0) slot.lines.add(line);
    }
    if (slot.lines.size === 0) return;
    if (wakes === 0) this.#ports.agenda.schedule(slot, nowMs + 1);
    else this.#arrange(slot);
  }

  async #lookAtAll(): Promise<void> {
    const { slices, agenda, steady } = this.#ports;
    await slices.run(this.#lookingAtAll());
    const nowMs = this.#ladders.now();
    const inMs = Math.min(farMs, this.#ladders.nextMidnightMs(nowMs) + afterMidnightMs - nowMs);
    agenda.schedule(this.#round, steady.nowMs() + Math.max(afterMidnightMs, inMs));
  }

  /** Days end for those that nobody sends through as well. */
  *#lookingAtAll(): Sliced<void> {
    let looked = 0;
    for (const slot of this.#ladders.all()) {
      this.#ladders.roll(slot);
      if (++looked % atOnce === 0) yield;
    }
  }
}

const noSources: ReadonlySet<string> = new Set();

/** The injector marked the recipient as engaged. */
export function isMarked({ options }: RecipientEntry): boolean {
  return options?.engaged === true;
}

/** A full mailbox is nobody's opinion of the source. */
function countedOf({ type, bounceClass }: SeenOutcome): CountedOutcome {
  return {
    deferred: type === 'deferred' && bounceClass !== 'mailbox_full',
    blocked: bounceClass === 'policy',
    hardBounced: type === 'bounced' && (bounceClass === 'bad_mailbox' || bounceClass === 'bad_domain'),
  };
}
