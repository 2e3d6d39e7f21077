// The scheduled side: entries wait here in queues by tenant, stream, campaign and domain. When an entry falls due it gets its route, the
// source whose turn it is in the stream's pool, and a place in a lane of that egress path. What cannot go on waits for exactly what
// stops it: its time, its route, room in a lane, or a source. A blocked queue stops nobody else.
import type { PoolBody } from '@sluice/contract';
import type { QueueNames, RecipientEntry } from '../entry.ts';
import type { WithId } from '../config/generation.ts';
import type { Route, RouteAnswer, RouteFailure } from '../route/route.ts';
import { task } from './agenda.ts';
import { Arrivals } from './arrivals.ts';
import { chooseSource } from './choose-source.ts';
import { poolFor, verdict } from './commanded.ts';
import { Endings, outOfTime, type UnsentEnd } from './endings.ts';
import { farEntriesOf, type FarEntries } from './far-entries.ts';
import { Inspection } from './inspection.ts';
import { restRoute } from './path-failure.ts';
import { Parking } from './parking.ts';
import { applyMaxAge, attemptFrom } from './queue-settings.ts';
import { expirySweep } from './rounds.ts';
import { SourceTurns } from './source-turns.ts';
import { QueueTable } from './queue-table.ts';
import type { ReadySide } from './ready-side.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import type { Worker } from './worker.ts';

/** Entries that one queue moves in one go before other work has its turn. */
const maxMovesPerTurn = 250;
/** Queues that move entries on in one go; further ones that came with them have their turn on the agenda. */
const maxQueuesAtOnce = 64;
/** How often queues are looked through for entries whose time is over without an attempt. */
const expirySweepMs = 10_000;

export class Scheduler {
  readonly held = new Set<ScheduledQueue>();
  readonly far: FarEntries | null;
  readonly arrivals: Arrivals;
  /** What commands are to look at. */
  readonly inspection: Inspection;
  readonly #worker: Worker;
  readonly #turns = new SourceTurns();
  readonly #table: QueueTable;
  readonly #expirySweep = task(() => void this.#sweep());
  readonly #endings: Endings;
  #ready: ReadySide | null = null;
  #entries = 0;

  constructor(worker: Worker) {
    this.#worker = worker;
    const parking = new Parking(worker.spool, worker.log, worker.clock);
    this.#table = new QueueTable({
      run: (queue, nowMs) => this.#admitAll([queue], nowMs),
      missing: (queue, count) => this.#endings.missing(queue, count),
      nowMs: () => worker.clock.nowMs(),
      callIn: (count) => this.far?.callIn(count),
      parking,
    });
    this.#endings = new Endings(worker, (queue, count) => this.ended(queue, count));
    this.inspection = new Inspection(worker, {
      rows: parking.rows,
      end: (...ending) => this.endUnsent(...ending),
      putDown: (...waiting) => this.#putDown(...waiting),
      missing: (queue, count) => this.#missing(queue, count),
    });
    const { inspection } = this;
    this.arrivals = new Arrivals(worker, {
      table: this.#table,
      inspection,
      far: () => this.far,
      arrived: (...those) => this.#arrived(...those),
    });
    const { arrivals } = this;
    this.far = farEntriesOf(worker, this.#table, {
      entries: (...back) => arrivals.entries(...back),
      waiting: (...back) => arrivals.waiting(...back),
      deposited: (...one) => this.deposited(...one),
      retry: (...one) => this.retry(...one),
    });
  }

  queues(): Generator<ScheduledQueue, undefined, void> {
    return this.#table.queues();
  }

  get queueCount(): number {
    return this.#table.size;
  }

  /** Starts what was made ready. */
  serve(nowMs: number): void {
    this.#ready?.serve(nowMs);
  }

  queue(names: QueueNames, tlsOptional: boolean, engaged = false): ScheduledQueue | undefined {
    return this.#table.get(names, tlsOptional, engaged);
  }

  connect(ready: ReadySide): void {
    this.#ready = ready;
  }

  /** Entries known, in whatever state. */
  get entries(): number {
    return this.#entries;
  }

  /** An attempt ended with a deferral; the entry already carries its next due time. */
  retry(queue: ScheduledQueue, entry: RecipientEntry): void {
    this.#putDown(queue, [entry], this.#worker.clock.nowMs());
  }

  #arrived(count: number, queues: Iterable<ScheduledQueue>, nowMs: number): void {
    this.#entries += count;
    this.#admitAll(queues, nowMs);
    if (this.#entries > 0) this.#worker.agenda.schedule(this.#expirySweep, nowMs + expirySweepMs);
  }

  #missing(queue: ScheduledQueue, count: number): void {
    queue.inHand -= count;
    this.#endings.missing(queue, count);
  }

  #putDown(queue: ScheduledQueue, entries: readonly RecipientEntry[], nowMs: number): void {
    queue.inHand -= entries.length;
    for (const entry of entries) {
      queue.add(entry, nowMs);
      this.#worker.agenda.schedule(queue, Math.max(entry.dueAt, nowMs));
    }
  }

  /** The same of one that lies on disk alone meanwhile. */
  deposited(queue: ScheduledQueue, entry: RecipientEntry): void {
    queue.inHand--;
    this.far?.deposited(queue, Math.min(entry.dueAt, entry.expiresAt));
  }

  /** Entries of the queue that are over: delivered, bounced, expired or set aside. */
  ended(queue: ScheduledQueue, count: number): void {
    queue.inHand -= count;
    this.#entries -= count;
    this.#forgetIfEmpty(queue);
  }

  /** Entries that come back from a lane unsent; they go on by another way, or wait. */
  putBack(queue: ScheduledQueue, entries: readonly RecipientEntry[]): void {
    this.#worker.warmUps.release(entries);
    queue.inHand -= entries.length;
    queue.putBack(entries);
    queue.lastChoice = null;
    if (queue.state === 'full') queue.state = 'open';
  }

  /** A lane of the queue, or its path, has room again. */
  refill(queue: ScheduledQueue, nowMs: number): void {
    if (queue.state === 'full') queue.state = 'open';
    this.#admit(queue, nowMs);
  }

  /** What is due in the queue meets anew whatever decides about it. Queues whose route is being looked up do so when it is known. */
  readmit(queue: ScheduledQueue, nowMs: number): void {
    if (queue.state === 'resolving') return;
    this.#worker.warmUps.forget(queue);
    this.held.delete(queue);
    queue.lastChoice = null;
    queue.state = 'open';
    this.#admit(queue, nowMs);
    this.#ready?.serve(nowMs);
  }

  /** Weights are counted anew. */
  resetTurns(): void {
    this.#turns.reset();
  }

  /** Ends entries that the scheduler or a lane held in hand, without an attempt; resolves when that is recorded. */
  async endUnsent(queue: ScheduledQueue, entries: readonly RecipientEntry[], end: UnsentEnd, nowMs: number): Promise<void> {
    if (entries.length > 0) await this.#endings.end(queue, entries, end, nowMs);
  }

  #forgetIfEmpty(queue: ScheduledQueue): void {
    if (queue.count > 0 || queue.state === 'resolving' || !this.#table.remove(queue)) return;
    this.held.delete(queue);
    this.#ready?.forget(queue);
  }

  async #sweep(): Promise<void> {
    await this.#worker.slices.run(expirySweep(this.#worker, this));
    if (this.#entries > 0) this.#worker.agenda.schedule(this.#expirySweep, this.#worker.clock.nowMs() + expirySweepMs);
  }

  #admitAll(queues: Iterable<ScheduledQueue>, nowMs: number): void {
    let admitted = 0;
    for (const queue of queues) {
      if (++admitted <= maxQueuesAtOnce) this.#admit(queue, nowMs);
      else this.#worker.agenda.schedule(queue, nowMs);
    }
    this.#ready?.serve(nowMs);
  }

  /** Moves due entries on until something stops the queue. */
  #admit(queue: ScheduledQueue, nowMs: number): void {
    if (queue.state !== 'open') return;
    let moves = 0;
    for (let entry = queue.peekDue(nowMs); entry; entry = queue.peekDue(nowMs)) {
      if (++moves > maxMovesPerTurn) {
        this.#worker.agenda.schedule(queue, nowMs + 1);
        break;
      }
      applyMaxAge(this.#worker, queue, entry);
      if (entry.expiresAt <= nowMs) {
        this.#endings.next(queue, entry, outOfTime, nowMs);
        continue;
      }
      const fromMs = attemptFrom(this.#worker, queue, entry, nowMs);
      if (fromMs > nowMs) {
        // Outside its window: it waits for the opening without an attempt, or for its end if that comes first.
        queue.shiftDue();
        entry.dueAt = Math.min(fromMs, entry.expiresAt);
        if (this.far?.layBy(queue, entry, nowMs) !== true) queue.add(entry, nowMs);
        continue;
      }
      if (!this.#admitEntry(queue, entry, nowMs)) break;
    }
    this.#worker.agenda.schedule(queue, queue.nextDueMs());
    this.#forgetIfEmpty(queue);
  }

  /** True when the entry went on (or ended), false when the queue has to wait; its state then says for what. */
  #admitEntry(queue: ScheduledQueue, entry: RecipientEntry, nowMs: number): boolean {
    const stream = this.#worker.generation().stream(entry.streamId);
    const pool = stream?.tenantId === entry.tenantId ? poolFor(this.#worker, queue, stream, entry, nowMs) : undefined;
    const said = verdict(this.#worker, queue, entry, pool?.id, nowMs);
    if (said.kind === 'end') return this.#endings.byCommand(queue, entry, said.command, nowMs);
    if (said.kind === 'hold') return this.#hold(queue);
    if (!stream || !pool) return this.#hold(queue);
    if (queue.routeAfterMs > nowMs) {
      this.#worker.agenda.schedule(queue, queue.routeAfterMs);
      return false;
    }
    const { domain, tlsOptional } = queue;
    const answer = this.#worker.router.cached(domain, tlsOptional);
    if (!answer) return this.#waitFor(queue, this.#worker.router.find(domain, tlsOptional));
    switch (answer.kind) {
      case 'failed':
        return this.#deferRoute(queue, answer, nowMs);
      case 'bounce': {
        const { enhanced, bounceClass, detail } = answer;
        this.#endings.next(queue, entry, { type: 'bounced', bounceClass, scope: 'recipient', detail: `${enhanced} ${detail}` }, nowMs);
        return true;
      }
      case 'route':
        queue.routeFailures = 0;
        return this.#toLane(queue, entry, pool, answer.route, nowMs);
    }
  }

  #toLane(queue: ScheduledQueue, entry: RecipientEntry, pool: WithId<PoolBody>, route: Route, nowMs: number): boolean {
    const ready = this.#ready;
    if (!ready) return this.#hold(queue);
    const choice = chooseSource(this.#worker, this.#turns, ready, { queue, entry, pool, route }, nowMs);
    if (choice.kind === 'end') return this.#endings.byCommand(queue, entry, choice.command, nowMs);
    if (choice.kind === 'learn') return this.#waitFor(queue, this.#worker.router.learnFamilies(route));
    if (choice.kind === 'wait') {
      if (choice.state === 'held') return this.#hold(queue);
      queue.state = choice.state;
      return false;
    }
    queue.shiftDue();
    queue.inHand++;
    ready.place(queue, entry, choice.sourceId, pool.id, route);
    return true;
  }

  #hold(queue: ScheduledQueue): false {
    queue.state = 'held';
    this.held.add(queue);
    return false;
  }

  /** The queue goes on once the answer is there. */
  #waitFor(queue: ScheduledQueue, answered: Promise<RouteAnswer | void>): false {
    queue.state = 'resolving';
    void answered.then((answer) => {
      const nowMs = this.#worker.clock.nowMs();
      queue.state = 'open';
      if (answer?.kind === 'failed') this.#deferRoute(queue, answer, nowMs);
      else {
        this.#admit(queue, nowMs);
        this.#ready?.serve(nowMs);
      }
      this.#forgetIfEmpty(queue);
    });
    return false;
  }

  /** The way to the domain is unknown for now: the queue waits once, no entry loses an attempt. */
  #deferRoute(queue: ScheduledQueue, why: RouteFailure, nowMs: number): false {
    if (queue.routeAfterMs <= nowMs) restRoute(this.#worker, queue, why, nowMs);
    this.#worker.agenda.schedule(queue, queue.routeAfterMs);
    return false;
  }
}
