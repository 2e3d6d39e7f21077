// Waiting mail meets a command that ends it without waiting for its time: what waits in memory, what is parked, and what the depot has, a
// batch at a time, each when the one before is recorded. So an operator sees the count of what is cancelled fall at once, while sessions
// and new mail have their turns. What no command ends goes on waiting as it did.
import type { EngineCommand } from '@sluice/contract';
import type { RecipientEntry } from '../entry.ts';
import { commandedEnd, endOf } from './commanded.ts';
import type { UnsentEnd } from './endings.ts';
import type { ParkedRows } from './parked-rows.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import type { Worker } from './worker.ts';

/** Entries looked at in one go, and how long before others have their turn. */
const batch = 256;
/** Of those in memory, since each go looks at all of a queue. */
const memoryBatch = 2_000;
const turnMs = 5;
const restMs = 1;
/** A batch whose reports take longer does not hold up the next. */
const reportsMs = 5_000;
const fullPauseMs = 20;

export type InspectionPorts = {
  rows: ParkedRows;
  /** Ends entries in hand; resolves when that is recorded. */
  end(queue: ScheduledQueue, entries: readonly RecipientEntry[], end: UnsentEnd, nowMs: number): Promise<void>;
  /** Entries in hand go on waiting. */
  putDown(queue: ScheduledQueue, entries: readonly RecipientEntry[], nowMs: number): void;
  missing(queue: ScheduledQueue, count: number): void;
};
type Work = { memory: boolean; route: boolean };

export class Inspection {
  readonly #worker: Worker;
  readonly #ports: InspectionPorts;
  readonly #work = new Map<ScheduledQueue, Work>();
  #looked = 0;
  #running = false;
  #stopped = false;

  constructor(worker: Worker, ports: InspectionPorts) {
    this.#worker = worker;
    this.#ports = ports;
  }

  /** All that waits in the queue. `route`: whether the command touches it is known only with its route. */
  all(queue: ScheduledQueue, route: boolean): void {
    queue.lookAtParked();
    this.#add(queue, { memory: true, route });
  }

  /** What has come back from the depot to be looked at. */
  returned(queue: ScheduledQueue): void {
    this.#add(queue, { memory: false, route: false });
  }

  stop(): void {
    this.#stopped = true;
  }

  #add(queue: ScheduledQueue, { memory, route }: Work): void {
    const known = this.#work.get(queue);
    this.#work.set(queue, { memory: memory || known?.memory === true, route: route || known?.route === true });
    if (this.#running) return;
    this.#running = true;
    void this.#run().finally(() => (this.#running = false));
  }

  async #run(): Promise<void> {
    const { router, recorder, clock } = this.#worker;
    let ending: Promise<void>[] = [];
    this.#looked = 0;
    let giveWayMs = clock.monotonicMs() + turnMs;
    for (let next = this.#next(); next !== null && !this.#stopped; next = this.#next()) {
      const [queue, work] = next;
      if (work.route && router.cached(queue.domain, queue.tlsOptional) === null) await router.find(queue.domain, queue.tlsOptional);
      ending.push(...(await (work.memory ? this.#inMemory(queue, work) : this.#parked(queue))));
      if (this.#looked < batch && clock.monotonicMs() < giveWayMs) continue;
      if (ending.length > 0) await Promise.race([Promise.all(ending), this.#rest(reportsMs)]);
      while (recorder.full && !this.#stopped) await this.#rest(fullPauseMs);
      await this.#rest(restMs);
      ending = [];
      this.#looked = 0;
      giveWayMs = clock.monotonicMs() + turnMs;
    }
  }

  #next(): [ScheduledQueue, Work] | null {
    for (const next of this.#work) return next;
    return null;
  }

  async #inMemory(queue: ScheduledQueue, work: Work): Promise<Promise<void>[]> {
    const { clock, slices } = this.#worker;
    const nowMs = clock.nowMs();
    const ends = (entry: RecipientEntry): boolean => endOf(this.#worker, queue, entry, nowMs) !== null;
    const taken = await slices.run(queue.takeInMemory(ends, memoryBatch));
    if (taken.length < memoryBatch) work.memory = false;
    return this.#endAll(queue, taken, clock.nowMs());
  }

  async #parked(queue: ScheduledQueue): Promise<Promise<void>[]> {
    const { rows, missing } = this.#ports;
    const taken = queue.takeToLook(batch);
    if (taken.length < batch) this.#work.delete(queue);
    if (taken.length === 0) return [];
    let found: (RecipientEntry | null)[];
    try {
      found = await this.#worker.spool.load(taken.map((row) => rows.entryId(row)));
    } catch (error) {
      this.#worker.log.warn('waiting entries could not be looked at for a command; they meet it as they come due', {
        error: String(error),
      });
      queue.putRowsBack(taken);
      queue.run(this.#worker.clock.nowMs());
      return [];
    }
    for (const row of taken) rows.free(row);
    const entries = found.filter((entry) => entry !== null);
    if (entries.length < taken.length) missing(queue, taken.length - entries.length);
    return this.#endAll(queue, entries, this.#worker.clock.nowMs());
  }

  /** Ends those in hand that a command ends; the others go on waiting. */
  #endAll(queue: ScheduledQueue, entries: readonly RecipientEntry[], nowMs: number): Promise<void>[] {
    const byCommand = new Map<EngineCommand, RecipientEntry[]>();
    const rest: RecipientEntry[] = [];
    this.#looked += entries.length;
    for (const entry of entries) {
      const command = endOf(this.#worker, queue, entry, nowMs);
      const ended = command === null ? rest : (byCommand.get(command) ?? []);
      ended.push(entry);
      if (command !== null) byCommand.set(command, ended);
    }
    if (rest.length > 0) this.#ports.putDown(queue, rest, nowMs);
    return [...byCommand].map(([command, ended]) => this.#ports.end(queue, ended, commandedEnd(command), nowMs));
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#worker.clock.setTimer(ms, resolve));
  }
}
