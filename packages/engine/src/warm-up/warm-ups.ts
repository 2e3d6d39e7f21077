// Warm-up in the engine: one ladder for each warming source and group of providers. An entry that enters the ready queue of such a source is
// reserved, committed when its envelope leaves, released when it leaves unsent; what does not fit waits in line, and the time, a grant or a
// release that makes room wakes it. Grants are written before they are used, off the hot path, those of all ladders together.
import type { EngineCommand } from '@sluice/contract';
import type { CountedOutcome, WarmUpAct, WarmUpCommit, WarmUpLadder } from '@sluice/policy';
import type { RecordFile } from '../config/record-file.ts';
import type { Generation } from '../config/generation.ts';
import type { Decisions } from '../decisions/decisions.ts';
import type { RecipientEntry } from '../entry.ts';
import type { Outcomes, SeenOutcome } from '../outcomes/outcomes.ts';
import type { Clock, EngineLog } from '../ports.ts';
import { task, type Agenda } from '../queue/agenda.ts';
import type { Sliced, Slices } from '../queue/slices.ts';
import { ReleasingMap } from '../releasing.ts';
import { LadderKeeper } from './ladder-keeper.ts';
import { Ladders } from './ladders.ts';
import { decisionOf } from './told.ts';
import type { WarmUpWaiter } from './warm-up-line.ts';
import { WarmUpLines } from './warm-up-lines.ts';
import type { WarmUpSlot } from './warm-up-slot.ts';

/** How often an envelope waits for a grant that others take before it. */
const maxTries = 5;
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
  /** Why automation holds the warm-up of the source at the provider; null when it does not. */
  holds: (sourceId: string, provider: string) => string | null;
};

export class WarmUps {
  readonly #ports: WarmUpPorts;
  readonly #ladders: Ladders;
  readonly #keeper: LadderKeeper;
  /** Recipients that are ready through a warming source, by their entry's id, and through which. */
  readonly #reserved = new ReleasingMap<string, WarmUpSlot>();
  readonly #lines: WarmUpLines;
  readonly #round = task(() => void this.#lookAtAll());
  #started = false;
  /** What was used today cannot be known: nothing more is given of it. */
  #lost = false;

  constructor(ports: WarmUpPorts) {
    this.#ports = ports;
    const { clock, node } = ports;
    this.#ladders = new Ladders({
      clock,
      node,
      generation: ports.generation,
      opened: (...at) => this.#lines.opened(...at),
      turned: (...turn) => this.#turned(...turn),
      dayEnded: (slot) => this.#keeper.changed(slot),
    });
    this.#keeper = new LadderKeeper({ ...ports, ladders: this.#ladders });
    this.#lines = new WarmUpLines({ ...ports, ladders: this.#ladders, failing: () => this.#keeper.failing });
    ports.outcomes.subscribe((outcome) => this.#seen(outcome));
  }

  /** Takes what was kept; before there is any configuration. */
  async start(): Promise<void> {
    this.#lost = !(await this.#keeper.load());
    this.#started = true;
  }

  /** Plans may have come or gone. */
  configurationChanged(): void {
    if (!this.#started || (this.none && this.#ladders.size === 0)) return;
    if (this.#lost) for (const { ladder } of this.#ladders.all()) ladder.useUp(this.#ladders.now());
    this.#lost = false;
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

  get lines(): WarmUpLines {
    return this.#lines;
  }

  get ladders(): Ladders {
    return this.#ladders;
  }

  /** Whether one more recipient may take this way now, as far as warm-up goes. */
  lets(sourceId: string, provider: string | null, marked: boolean): boolean {
    const slot = this.#slotOf(sourceId, provider);
    return slot === null || this.#lines.open(slot, marked);
  }

  /** The entry goes to the ready queue of the source. */
  reserve(entry: RecipientEntry, sourceId: string, provider: string | null): void {
    const slot = this.#slotOf(sourceId, provider);
    if (slot !== null) this.#reserve(entry, slot);
  }

  /** The entries leave the ready queue, or what was done with them is over: what was not committed is given back. */
  release(entries: readonly RecipientEntry[]): void {
    if (this.#reserved.size === 0) return;
    for (const entry of entries) {
      const slot = this.#reserved.get(entry.entryId);
      if (!slot) continue;
      this.#reserved.delete(entry.entryId);
      slot.ladder.account.release(isMarked(entry));
      if (slot.lines.size > 0) this.#lines.roomIn(slot);
    }
  }

  /**
   * Their envelope leaves now. False: it may not leave; what was reserved stays so until it is released. A promise where the next block has
   * to be on disk first.
   */
  commit(entries: readonly RecipientEntry[], sourceId: string, provider: string | null): boolean | Promise<boolean> {
    const slot = this.#slotOf(sourceId, provider);
    if (slot === null) return true;
    const said = this.#commit(slot, entries);
    return said === 'grant' ? this.#commitLater(slot, entries) : said === 'done';
  }

  /** The same where nothing can be waited for. */
  commitAtOnce(entries: readonly RecipientEntry[], sourceId: string, provider: string | null): boolean {
    const slot = this.#slotOf(sourceId, provider);
    return slot === null || this.#commit(slot, entries) === 'done';
  }

  /** Recipients that one transaction may have: no more than are granted at once. */
  most(sourceId: string, provider: string | null): number {
    const slot = this.#slotOf(sourceId, provider);
    return slot === null || slot.ladder.finished ? Infinity : slot.ladder.account.block;
  }

  /** The queue is gone. */
  forget(queue: WarmUpWaiter): void {
    queue.waitsInLine?.leave(queue);
  }

  /** An operator's act on ladders of a plan; resolves with how many it touched once that is on disk. */
  async told({ id, kind, targetId, scope, reason }: EngineCommand): Promise<number> {
    const act = acts[kind];
    if (!act || targetId === null) return 0;
    const slots = this.#ladders.matching(targetId, scope.source ?? null, scope.group ?? null);
    return this.#keeper.kept(slots, (slot) => {
      const turn = slot.ladder.command(id, act, reason, this.#ladders.now());
      if (!turn) return false;
      this.#turned(slot, turn, id);
      this.#lines.wake(slot);
      return true;
    });
  }

  /** The source's mail drew complaints of recipients of this provider. */
  complained(sourceId: string, provider: string | null, complaints: number): void {
    const slot = this.#slotOf(sourceId, provider);
    if (slot === null) return;
    const turn = slot.ladder.complained(complaints, this.#ladders.now());
    this.#keeper.changed(slot);
    if (turn) this.#turned(slot, turn);
  }

  #slotOf(sourceId: string, provider: string | null): WarmUpSlot | null {
    return this.none ? null : this.#ladders.slot(sourceId, provider);
  }

  #commit(slot: WarmUpSlot, entries: readonly RecipientEntry[]): WarmUpCommit {
    for (const entry of entries) {
      // Ready since before there was a plan, or reserved under another: it needs room now.
      if (this.#reserved.get(entry.entryId) === slot) continue;
      if (!this.#lines.open(slot, isMarked(entry))) return 'refused';
      this.release([entry]);
      this.#reserve(entry, slot);
    }
    const said = slot.ladder.commit(entries.length, this.#ladders.now());
    if (said === 'done') for (const entry of entries) this.#reserved.delete(entry.entryId);
    this.#keeper.wanted(slot);
    return said;
  }

  async #commitLater(slot: WarmUpSlot, entries: readonly RecipientEntry[]): Promise<boolean> {
    for (let tries = 0; tries < maxTries; tries++) {
      const granted = slot.granted(entries.length);
      this.#keeper.wanted(slot);
      await granted;
      const said = this.#commit(slot, entries);
      if (said !== 'grant') return said === 'done';
    }
    return false;
  }

  #reserve(entry: RecipientEntry, slot: WarmUpSlot): void {
    slot.ladder.account.reserve(isMarked(entry));
    this.#reserved.set(entry.entryId, slot);
    this.#keeper.wanted(slot);
  }

  #seen(outcome: SeenOutcome): void {
    if (outcome.type === 'path_deferred' || this.none) return;
    const slot = this.#ladders.slot(outcome.sourceId, outcome.provider);
    if (slot === null) return;
    const turn = slot.ladder.seen(countedOf(outcome), this.#ladders.now());
    this.#keeper.changed(slot);
    if (turn) this.#turned(slot, turn);
    // What automation holds is held for the whole day, even if its reason is over by midnight.
    const why = outcome.provider === null || slot.ladder.heldBy !== null ? null : this.#ports.holds(outcome.sourceId, outcome.provider);
    const held = why === null ? null : slot.ladder.hold(why);
    if (held) this.#turned(slot, held);
  }

  #turned(slot: WarmUpSlot, turn: NonNullable<ReturnType<WarmUpLadder['roll']>>, about = ''): void {
    const { decisions, generation } = this.#ports;
    const source = generation().source(slot.sourceId);
    decisions.tell(decisionOf(slot.ladder.way, source?.name ?? slot.sourceId, turn, about));
    this.#keeper.changed(slot);
  }

  async #lookAtAll(): Promise<void> {
    const { slices, agenda, steady } = this.#ports;
    await slices.run(this.#lookingAtAll());
    if (this.none) return;
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

const acts: Readonly<Partial<Record<EngineCommand['kind'], WarmUpAct>>> = {
  warm_up_skip: 'skip',
  warm_up_step_back: 'step_back',
  warm_up_restart: 'restart',
};

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
