// What if: a whole engine, the real scheduler, dispatcher, limits, automation and warm-up, over recorded or invented traffic and under a
// configuration that need not run anywhere. Time is virtual, receiving hosts are a model, nothing is written and no socket is opened. The
// same input and seed give the same run.
import type { ConfigProblem, Decision } from '@sluice/contract';
import { createConfiguration } from '../../config/configuration.ts';
import { createEngine } from '../../engine.ts';
import type { QuestionSource, Resolver } from '../../ports.ts';
import { keptLines } from './kept-lines.ts';
import { configFileOf, type SimulatedEntity } from './simulated-config.ts';
import { Tally, type ProviderReport } from './tally.ts';
import { virtualAttempter, type ReceivingHosts } from './virtual-attempter.ts';
import { passTime, repeatableRandom, VirtualClock } from './virtual-clock.ts';
import type { Arrival } from './arrival.ts';
import { VirtualSpool } from './virtual-spool.ts';
import { warmUpReports, type WarmUpReport } from './warm-up-report.ts';

const dayMs = 86_400_000;
const defaultExpiryMs = 3 * dayMs;
/** Decisions that are told one by one. */
export const maxDecisions = 2_000;
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
  const { seed, node, resolver, roundTripMs } = input;
  const arrivals = input.arrivals[Symbol.iterator]();
  let next = arrivals.next();
  const firstArrivalMs = next.done === true ? 0 : next.value.atMs;
  const clock = new VirtualClock(firstArrivalMs);
  const log = { info: () => undefined, warn: () => undefined };
  const configFile = configFileOf(input.entities);
  if (!configFile.ok) return { ok: false, problems: configFile.problems };
  const none = { configFeed: null, secretFeed: null, secretFile: keptLines() };
  const configuration = createConfiguration({ clock, node, log, configFile: configFile.file, ...none });

  const acceptedAt = new Map<string, number>();
  const providerOf = providerByDomain();
  const tally = new Tally(providerOf.of);
  const spool = new VirtualSpool((event) => {
    if (event.domain !== null && event.provider !== null) providerOf.learn(event.domain, event.provider);
    const { entryId } = event;
    tally.seen(event, entryId === null ? null : (acceptedAt.get(entryId) ?? null));
    if (entryId !== null && event.type !== 'deferred') acceptedAt.delete(entryId);
  });
  const decisions: Decision[] = [];
  let decisionsInAll = 0;
  let ask: Parameters<QuestionSource['follow']>[0] = () => Promise.resolve({ kind: 'refused', message: 'nobody answers' });
  const engine = createEngine(
    {
      ...{ clock, log, configuration, spool, resolver, random: repeatableRandom(seed) },
      ...{ commandSource: null, frameSink: null, commandFile: keptLines(), decisionFile: keptLines() },
      ...{ automationFile: keptLines(), warmUpFile: keptLines() },
      questionSource: { follow: (answer) => ((ask = answer), { stop: () => Promise.resolve() }) },
      decisionSink: {
        take(some) {
          decisionsInAll += some.length;
          decisions.push(...some.slice(0, Math.max(0, maxDecisions - decisions.length)));
          return Promise.resolve();
        },
      },
      attempter: virtualAttempter({ clock, roundTripMs, receivers: input.receivers(clock) }),
      signer: { sign: () => Promise.resolve(new Uint8Array(0)) },
    },
    { node, egress: 'sandbox' },
  );
  await engine.start();

  let arrived = 0;
  let strangers = 0;
  let lastArrivalMs = firstArrivalMs;
  const arrive = (): void => {
    const nowMs = clock.nowMs();
    const entries = [];
    for (; next.done !== true && next.value.atMs <= nowMs; next = arrivals.next()) {
      const arrival = next.value;
      const stream = configuration.current.stream(arrival.streamId);
      lastArrivalMs = Math.max(lastArrivalMs, arrival.atMs);
      arrived++;
      if (stream?.tenantId !== arrival.tenantId) {
        strangers++;
        continue;
      }
      const entry = spool.take(arrival, stream.expirySeconds * 1000 || defaultExpiryMs);
      acceptedAt.set(entry.entryId, Math.max(arrival.atMs, entry.dueAt));
      tally.accepted(arrival.domain);
      entries.push(entry);
    }
    if (entries.length > 0) engine.enqueue(entries);
    if (next.done !== true) clock.setTimer(next.value.atMs - clock.nowMs(), arrive);
  };
  clock.setTimer(0, arrive);

  let told = firstArrivalMs;
  await passTime(clock, () => {
    const nowMs = clock.nowMs();
    const waiting = engine.status().entries;
    if (input.onProgress && nowMs - told >= progressEveryMs) {
      told = nowMs;
      input.onProgress({ nowMs, arrived, waiting });
    }
    return next.done !== true || arrived === 0 || (waiting > 0 && nowMs - lastArrivalMs < input.longestDrainMs);
  });
  const endMs = clock.nowMs();
  const warmUps = await inVirtualTime(clock, warmUpReports(ask));
  // What is still under way is left as it is; feeds and timers end in virtual time too.
  await inVirtualTime(clock, engine.stop(0));
  return {
    ok: true,
    report: {
      ...{ firstArrivalMs, lastArrivalMs, endMs, arrivals: arrived, strangers, providers: tally.reports(lastArrivalMs) },
      ...{ decisions, decisionsInAll, warmUps, mostWaiting: spool.mostLive },
    },
  };
}

/** What takes timers of the engine to end. */
async function inVirtualTime<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let over = false;
  void work.finally(() => (over = true)).catch(() => undefined);
  await passTime(clock, () => !over);
  return work;
}

/** Under which provider the mail of a domain is counted, as far as an attempt has told. */
function providerByDomain(): { of(domain: string): string | null; learn(domain: string, provider: string): void } {
  const known = new Map<string, string>();
  return { of: (domain) => known.get(domain) ?? null, learn: (domain, provider) => void known.set(domain, provider) };
}
