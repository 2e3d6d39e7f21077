// Asks the limit store for what the book wants: one call at a time, which carries whatever came together meanwhile, and tells the book. While
// the store cannot be asked, mail under limits that need it waits: nothing passes that could have been used elsewhere.
import type { Asked, LimitBook, LimitStore } from '@sluice/policy';
import type { Clock, EngineLog } from '../ports.ts';

type ClerkPorts = {
  book: LimitBook;
  store: LimitStore;
  clock: Pick<Clock, 'nowMs'>;
  log: EngineLog;
  /** Something was given: who waits may go on. */
  moved(nowMs: number): void;
};

export class LeaseClerk {
  readonly #ports: ClerkPorts;
  #asking: Promise<void> | null = null;
  #started = false;
  #failing = false;

  constructor(ports: ClerkPorts) {
    this.#ports = ports;
    ports.book.leases.onWant = () => this.#kick();
  }

  /** What was wanted before this waits for it. */
  async start(): Promise<void> {
    await this.#ports.store.start();
    this.#started = true;
    this.#kick();
  }

  /** Hands back what was not spent. Nothing is reserved after this. */
  async stop(): Promise<void> {
    if (!this.#started) return;
    await this.#asking;
    this.#started = false;
    const { book, store, log } = this.#ports;
    const requests = book.leases.returning();
    try {
      if (requests.length > 0) await store.lease(requests);
    } catch (error) {
      log.warn('what was not used of limits could not be handed back; it counts as used', { error: String(error) });
    }
  }

  #kick(): void {
    if (!this.#started || this.#asking) return;
    this.#asking = this.#askAll().finally(() => {
      this.#asking = null;
      // What came while the last answer was told.
      if (this.#ports.book.leases.wanting > 0) this.#kick();
    });
  }

  async #askAll(): Promise<void> {
    // A turn later: whatever is wanted together is asked for in one call.
    await Promise.resolve();
    const { leases } = this.#ports.book;
    for (let asked = this.#take(); asked.length > 0; asked = this.#take()) {
      const answered = await this.#ask(asked);
      const nowMs = this.#ports.clock.nowMs();
      if (answered) leases.answered(asked, answered, nowMs);
      else leases.failed(asked, nowMs);
      this.#ports.moved(nowMs);
    }
  }

  #take(): Asked[] {
    return this.#ports.book.leases.take(this.#ports.clock.nowMs());
  }

  async #ask(asked: readonly Asked[]) {
    const { store, log } = this.#ports;
    try {
      const leases = await store.lease(asked.map(({ request }) => request));
      if (this.#failing) log.info('the limit store answers again', {});
      this.#failing = false;
      return leases;
    } catch (error) {
      if (!this.#failing) log.warn('the limit store cannot be asked; mail under limits that need it waits', { error: String(error) });
      this.#failing = true;
      return null;
    }
  }
}
