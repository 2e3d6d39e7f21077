// One busy connection: carries transactions one after the other. While one is under way the next is made ready (its limits reserved, its
// content read and signed), so that its envelope can leave behind the message of the present one: one round trip a message. What was
// made ready and is not sent goes back as if nothing had been tried. Recipients whom the server wants in a further transaction come before
// all others. RFC 2920 section 3.1
import { departure } from '@sluice/policy';
import type { Transaction } from '../ports.ts';
import { departing } from './departing.ts';
import type { Connection, ReadyPath } from './ready-path.ts';
import { deliver, prepareLoad, settle, settleUnready, unsentResult } from './transaction.ts';
import type { Handed, Load, TransactionResult } from './transaction.ts';
import type { Worker } from './worker.ts';

export type CarrierEvents = {
  /** A further batch with its limits reserved; null when there is none that may go over a busy connection now. */
  take(path: ReadyPath, nowMs: number): Handed | null;
  /** Whether more may be sent over the path. */
  mayGoOn(path: ReadyPath, nowMs: number): boolean;
  /** The server took so many recipients of a transaction and no more. */
  learnt(path: ReadyPath, taken: number, nowMs: number): void;
  /** A transaction is over, or what was taken goes back. */
  over(path: ReadyPath, handed: Handed, result: TransactionResult): void;
  /** The connection has nothing more to carry. */
  free(path: ReadyPath, connection: Connection): void;
};

/**
 * What waits to be sent, and the count of recalls of its path when it was taken: by a command, a failure or a new configuration. `left`: its
 * envelope is on the wire already.
 */
type Taken = { readonly load: Load; readonly at: number; left: boolean };
/** How long a transaction may wait at the door for limits that it would else come too close under; past it its mail goes back. */
const patienceMs = 1_000;
/** What one connection carries: the transaction whose envelope left already, the rest of some before it, and the one being made ready. */
type Run = { readonly path: ReadyPath; readonly connection: Connection; sent: Taken | null; again: Taken[]; ahead: Taken | null };

export class Carrier {
  readonly #worker: Worker;
  readonly #events: CarrierEvents;

  constructor(worker: Worker, events: CarrierEvents) {
    this.#worker = worker;
    this.#events = events;
  }

  /** Carries the batch and what follows it. Never rejects. */
  async carry(path: ReadyPath, connection: Connection, first: Handed): Promise<void> {
    const run: Run = { path, connection, sent: null, again: [], ahead: null };
    for (let taken = this.#taken(first, path.recalls); taken; taken = this.#following(run)) {
      const { handed } = taken.load;
      const result = await this.#transact(run, taken);
      this.#events.over(path, result.again.size === 0 ? handed : this.#split(run, taken, result), result);
    }
    this.#events.free(path, connection);
  }

  #taken(handed: Handed | null, at: number): Taken | null {
    const first = handed?.entries[0];
    return handed && first ? { load: prepareLoad(this.#worker, handed, first), at, left: false } : null;
  }

  async #transact(run: Run, { load, left }: Taken): Promise<TransactionResult> {
    const { path, connection } = run;
    const { handed } = load;
    const prepared = load.ready ? null : await load.prepared;
    if (prepared && prepared.kind !== 'ready') return settleUnready(this.#worker, path, handed, prepared);
    const transaction = prepared ? prepared.transaction : load.ready;
    if (!transaction || (!left && !(await this.#leaves(path, handed, transaction)))) return unsentResult(handed);
    connection.transactions++;
    const outcomes = deliver(this.#worker, connection, transaction, () => this.#next(run));
    this.#lookAhead(run);
    return settle(this.#worker, path, connection, handed, transaction, await outcomes);
  }

  /** Waits until the limits let it out, and uses up what warming sources may send; false when that takes too long, or there is none. */
  #leaves({ egress }: ReadyPath, { tokens, entries }: Handed, transaction: Transaction): boolean | Promise<boolean> {
    const { clock, warmUps } = this.#worker;
    this.#weigh(tokens, transaction);
    const departs = departing(clock, tokens, patienceMs);
    const commit = (may: boolean): boolean | Promise<boolean> => may && warmUps.commit(entries, egress.source.id, egress.provider);
    return typeof departs === 'boolean' ? commit(departs) : departs.then(commit);
  }

  /** Signed, it has its size on the wire: limits of bytes were asked with that of what is stored. */
  #weigh([first]: Handed['tokens'], { facts, header }: Transaction): void {
    if (first) this.#worker.limits.weigh(first, facts.sizeBytes + header.length, this.#worker.clock.nowMs());
  }

  /** Those who were one recipient too many go on as a transaction of their own; the result is what remains of the one that is over. */
  #split(run: Run, { load, at }: Taken, { again, taken }: TransactionResult): Handed {
    const nowMs = this.#worker.clock.nowMs();
    const { lane, entries, tokens } = load.handed;
    this.#events.learnt(run.path, taken, nowMs);
    const share = <T>(all: readonly T[], further: boolean): T[] => all.filter((_, index) => again.has(index) === further);
    const handed = (further: boolean): Handed => ({
      lane,
      entries: share(entries, further),
      tokens: share(tokens, further),
      startedMs: nowMs,
    });
    const rest = this.#taken(handed(true), at);
    if (rest) run.again.push(rest);
    return handed(false);
  }

  /** The message of the present transaction goes out: what may leave behind it. */
  #next(run: Run): Transaction | null {
    const taken = run.again[0] ?? run.ahead;
    if (!taken?.load.ready || taken.at !== run.path.recalls || !this.#mayGoOn(run)) return null;
    const nowMs = this.#worker.clock.nowMs();
    this.#weigh(taken.load.handed.tokens, taken.load.ready);
    if (departure(taken.load.handed.tokens, nowMs) > nowMs || !this.#commits(run.path, taken.load)) return null;
    taken.left = true;
    this.#takeOut(run, taken);
    run.sent = taken;
    // A turn later: whoever asks is in the middle of a flight.
    queueMicrotask(() => this.#lookAhead(run));
    return taken.load.ready;
  }

  /** The envelope leaves now: what warming sources may send is used up by that. */
  #commits({ egress }: ReadyPath, { handed }: Load): boolean {
    return this.#worker.warmUps.commitAtOnce(handed.entries, egress.source.id, egress.provider);
  }

  #takeOut(run: Run, taken: Taken): void {
    if (run.ahead === taken) run.ahead = null;
    else run.again.shift();
  }

  #lookAhead(run: Run): void {
    if (run.ahead || run.again.length > 0 || !run.connection.session.chains || !this.#mayGoOn(run)) return;
    const at = run.path.recalls;
    run.ahead = this.#taken(this.#events.take(run.path, this.#worker.clock.nowMs()), at);
  }

  #mayGoOn({ path, connection }: Run): boolean {
    return connection.settings === path.egress.settings && this.#events.mayGoOn(path, this.#worker.clock.nowMs());
  }

  #following(run: Run): Taken | null {
    const { sent } = run;
    run.sent = null;
    if (sent) return sent;
    for (let taken = run.again[0] ?? run.ahead; taken; taken = run.again[0] ?? run.ahead) {
      this.#takeOut(run, taken);
      if (run.connection.session.usable && taken.at === run.path.recalls && this.#mayGoOn(run)) return taken;
      const { handed } = taken.load;
      this.#events.over(run.path, handed, unsentResult(handed));
    }
    return null;
  }
}
