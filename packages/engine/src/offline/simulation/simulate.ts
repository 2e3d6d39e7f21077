// What if: a whole engine, the real scheduler, dispatcher, limits, automation and warm-up, over recorded or invented traffic and under a
// configuration that need not run anywhere. Time is virtual, receiving hosts are a model, nothing is written and no socket is opened. The
// same input and seed give the same run.
import type { ConfigProblem, Decision } from '@sluice/contract';
import type { RecipientEntry } from '../../entry.ts';
import type { Resolver } from '../../ports.ts';
import type { Arrival } from './arrival.ts';
import type { SimulatedEntity } from './simulated-config.ts';
import { Tally, type ProviderReport } from './tally.ts';
import type { ReceivingHosts } from './virtual-attempter.ts';
import { passTime, VirtualClock } from './virtual-clock.ts';
import { virtualEngine, type VirtualEngine } from './virtual-engine.ts';
import { VirtualSpool } from './virtual-spool.ts';
import { warmUpReports, type WarmUpReport } from './warm-up-report.ts';

const progressEveryMs = 3_600_000;

export type SimulationInput = {
  entities: readonly SimulatedEntity[];
  /** In order of time. */
  arrivals: Iterable<Arrival>;
  /** Made for the clock of the run. */
  receivers: (clock: VirtualClock) => ReceivingHosts;
  resolver: Resolver;
  seed: number;
  /** The node as whose the engine runs: sources of others are not used. */
  node: string;
  roundTripMs: number;
  /** It ends when nothing waits, or so long after the last arrival. */
  longestDrainMs: number;
  /** About every hour of virtual time. */
  onProgress?: (at: { nowMs: number; arrived: number; waiting: number }) => void;
};

export type SimulationReport = {
  /** Virtual times, milliseconds since the epoch. */
  firstArrivalMs: number;
  lastArrivalMs: number;
  endMs: number;
  arrivals: number;
  /** Not taken: their tenant or stream is not in the configuration. */
  strangers: number;
  providers: ProviderReport[];
  decisions: Decision[];
  decisionsInAll: number;
  warmUps: WarmUpReport[];
  mostWaiting: number;
};
export type SimulationResult = { ok: true; report: SimulationReport } | { ok: false; problems: ConfigProblem[] };

export async function simulate(input: SimulationInput): Promise<SimulationResult> {
  const { entities, seed, node, resolver, roundTripMs } = input;
  const arrivals = input.arrivals[Symbol.iterator]();
  const first = arrivals.next();
  const clock = new VirtualClock(first.done === true ? 0 : first.value.atMs);
  const counted = countedSpool();
  const options = { clock, entities, spool: counted.spool, resolver, receivers: input.receivers(clock), roundTripMs, seed, node };
  const built = virtualEngine(options);
  if (!built.ok) return built;
  const { made } = built;
  await made.engine.start();
  const inflow = new Inflow(clock, made, counted, arrivals, first);
  inflow.begin();

  let toldMs = clock.nowMs();
  await passTime(clock, () => {
    const nowMs = clock.nowMs();
    const waiting = counted.spool.live;
    if (input.onProgress && nowMs - toldMs >= progressEveryMs) {
      toldMs = nowMs;
      input.onProgress({ nowMs, arrived: inflow.arrived, waiting });
    }
    return !inflow.over || (waiting > 0 && nowMs - inflow.lastMs < input.longestDrainMs);
  });
  const endMs = clock.nowMs();
  const warmUps = await inVirtualTime(clock, warmUpReports(made.ask));
  // What is still under way is left as it is; feeds and timers end in virtual time too.
  await inVirtualTime(clock, made.engine.stop(0));
  return {
    ok: true,
    report: {
      ...{ firstArrivalMs: inflow.firstMs, lastArrivalMs: inflow.lastMs, endMs, arrivals: inflow.arrived, strangers: inflow.strangers },
      ...{ providers: counted.tally.reports(inflow.lastMs), decisions: made.decisions, decisionsInAll: made.decisionsInAll(), warmUps },
      mostWaiting: counted.spool.mostLive,
    },
  };
}

type Counted = { spool: VirtualSpool; tally: Tally; accepted(entry: RecipientEntry): void };

/** A spool whose events are counted as they pass. */
function countedSpool(): Counted {
  /** As far as an attempt has told. */
  const providers = new Map<string, string>();
  const tally = new Tally((domain) => providers.get(domain) ?? null);
  const spool = new VirtualSpool((event, entry) => {
    const { domain, provider } = event;
    if (domain !== null && provider !== null) providers.set(domain, provider);
    // A message that asked to wait is not slow because it did.
    tally.seen(event, entry && (entry.options?.notBefore ?? entry.acceptedAt));
  });
  return {
    ...{ spool, tally },
    accepted: ({ domain }) => tally.accepted(domain),
  };
}

/** Hands arrivals to the engine at their time. */
class Inflow {
  readonly #clock: VirtualClock;
  readonly #made: VirtualEngine;
  readonly #counted: Counted;
  readonly #arrivals: Iterator<Arrival>;
  #next: IteratorResult<Arrival>;
  readonly firstMs: number;
  lastMs: number;
  arrived = 0;
  strangers = 0;

  constructor(clock: VirtualClock, made: VirtualEngine, counted: Counted, arrivals: Iterator<Arrival>, first: IteratorResult<Arrival>) {
    this.#clock = clock;
    this.#made = made;
    this.#counted = counted;
    this.#arrivals = arrivals;
    this.#next = first;
    this.firstMs = clock.nowMs();
    this.lastMs = this.firstMs;
  }

  get over(): boolean {
    return this.#next.done === true;
  }

  begin(): void {
    if (!this.over) this.#clock.setTimer(0, () => this.#arrive());
  }

  #arrive(): void {
    const nowMs = this.#clock.nowMs();
    const entries: RecipientEntry[] = [];
    for (; this.#next.done !== true && this.#next.value.atMs <= nowMs; this.#next = this.#arrivals.next()) {
      const entry = this.#taken(this.#next.value);
      if (entry) entries.push(entry);
    }
    if (entries.length > 0) this.#made.engine.enqueue(entries);
    if (this.#next.done !== true) this.#clock.setTimer(this.#next.value.atMs - nowMs, () => this.#arrive());
  }

  #taken(arrival: Arrival): RecipientEntry | null {
    this.arrived++;
    this.lastMs = Math.max(this.lastMs, arrival.atMs);
    const stream = this.#made.configuration.current.stream(arrival.streamId);
    if (stream?.tenantId !== arrival.tenantId) {
      this.strangers++;
      return null;
    }
    const entry = this.#counted.spool.take(arrival, stream.expirySeconds * 1000);
    this.#counted.accepted(entry);
    return entry;
  }
}

/** What takes timers of the engine to end. */
async function inVirtualTime<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let over = false;
  void work.finally(() => (over = true)).catch(() => undefined);
  await passTime(clock, () => !over);
  return work;
}
