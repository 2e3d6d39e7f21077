// Remote hosts without a network, for tests of the queue: a script says how connects and recipients fare and how long things take, and
// everything that would have gone over the wire is written down.
import type { ConnectFault } from '@sluice/policy';
import type { Outcome, RecipientEntry } from '../entry.ts';
import type { Attempter, Clock, DeliverySession, EgressPath, PathFailure, TlsSeen, Transaction } from '../ports.ts';

export type Delivery = { atMs: number; sourceId: string; site: string; entries: RecipientEntry[]; header: Uint8Array; chained: boolean };
export type Script = {
  /** Milliseconds until a connect is decided; 0 unless told. */
  connectMs?: (path: EgressPath) => number;
  /** Why a connect fails; null connects. */
  refuse?: (path: EgressPath) => string | null;
  /** What a refused connect says of the source. */
  fault?: (path: EgressPath) => ConnectFault | null;
  /** What our own machine is short of when it connects; null connects. */
  shortage?: (path: EgressPath) => string | null;
  /** How TLS fares with the first host; not told unless said. */
  tls?: (path: EgressPath) => Omit<TlsSeen, 'host'>;
  /** Milliseconds one transaction takes; 0 unless told. */
  deliverMs?: (path: EgressPath) => number;
  /** Outcome of one recipient; delivered unless told. */
  outcome?: (entry: RecipientEntry, path: EgressPath, transaction: number) => Partial<Outcome>;
  /** Remotes offer DSN. */
  offersDsn?: boolean;
  /** Transactions one session carries. */
  perSession?: number;
  /** Whether the next envelope may leave behind a message; not unless told. */
  chains?: boolean;
  /** Whether the session ends with this transaction, so that one behind it stays without an answer. */
  endsWith?: (path: EgressPath, transaction: number) => boolean;
  /** Told of what went out, which is then not kept. */
  watch?: (delivery: Delivery, outcomes: readonly Outcome[]) => void;
};

export type SimulatedAttempter = Attempter & {
  script: Script;
  readonly deliveries: Delivery[];
  readonly connects: { atMs: number; path: EgressPath }[];
  /** Sessions open now, by path key, and the most there were at once in all. */
  readonly open: Map<string, number>;
  mostOpen: number;
  quits: number;
};

export const deliveredOutcome: Outcome = {
  kind: 'delivered',
  scope: 'recipient',
  reply: { code: 250, enhanced: '2.0.0', text: 'ok', command: 'message' },
  bounceClass: null,
  detail: null,
  dotSent: false,
};

const unansweredOutcome: Outcome = {
  kind: 'deferred',
  scope: 'session',
  reply: null,
  bounceClass: 'network',
  detail: 'ended before the envelope was answered',
  dotSent: false,
  unoffered: true,
};

function pathFailure(detail: string): PathFailure {
  return {
    kind: 'deferred',
    scope: 'path',
    reply: null,
    bounceClass: 'network',
    detail,
    dotSent: false,
    mxHost: 'mx.example',
    remoteAddress: '192.0.2.1',
  };
}

export function simulatedAttempter(clock: Clock, script: Script = {}): SimulatedAttempter {
  const wait = (ms: number): Promise<void> => (ms <= 0 ? Promise.resolve() : new Promise((resolve) => clock.setTimer(ms, resolve)));

  const attempter: SimulatedAttempter = {
    script,
    deliveries: [],
    connects: [],
    open: new Map(),
    mostOpen: 0,
    quits: 0,
    async connect(path, hosts) {
      if (!attempter.script.watch) attempter.connects.push({ atMs: clock.nowMs(), path });
      await wait(attempter.script.connectMs?.(path) ?? 0);
      const refusal = attempter.script.refuse?.(path) ?? null;
      const shortage = attempter.script.shortage?.(path) ?? null;
      if (shortage !== null) return { ok: false, failure: { ...pathFailure(shortage), pressure: true } };
      const [host] = hosts;
      const seen = attempter.script.tls?.(path);
      const tls = seen && host ? { tls: [{ host, ...seen }] } : {};
      const fault = attempter.script.fault?.(path) ?? null;
      const told = fault === null ? {} : { fault: { kind: fault, host: host ?? null } };
      if (refusal !== null) return { ok: false, failure: { ...pathFailure(refusal), ...told }, ...tls };
      count(path, 1);
      return { ok: true, session: session(path, host?.name ?? '', host?.address ?? ''), ...tls };
    },
  };

  let openNow = 0;
  function count(path: EgressPath, change: number): void {
    const open = (attempter.open.get(path.key) ?? 0) + change;
    if (open > 0) attempter.open.set(path.key, open);
    else attempter.open.delete(path.key);
    openNow += change;
    attempter.mostOpen = Math.max(attempter.mostOpen, openNow);
  }

  function session(path: EgressPath, mxHost: string, remoteAddress: string): DeliverySession {
    let transactions = 0;
    let ended = false;
    let busy = false;
    let given: Transaction | null = null;
    const usable = (): boolean => !ended && transactions < (attempter.script.perSession ?? 100);
    const chains = (): boolean => usable() && attempter.script.chains === true;
    const end = (): void => {
      if (!ended) count(path, -1);
      ended = true;
    };
    return {
      facts: {
        sourceId: path.source.id,
        site: path.site,
        provider: path.provider,
        mxHost,
        remoteAddress,
        tls: null,
        dsn: attempter.script.offersDsn ?? false,
      },
      get usable() {
        return usable();
      },
      get chains() {
        return chains();
      },
      async deliver(transaction, next) {
        const { entries, header } = transaction;
        const chained = given === transaction;
        if (given !== null && !chained) throw new Error('what was given to follow comes next');
        given = null;
        if (chained && ended) return entries.map(() => unansweredOutcome);
        if (busy || ended) throw new Error('a session carries one transaction at a time, while it is open');
        busy = true;
        if (!chained) transactions++;
        const number = transactions;
        await wait(attempter.script.deliverMs?.(path) ?? 0);
        given = chains() ? (next?.() ?? null) : null;
        if (given) transactions++;
        busy = false;
        if (attempter.script.endsWith?.(path, number)) end();
        const outcomes = entries.map((entry) => ({ ...deliveredOutcome, ...attempter.script.outcome?.(entry, path, number) }));
        const over = { atMs: clock.nowMs(), sourceId: path.source.id, site: path.site, entries: [...entries], header, chained };
        if (attempter.script.watch) attempter.script.watch(over, outcomes);
        else attempter.deliveries.push(over);
        return outcomes;
      },
      quit() {
        attempter.quits++;
        end();
        return Promise.resolve();
      },
      destroy: end,
      listen: () => undefined,
    };
  }
  return attempter;
}
