// Connections of egress paths: opened when ready work wants them and the connection limits grant them, kept idle for a short while,
// given up at once when another path waits for the same limit, ended in order when the engine drains.
import type { LimitToken, Refusal, Standing } from '@sluice/policy';
import type { Lane } from './lane.ts';
import { OldestFirst } from '../oldest-first.ts';
import type { DeliverySession, PathFailure } from '../ports.ts';
import { nextSerial, ReleasingSet } from '../releasing.ts';
import { task } from './agenda.ts';
import { openSession } from './open-session.ts';
import type { Connection, ReadyPath } from './ready-path.ts';
import type { Sliced } from './slices.ts';
import type { Worker } from './worker.ts';

/** Connections of one engine, whatever the configured limits grant. */
export const maxConnections = 2000;
/**
 * Paths whose connections are kept though they carry nothing; past it those of the path that rests longest end. The same while more sites
 * have mail than paths are made for: by the turn of one of them its connection would long be closed.
 */
export const maxIdlePaths = 1000;
export const maxIdleCrowded = 100;
/** Ready entries that justify one more connection. */
const readyPerConnection = 5;
/** Connections that are ended, and paths that may open one, in one go; the rest has its turn a moment later. */
const maxTurns = 64;
/** How long after a forced end the replies of closed sessions are waited for. */
const forcedEndMs = 2000;

/** A connection that was granted: what it holds while it is open, and the rate of beginning one. */
type Begun = { ok: true; token: LimitToken; begun: LimitToken };

export type ConnectionEvents = {
  opened(path: ReadyPath, nowMs: number): void;
  failed(path: ReadyPath, failure: PathFailure, nowMs: number): void;
  limitsMoved(nowMs: number): void;
  closed(path: ReadyPath, nowMs: number): void;
  /** Whether more sites have mail than paths are made for. */
  crowded(): boolean;
  /** Reserves rate for the first transaction before a connection is opened; null when no lane may send now. */
  credit(path: ReadyPath, nowMs: number): Lane | null;
};

export class Connections {
  readonly #worker: Worker;
  readonly #events: ConnectionEvents;
  readonly #withIdle = new ReleasingSet<ReadyPath>();
  readonly #longestIdle = new OldestFirst(this.#withIdle);
  readonly #waiting = new ReleasingSet<ReadyPath>();
  readonly #longestWaiting = new OldestFirst(this.#waiting);
  readonly #open = new ReleasingSet<Connection>();
  readonly #quitting = new ReleasingSet<Connection>();
  readonly #wakeRest = task((nowMs) => this.#wakeWaiting(nowMs));
  #connecting = 0;
  #draining = false;
  #whenEnded: (() => void) | null = null;

  constructor(worker: Worker, events: ConnectionEvents) {
    this.#worker = worker;
    this.#events = events;
  }

  get count(): number {
    return this.#open.size;
  }

  *sessions(): Generator<DeliverySession, void, void> {
    for (const { session } of this.#open) yield session;
  }

  /** An open connection that waits for work and is still good. */
  takeIdle(path: ReadyPath, nowMs: number): Connection | undefined {
    for (let connection = path.idle.pop(); connection; connection = path.idle.pop()) {
      if (path.idle.length === 0) this.#withIdle.delete(path);
      if (stillGood(path, connection)) return connection;
      this.#close(path, connection, nowMs);
    }
    return undefined;
  }

  /** Puts a connection that found no work back to rest. */
  rest(path: ReadyPath, connection: Connection, nowMs: number): void {
    connection.idleSinceMs = nowMs;
    path.idle.push(connection);
    // In the order in which they came to rest: the first is given up first.
    this.#withIdle.delete(path);
    this.#withIdle.add(path);
    if (this.#withIdle.size > (this.#events.crowded() ? maxIdleCrowded : maxIdlePaths)) this.#endOldest(nowMs);
    path.idleEnd ??= task((atMs) => this.#endIdle(path, atMs));
    this.#worker.agenda.schedule(path.idleEnd, connection.idleSinceMs + path.egress.settings.idleTimeoutMs);
  }

  /** A transaction is over. */
  free(path: ReadyPath, connection: Connection, end: boolean, nowMs: number): void {
    const unwanted = path.ready === 0 && (this.#waiting.size > 0 || this.#worker.limits.contended(connection.token));
    if (end || this.#draining || unwanted || !stillGood(path, connection)) this.#close(path, connection, nowMs);
    else this.rest(path, connection, nowMs);
  }

  /** Opens as many connections as the ready work wants and the limits grant. */
  open(path: ReadyPath, nowMs: number): void {
    if (this.#draining || path.waitsForConnection) return;
    const notBeforeMs = Math.max(path.connectAfterMs, this.#worker.pressure.untilMs);
    if (nowMs < notBeforeMs) {
      this.#worker.agenda.schedule(path, notBeforeMs);
      return;
    }
    const wanted = Math.min(path.egress.settings.connectionsPerPath, Math.ceil(path.ready / readyPerConnection));
    while (path.open + path.connecting < wanted) {
      // Rate first: a connection that may carry nothing would only take another's place.
      if (path.open + path.connecting === 0 && !this.#events.credit(path, nowMs)) return;
      if (this.#open.size + this.#connecting >= maxConnections) {
        this.#waiting.add(path);
        this.#yieldOldest(nowMs);
        return;
      }
      const reservation = this.#reserve(path, nowMs);
      if (!reservation.ok) {
        if (path.open + path.connecting === 0 && path.credit) {
          this.#worker.limits.release(path.credit.token, nowMs);
          path.credit = null;
        }
        path.waitsForConnection = true;
        path.waitsForAll = reservation.bindsAllSources;
        this.#worker.limits.park(reservation, path.connectionWaiter(), path.ring.current()?.standing ?? nobody, nowMs);
        this.#yieldIdle(nowMs);
        this.#events.limitsMoved(nowMs);
        return;
      }
      path.connecting++;
      this.#connecting++;
      void this.#connect(path, reservation);
    }
  }

  /** One more connection, of the rate at which they are begun and of those open at once. */
  #reserve(path: ReadyPath, nowMs: number): Begun | Refusal {
    const { limits } = this.#worker;
    const begun = limits.reserve('connection_rate', path.dimensions, 1, nowMs);
    if (!begun.ok) return begun;
    const opened = limits.reserve('connections', path.dimensions, 1, nowMs);
    if (!opened.ok) {
      limits.release(begun.token, nowMs);
      return opened;
    }
    return { ok: true, token: opened.token, begun: begun.token };
  }

  closeIdle(path: ReadyPath, nowMs: number): void {
    for (const connection of path.idle.splice(0)) this.#close(path, connection, nowMs);
    this.#withIdle.delete(path);
  }

  *#closingIdle(): Sliced<void> {
    for (const path of this.#withIdle) {
      this.closeIdle(path, this.#worker.clock.nowMs());
      yield;
    }
  }

  /** Resolves when every session has ended; after `graceMs` those that have not are cut. */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    await this.#worker.slices.run(this.#closingIdle());
    const ended = new Promise<boolean>((resolve) => {
      this.#whenEnded = () => resolve(true);
      this.#tellWhenEnded();
    });
    const cancelGrace = this.#worker.clock.setTimer(graceMs, () => {
      for (const { session } of [...this.#open, ...this.#quitting]) session.destroy();
      this.#worker.clock.setTimer(forcedEndMs, () => this.#whenEnded?.());
    });
    await ended;
    cancelGrace();
  }

  async #connect(path: ReadyPath, { token, begun }: Begun): Promise<void> {
    const { settings } = path.egress;
    const result = await openSession(this.#worker, path, begun, () => this.#draining);
    const nowMs = this.#worker.clock.nowMs();
    path.connecting--;
    this.#connecting--;
    if (!result.ok) {
      this.#worker.limits.release(token, nowMs);
      this.#events.failed(path, result.failure, nowMs);
      this.#events.limitsMoved(nowMs);
      this.#events.closed(path, nowMs);
      this.#wakeWaiting(nowMs);
      this.#tellWhenEnded();
      return;
    }
    path.open++;
    path.failures = 0;
    const { session } = result;
    const connection: Connection = { serial: nextSerial(), session, token, settings, idleSinceMs: nowMs, transactions: 0 };
    this.#open.add(connection);
    if (this.#draining || !path.live) {
      this.#close(path, connection, nowMs);
      return;
    }
    this.rest(path, connection, nowMs);
    this.#events.opened(path, nowMs);
  }

  #close(path: ReadyPath, connection: Connection, nowMs: number): void {
    path.open--;
    this.#open.delete(connection);
    this.#quitting.add(connection);
    // The other side has it until it is gone: what limits count of it is free only then.
    const over = (): void => {
      const goneMs = this.#worker.clock.nowMs();
      this.#quitting.delete(connection);
      this.#worker.limits.release(connection.token, goneMs);
      this.#events.limitsMoved(goneMs);
      this.#tellWhenEnded();
    };
    connection.session.quit().then(over, over);
    this.#wakeWaiting(nowMs);
    this.#events.closed(path, nowMs);
  }

  /** Ends idle connections for which another path waits. */
  #yieldIdle(nowMs: number): void {
    for (const path of this.#withIdle) {
      const kept: Connection[] = [];
      for (const connection of path.idle.splice(0)) {
        if (this.#worker.limits.contended(connection.token)) this.#close(path, connection, nowMs);
        else kept.push(connection);
      }
      path.idle.push(...kept);
      if (kept.length === 0) this.#withIdle.delete(path);
    }
  }

  /** All connections of the engine are open: one that carries nothing makes room for the path that waits longest. */
  #yieldOldest(nowMs: number): void {
    const path = this.#longestIdle.next();
    const connection = path?.idle.shift();
    if (!path || !connection) return;
    this.#withIdle.delete(path);
    if (path.idle.length > 0) this.#withIdle.add(path);
    this.#close(path, connection, nowMs);
  }

  /** More paths have idle connections than are worth keeping. */
  #endOldest(nowMs: number): void {
    const path = this.#longestIdle.next();
    if (path) this.closeIdle(path, nowMs);
  }

  #wakeWaiting(nowMs: number): void {
    for (let turns = maxTurns; this.#waiting.size > 0 && this.#open.size + this.#connecting < maxConnections; turns--) {
      if (turns === 0) return this.#worker.agenda.schedule(this.#wakeRest, nowMs + 1);
      const path = this.#longestWaiting.next();
      if (!path) return;
      this.#waiting.delete(path);
      this.open(path, nowMs);
    }
  }

  /** Ends the connections of the path that rest for too long, some at a time. */
  #endIdle(path: ReadyPath, nowMs: number): void {
    const { idle, egress, idleEnd } = path;
    // The one that rests longest stands in front.
    for (let turns = maxTurns; idle[0]; turns--) {
      const [first] = idle;
      const endMs = turns === 0 ? nowMs + 1 : first.idleSinceMs + egress.settings.idleTimeoutMs;
      if (endMs > nowMs) return void (idleEnd && this.#worker.agenda.schedule(idleEnd, endMs));
      idle.shift();
      if (idle.length === 0) this.#withIdle.delete(path);
      this.#close(path, first, nowMs);
    }
  }

  #tellWhenEnded(): void {
    if (this.#open.size === 0 && this.#quitting.size === 0 && this.#connecting === 0) this.#whenEnded?.();
  }
}

/** A path of which no tenant has its turn. */
const nobody: Standing = { tenant: '', stream: '', weight: 1 };

const stillGood = (path: ReadyPath, { session, settings }: Connection): boolean => session.usable && settings === path.egress.settings;
