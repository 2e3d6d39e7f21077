// What the spool held when the engine started, on its way back into the queues. The first of it comes before mail is taken; the rest, where
// there is much, beside it. What fell due while the engine was away is released at a bounded rate: after a long stop the providers would
// get at once what was meant for hours.
import type { RecipientEntry } from '../entry.ts';
import type { Clock, EngineLog, Spool } from '../ports.ts';
import type { FarCount, RecoveredBatch, WaitingEntries } from '../waiting-entries.ts';

/** Entries that are brought back before mail is taken, and overdue ones that are released at once: under a second's work. */
const atOnce = 20_000;

export type HomecomingPorts = {
  clock: Clock;
  spool: Pick<Spool, 'recover'>;
  enqueue(entries: readonly RecipientEntry[]): void;
  /** Those that are not due for a while. */
  enqueueWaiting(waiting: WaitingEntries): void;
  /** How many lie on disk alone. */
  enqueueFar(counts: readonly FarCount[]): void;
  /** All are back. */
  over(): void;
  /** Entries that fell due while the engine was away, a second, past the first. */
  overduePerSecond: number;
  log: EngineLog;
};

export class Homecoming {
  readonly #ports: HomecomingPorts;
  #batches: AsyncIterator<RecoveredBatch> | null = null;
  #startedMs = 0;
  #overdue = 0;
  #rest: Promise<void> = Promise.resolve();
  #stopping = false;
  #wake: () => void = () => undefined;
  #back = 0;

  constructor(ports: HomecomingPorts) {
    this.#ports = ports;
  }

  /** Whether entries are still to come. */
  get goesOn(): boolean {
    return this.#batches !== null;
  }

  /** Brings back the first; the rest follows by itself. Rejects as the spool does. */
  async begin(): Promise<void> {
    this.#startedMs = this.#ports.clock.nowMs();
    this.#batches = this.#ports.spool.recover()[Symbol.asyncIterator]();
    while (this.#back < atOnce && (await this.#next()));
    this.#rest = this.#bring().catch((error: unknown) =>
      this.#ports.log.warn('the spool could not be read to its end', { entries: this.#back, error: String(error) }),
    );
  }

  /** Leaves the rest on disk; resolves when nothing more comes. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await this.#rest;
  }

  async #bring(): Promise<void> {
    while (this.#batches !== null && !this.#stopping && (await this.#next())) await this.#pace();
    if (this.#batches === null) this.#ports.log.info('all entries of the spool are in the queues', { entries: this.#back });
  }

  /** False when that was all. */
  async #next(): Promise<boolean> {
    const next = await this.#batches?.next();
    if (next === undefined || next.done === true) {
      this.#batches = null;
      this.#ports.over();
      return false;
    }
    const { entries, waiting, far } = next.value;
    if (far !== undefined) this.#ports.enqueueFar(far);
    this.#back += entries.length + waiting.count;
    for (const entry of entries) if (entry.dueAt <= this.#startedMs) this.#overdue += 1;
    if (entries.length > 0) this.#ports.enqueue(entries);
    this.#ports.enqueueWaiting(waiting);
    return true;
  }

  /** Waits until the overdue entries released so far have had their time. */
  async #pace(): Promise<void> {
    const { clock, overduePerSecond } = this.#ports;
    const earliestMs = this.#startedMs + ((this.#overdue - atOnce) / overduePerSecond) * 1000;
    const waitMs = earliestMs - clock.nowMs();
    if (waitMs <= 0 || this.#stopping) return;
    await new Promise<void>((resolve) => {
      const cancel = clock.setTimer(waitMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
