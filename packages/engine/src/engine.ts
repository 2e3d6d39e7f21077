// The delivery engine, composed. What flows: entries come from the spool's recovery and from injection into the scheduler, go through the
// dispatcher's lanes and connections, and end as journal records; configuration and commands arrive from the side and take effect
// between two entries. Knows nothing of Postgres, Next or users: everything from outside is a port.
import type { MetricsFrame } from '@sluice/contract';
import { LimitBook, type LimitRule } from '@sluice/policy';
import { Automation } from './automation/automation.ts';
import { Commands } from './commands/commands.ts';
import { commandEffects } from './commands/effects.ts';
import type { Configuration } from './config/configuration.ts';
import { Decisions } from './decisions/decisions.ts';
import { NameChecks } from './health/name-checks.ts';
import { SourceHealth } from './health/source-health.ts';
import { healthEffects } from './health/health-effects.ts';
import { answerer } from './explain/answers.ts';
import type { EngineOptions, EnginePorts } from './engine-ports.ts';
import type { RecipientEntry } from './entry.ts';
import { LeaseClerk } from './limits/lease-clerk.ts';
import { DamageWatch } from './damage.ts';
import { Outcomes } from './outcomes/outcomes.ts';
import { buildingFrame, noGauges } from './metrics.ts';
import { Agenda, task } from './queue/agenda.ts';
import { Dispatcher } from './queue/dispatcher.ts';
import { Greylisting } from './queue/greylisting.ts';
import { Homecoming } from './queue/homecoming.ts';
import { Pressure } from './queue/pressure.ts';
import { Recorder } from './queue/recorder.ts';
import { Reporter } from './queue/reporter.ts';
import { Scheduler } from './queue/scheduler.ts';
import { configurationRound } from './queue/rounds.ts';
import { Slices } from './queue/slices.ts';
import { steadyClock } from './queue/steady-clock.ts';
import type { Worker } from './queue/worker.ts';
import { TlsReports } from './tls-reports/tls-reports.ts';
import { Traces } from './traces/traces.ts';
import { Router } from './route/router.ts';
import { WarmUps } from './warm-up/warm-ups.ts';

const frameEveryMs = 1000;
export const defaultGraceMs = 30_000;
const defaultOverduePerSecond = 5_000;

export type EngineState = 'new' | 'starting' | 'running' | 'draining' | 'stopped';
export type EngineStatus = {
  state: EngineState;
  revision: number;
  entries: number;
  setAside: number;
  /** Entries of the spool are still on their way back into the queues. */
  recovering: boolean;
  trouble: string | null;
  pressure: string | null;
};

export interface Engine {
  readonly configuration: Configuration;
  /**
   * Loads the copy of the configuration and active commands, takes the first entries from the spool, follows the feeds. Where the spool
   * holds many, the others come back while mail is taken; commands hold for them too. Needs no Postgres.
   */
  start(): Promise<void>;
  /** Entries that the spool has accepted. Bounded by the spool, not here. */
  enqueue(entries: readonly RecipientEntry[]): void;
  /** Ends in order: no new attempts, sent dots get their reply, sessions quit; what is open after `graceMs` is cut. */
  drain(graceMs?: number): Promise<void>;
  /** Drains, then stops feeds and timers. The spool stays open: it is the host's. */
  stop(graceMs?: number): Promise<void>;
  /** False while an operator drains this node: new mail is to be refused for now. */
  takesMail(): boolean;
  status(): EngineStatus;
  /** Actions of automation that go on. */
  activeActions(): number;
  /** Limits beside those of the configuration and of automation, in place of those given here before; resolves when they hold. */
  setExtraLimits(rules: readonly LimitRule[]): Promise<void>;
  /** What the engine holds now, counted in slices that give way to other work. */
  frame(): Promise<MetricsFrame>;
}

export function createEngine(ports: EnginePorts, options: EngineOptions): Engine {
  const { random, log, configuration, spool } = ports;
  const clock = steadyClock(ports.clock);
  const { overduePerSecond = defaultOverduePerSecond } = options;
  const bootId = random.uuid();
  const agenda = new Agenda(clock);
  const slices = new Slices(clock);
  const commands = new Commands({ node: options.node, file: ports.commandFile, clock, log });
  const generation = (): Configuration['current'] => configuration.current;
  const { traceFeed = null, limitStore = null } = ports;
  const sourceName = (id: string): string => configuration.current.source(id)?.name ?? id;
  const router = new Router({ resolver: ports.resolver, clock, random, generation, egress: options.egress, mtaSts: ports.mtaSts });
  const hook = ports.hook ?? null;
  const enqueue = (entries: readonly RecipientEntry[]): void => {
    worker.counters.accepted += entries.length;
    scheduler.arrivals.entries(entries);
  };
  const reports = new Reporter({
    ...{ clock, random, spool, log, hook, enqueue, node: options.node, host: options.hostName ?? options.node },
    streamLifeSeconds: (streamId) => configuration.current.stream(streamId)?.expirySeconds ?? null,
  });
  const tlsReports = ports.tlsReportFile
    ? new TlsReports({
        ...{ clock, random, log, spool, hook, enqueue, generation, resolver: ports.resolver, policies: ports.mtaSts ?? null },
        ...{ slices, file: ports.tlsReportFile, node: options.node, egress: options.egress },
      })
    : null;
  const pressure = new Pressure({ clock, log, egress: options.egress, recorder: () => recorder });
  const recorder: Recorder = new Recorder(spool, log, slices, () => dispatcher.resume(clock.nowMs()));
  const { decisionFile: file = null, decisionSink: sink = null } = ports;
  const decisions = new Decisions({ clock, random, log, file, sink, node: options.node });
  const machine = { clock, random, log, agenda, generation, node: options.node };
  const tried = { decisions, commands, prober: ports.prober ?? null, file: ports.sourceHealthFile ?? null };
  const health = new SourceHealth({ ...machine, ...tried });
  const names = new NameChecks({ ...machine, resolver: ports.resolver });
  const automation = new Automation({ ...machine, decisions, commands, file: ports.automationFile ?? null });
  const outcomes = new Outcomes();
  outcomes.subscribe((outcome) => automation.seen(outcome));
  const warmUpFile = ports.warmUpFile ?? null;
  const warmUps = new WarmUps({
    ...{ clock: ports.clock, steady: clock, agenda, slices, log, decisions, outcomes, generation, file: warmUpFile, node: options.node },
    holds: (...way) => automation.holdsWarmUp(...way)?.sentence ?? null,
  });
  const worker: Worker = {
    ...options,
    ...{ clock, random, log, spool, router, agenda, recorder, reports, pressure, generation, slices, overduePerSecond },
    signer: ports.signer,
    attempter: ports.attempter,
    limits: new LimitBook(configuration.current.limits, { store: limitStore }),
    counters: { accepted: 0, delivered: 0, deferred: 0, bounced: 0, expired: 0, cancelled: 0, pathDeferred: 0, setAside: 0 },
    ...{ commands, decisions, outcomes, automation, health, names, warmUps, greylisting: new Greylisting(outcomes) },
    recovering: () => homecoming.goesOn,
    traces: traceFeed && new Traces({ clock, feed: traceFeed, sessions: () => dispatcher.connections.sessions(), sourceName }),
    tlsReports,
  };
  const scheduler = new Scheduler(worker);
  const dispatcher: Dispatcher = new Dispatcher(worker, scheduler);
  scheduler.connect(dispatcher);
  automation.connect((rules) => dispatcher.runTimeLimits.set('automation', rules));
  const clerk = limitStore
    ? new LeaseClerk({ ...{ store: limitStore, clock, log }, book: worker.limits, moved: (nowMs) => dispatcher.limitsMoved(nowMs) })
    : null;

  let state: EngineState = 'new';
  const following: { stop(): Promise<void> }[] = [];

  const commandTime = task((nowMs) => {
    commands.timePassed(nowMs);
    agenda.schedule(commandTime, commands.nextChangeMs(nowMs));
  });
  const arrange = (): void => agenda.schedule(commandTime, commands.nextChangeMs(clock.nowMs()));
  commands.connect(commandEffects({ worker, scheduler, dispatcher, arrange, heedIntake: ports.heedIntake ?? (() => Promise.resolve()) }));
  health.connect(healthEffects({ worker, scheduler, dispatcher }));
  configuration.onSwap(() => {
    health.configurationChanged();
    router.configurationChanged();
    dispatcher.configurationChanged();
    warmUps.configurationChanged();
    automation.configurationChanged();
    void worker.slices.run(configurationRound(worker, scheduler));
  });

  const damage = new DamageWatch();
  const frame = (): Promise<MetricsFrame> => {
    const accepting = state === 'running' && spool.trouble() === null && commands.draining(clock.nowMs()) === null;
    const gauges = ports.gauges?.() ?? noGauges;
    return worker.slices.run(buildingFrame({ worker, scheduler, dispatcher, bootId, accepting, gauges, damage }));
  };
  const publish = task((nowMs) => {
    void frame().then((built) => {
      if (state === 'stopped') return;
      ports.frameSink?.publish(built);
      // While the next is due its time has passed: frames never overlap.
      agenda.schedule(publish, nowMs + frameEveryMs);
    });
  });

  const homecoming = new Homecoming({
    ...{ clock, spool, overduePerSecond },
    enqueue: (entries) => scheduler.arrivals.entries(entries, 'spool'),
    enqueueWaiting: (waiting) => scheduler.arrivals.waiting(waiting, 'spool'),
    enqueueFar: (counts) => scheduler.arrivals.far(counts),
    over() {
      scheduler.arrivals.latecomers.over();
      commands.allIsBack(clock.nowMs());
    },
    log,
  });

  async function stopFollowing(): Promise<void> {
    await Promise.all([configuration.stop(), ...following.splice(0).map((source) => source.stop())]);
  }

  return {
    configuration,
    async start() {
      if (state !== 'new') throw new Error(`an engine starts once; this one is ${state}`);
      state = 'starting';
      // What was used of a day is known before there is a plan that gives it.
      await warmUps.start();
      await configuration.load();
      await commands.load();
      await decisions.start();
      await health.start();
      names.start();
      await automation.start();
      await tlsReports?.start();
      await clerk?.start();
      const nowMs = clock.nowMs();
      agenda.schedule(commandTime, commands.nextChangeMs(nowMs));
      await homecoming.begin();
      configuration.follow();
      if (ports.commandSource) following.push(ports.commandSource.follow((command) => commands.apply(command)));
      if (ports.questionSource) following.push(ports.questionSource.follow(answerer({ worker, scheduler, dispatcher }, ports.resolver)));
      if (traceFeed) following.push(traceFeed.follow((orders) => worker.traces?.set(orders)));
      state = 'running';
      if (ports.frameSink) agenda.schedule(publish, nowMs + frameEveryMs);
      log.info('engine started', { revision: configuration.current.revision, entries: scheduler.entries });
    },
    enqueue,
    async drain(graceMs = defaultGraceMs) {
      if (state === 'stopped' || state === 'draining') return;
      state = 'draining';
      scheduler.far?.stop();
      scheduler.inspection.stop();
      await homecoming.stop();
      await dispatcher.drain(graceMs);
      await reports.stop();
      await tlsReports?.stop();
      await clerk?.stop();
      await recorder.flush();
      await warmUps.stop();
    },
    async stop(graceMs = defaultGraceMs) {
      await this.drain(graceMs);
      await stopFollowing();
      await worker.traces?.stop();
      await Promise.all([automation.stop(), health.stop()]);
      await decisions.stop();
      ports.frameSink?.publish(await frame());
      state = 'stopped';
      agenda.stop();
    },
    setExtraLimits: (rules) => dispatcher.runTimeLimits.set('host', rules),
    takesMail: () => commands.draining(clock.nowMs()) === null,
    activeActions: () => automation.actions.size,
    status: () => ({
      state,
      revision: configuration.current.revision,
      entries: scheduler.entries,
      setAside: worker.counters.setAside,
      recovering: homecoming.goesOn,
      trouble: spool.trouble()?.message ?? null,
      pressure: pressure.what,
    }),
    frame,
  };
}
