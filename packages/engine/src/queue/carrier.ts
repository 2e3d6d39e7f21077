// One busy connection: carries transactions one after the other. While one is under way the next is made ready (its limits reserved, its
// content read and signed), so that its envelope can leave behind the message of the present one: one round trip a message. What was
// made ready and is not sent goes back as if nothing had been tried. RFC 2920 section 3.1
import type { Transaction } from '../ports.ts';
import type { Connection, ReadyPath } from './ready-path.ts';
import { deliver, prepareLoad, settle, settleUnready, unsentResult } from './transaction.ts';
import type { Handed, Load, TransactionResult } from './transaction.ts';
import type { Worker } from './worker.ts';

export type CarrierEvents = {
  /** A further batch with its limits reserved; null when there is none that may go over a busy connection now. */
  take(path: ReadyPath, nowMs: number): Handed | null;
  /** Whether more may be sent over the path. */
  mayGoOn(path: ReadyPath, nowMs: number): boolean;
  /** Changes when what waits was taken back: by a command, a failure or a new configuration. */
  recalls(): number;
  /** A transaction is over, or what was taken goes back. */
  over(path: ReadyPath, handed: Handed, result: TransactionResult): void;
  /** The connection has nothing more to carry. */
  free(path: ReadyPath, connection: Connection): void;
};

/** What one connection carries: the transaction whose envelope left already, and the one that is being made ready. */
type Run = { readonly path: ReadyPath; readonly connection: Connection; sent: Load | null; ahead: Load | null; takenAt: number };

export class Carrier {
  readonly #worker: Worker;
  readonly #events: CarrierEvents;

  constructor(worker: Worker, events: CarrierEvents) {
    this.#worker = worker;
    this.#events = events;
  }

  /** Carries the batch and what follows it. Never rejects. */
  async carry(path: ReadyPath, connection: Connection, first: Handed): Promise<void> {
    const run: Run = { path, connection, sent: null, ahead: null, takenAt: 0 };
    for (let load = this.#load(first); load; load = this.#following(run)) {
      this.#events.over(path, load.handed, await this.#transact(run, load));
    }
    this.#events.free(path, connection);
  }

  #load(handed: Handed | null): Load | null {
    const first = handed?.entries[0];
    return handed && first ? prepareLoad(this.#worker, handed, first) : null;
  }

  async #transact(run: Run, load: Load): Promise<TransactionResult> {
    const { path, connection } = run;
    const { handed } = load;
    const prepared = load.ready ? null : await load.prepared;
    if (prepared && prepared.kind !== 'ready') return settleUnready(this.#worker, path, handed, prepared);
    const transaction = prepared ? prepared.transaction : load.ready;
    if (!transaction) return unsentResult(handed);
    connection.transactions++;
    const outcomes = deliver(this.#worker, connection, transaction, () => this.#next(run));
    this.#lookAhead(run);
    return settle(this.#worker, path, connection, handed, transaction, await outcomes);
  }

  /** The message of the present transaction goes out: what may leave behind it. */
  #next(run: Run): Transaction | null {
    const { ahead } = run;
    if (!ahead?.ready || run.takenAt !== this.#events.recalls() || !this.#mayGoOn(run)) return null;
    run.sent = ahead;
    run.ahead = null;
    // A turn later: whoever asks is in the middle of a flight.
    queueMicrotask(() => this.#lookAhead(run));
    return ahead.ready;
  }

  #lookAhead(run: Run): void {
    if (run.ahead || !run.connection.session.chains || !this.#mayGoOn(run)) return;
    run.takenAt = this.#events.recalls();
    run.ahead = this.#load(this.#events.take(run.path, this.#worker.clock.nowMs()));
  }

  #mayGoOn({ path, connection }: Run): boolean {
    return connection.settings === path.egress.settings && this.#events.mayGoOn(path, this.#worker.clock.nowMs());
  }

  #following(run: Run): Load | null {
    const { sent, ahead } = run;
    run.sent = null;
    if (sent || !ahead) return sent;
    run.ahead = null;
    if (run.connection.session.usable && run.takenAt === this.#events.recalls() && this.#mayGoOn(run)) return ahead;
    this.#events.over(run.path, ahead.handed, unsentResult(ahead.handed));
    return null;
  }
}
