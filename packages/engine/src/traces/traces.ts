// The traces that this node runs. While there is none, no connection has a listener and nothing here is called; with the first, every
// open connection gets one and every new one is given one. What they collect is handed over in batches, one at a time.
import type { TraceBatch, TraceOrder } from '@sluice/contract';
import type { HostListener } from '../deliver/connection-listener.ts';
import type { Clock, DeliverySession, TraceFeed } from '../ports.ts';
import type { ReadyPath } from '../queue/ready-path.ts';
import { scopeMatches } from '../commands/command-index.ts';
import { RunningTrace } from './running-trace.ts';
import { SessionTrace } from './session-trace.ts';

/** Lanes that are looked at for mail that stands ready; behind so many the set-up is told with the first message. */
const lanesLookedAt = 1_000;
const tellEveryMs = 250;
/** How long after its end a trace is still told where Postgres is away. */
const tellAfterEndMs = 60_000;

type Options = {
  clock: Clock;
  feed: Pick<TraceFeed, 'write'>;
  /** Connections that are open now. */
  sessions: () => Iterable<DeliverySession>;
  sourceName: (sourceId: string) => string;
};
type Connected = Pick<DeliverySession['facts'], 'sourceId' | 'site' | 'provider'>;

export class Traces {
  readonly #options: Options;
  /** Those that Postgres names, ended or not, and those that are not told to the end. */
  readonly #known = new Map<string, RunningTrace>();
  #listed: ReadonlySet<string> = new Set();
  readonly #sessions = new Map<SessionTrace, Connected>();
  #running: RunningTrace[] = [];
  #unwritten: { trace: RunningTrace; batch: TraceBatch } | null = null;
  #cancelTimer: (() => void) | null = null;
  #telling: Promise<void> | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  /** All that this node is to run from now on. */
  set(orders: readonly TraceOrder[]): void {
    this.#listed = new Set(orders.map(({ id }) => id));
    for (const [id, trace] of this.#known) {
      if (this.#listed.has(id)) continue;
      trace.end(trace.endMs <= this.#options.clock.nowMs() ? 'expired' : 'stopped');
    }
    for (const order of orders) if (!this.#known.has(order.id)) this.#begin(order);
    this.#look();
  }

  /** For connections of the path that are about to be dialled; undefined while nothing is traced. */
  listenerFor(path: ReadyPath): HostListener | undefined {
    if (this.#running.length === 0) return undefined;
    const { source, site, provider, security, settings } = path.egress;
    return (host) => {
      const connected = { sourceId: source.id, site, provider };
      const session = this.#session(connected);
      for (const trace of this.#running) if (concerns(trace, connected)) session.watch(trace, mailReady(path, trace));
      const through = source.proxy ? ` through a proxy (${source.proxy.kind})` : '';
      const from = `${this.#options.sourceName(source.id)} ${source.bindAddress} (${settings.ehloName ?? source.ehloName})${through}`;
      const which = [`site ${site}`, ...(provider === null ? [] : [`provider ${provider}`]), `TLS ${security.mode}`].join(', ');
      session.opened(`from ${from} to ${host.name} [${host.address}]:${host.port}, ${which}`);
      return session;
    };
  }

  /** Hands over what waits if Postgres is there. A trace that is not over goes on with the next start. */
  async stop(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    await this.#telling;
    if (!this.#unwritten) await this.#tell();
  }

  #begin(order: TraceOrder): void {
    const { clock, sessions } = this.#options;
    const trace = new RunningTrace(order);
    this.#known.set(order.id, trace);
    if (trace.endMs <= clock.nowMs()) return trace.end('expired');
    if (this.#running.length === 0) for (const session of sessions()) this.#takeUp(session);
    this.#running = [...this.#running, trace];
    for (const [session, connected] of this.#sessions) if (concerns(trace, connected)) session.watch(trace, false);
  }

  #takeUp(session: DeliverySession): void {
    const { sourceId, mxHost, remoteAddress, tls, site } = session.facts;
    const trace = this.#session(session.facts);
    const secured = tls ? `${tls.version} ${tls.cipher}` : 'without TLS';
    trace.takenUp(`already open: from ${this.#options.sourceName(sourceId)} to ${mxHost} [${remoteAddress}], site ${site}, ${secured}`);
    session.listen(trace);
  }

  #session(connected: Connected): SessionTrace {
    const session = new SessionTrace(this.#options.clock, (over) => void this.#sessions.delete(over));
    this.#sessions.set(session, connected);
    return session;
  }

  /** Ends what has run out, lets go of connections when nothing is traced any more, and goes on telling. */
  #look(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const trace of this.#running) if (trace.endMs <= nowMs) trace.end('expired');
    const before = this.#running.length;
    if (this.#running.some((trace) => trace.ended !== null)) this.#running = this.#running.filter((trace) => trace.ended === null);
    if (before > 0 && this.#running.length === 0) {
      for (const session of this.#options.sessions()) session.listen(undefined);
      this.#sessions.clear();
    }
    for (const trace of this.#known.values()) if (this.#isOver(trace, nowMs)) this.#forget(trace);
    if (this.#known.size === 0 || this.#cancelTimer) return;
    this.#cancelTimer = this.#options.clock.setTimer(tellEveryMs, () => {
      this.#cancelTimer = null;
      this.#telling ??= this.#tell().finally(() => (this.#telling = null));
      this.#look();
    });
  }

  #isOver(trace: RunningTrace, nowMs: number): boolean {
    if (nowMs > trace.endMs + tellAfterEndMs) return true;
    return trace.ended !== null && trace.told && this.#unwritten?.trace !== trace && !this.#listed.has(trace.order.id);
  }

  #forget(trace: RunningTrace): void {
    this.#known.delete(trace.order.id);
    if (this.#unwritten?.trace === trace) this.#unwritten = null;
  }

  /** Postgres being away costs the lines that the ring then drops, and nothing else. */
  async #tell(): Promise<void> {
    try {
      for (const trace of [...this.#known.values()]) {
        for (let batch = this.#next(trace); batch; batch = this.#next(trace)) {
          this.#unwritten = { trace, batch };
          await this.#options.feed.write(batch);
          this.#unwritten = null;
        }
      }
    } catch {
      // Postgres is away, which its connection tells; the same batch is tried again.
    }
  }

  #next(trace: RunningTrace): TraceBatch | null {
    if (!this.#unwritten) return trace.take();
    return this.#unwritten.trace === trace ? this.#unwritten.batch : null;
  }
}

const concerns = ({ order }: RunningTrace, { sourceId, site, provider }: Connected): boolean => {
  const { source, provider: ofProvider, site: ofSite } = order.scope;
  return scopeMatches({ source, provider: ofProvider, site: ofSite }, { source: sourceId, site, provider });
};

/** Mail that the trace names stands ready for the connections of the path. */
function mailReady(path: ReadyPath, { order }: RunningTrace): boolean {
  let looked = 0;
  for (const lane of path.lanes) {
    if (++looked > lanesLookedAt) return false;
    if (lane.size > 0 && scopeMatches(order.scope, lane.dimensions)) return true;
  }
  return false;
}
