// A whole engine over a real spool, with the wire simulated: what drills of the queue and the spool measure. Its clock is a port: the
// machine's, or one whose days are short.
import type { CommandResult, EngineCommand } from '@sluice/contract';
import { createConfiguration } from '../config/configuration.ts';
import type { RecordFile } from '../config/record-file.ts';
import { createEngine, type Engine } from '../engine.ts';
import type { Injection } from '../entry.ts';
import { systemClock, systemRandom, takePlace } from '../host/index.ts';
import type { Clock, CommandSource, ConfigFeed } from '../ports.ts';
import { openSpool, type OpenSpool, type SpoolLimits } from '../spool/index.ts';
import { injection } from '../spool/testing.ts';
import { fakeResolver } from './engine-rig.ts';
import { memoryRecordFile } from './memory-record-file.ts';
import { deltaOf, id, type SampleEntity } from './sample-config.ts';
import { simulatedAttempter, type Script } from './simulated-attempter.ts';

export const spoolEngineNode = 'drill';

export type SpoolEngine = {
  readonly engine: Engine;
  readonly spool: OpenSpool;
  /** Entries delivered so far. */
  readonly delivered: number;
  /** Until mail is taken, milliseconds. */
  readonly startedMs: number;
  /** Accepts the messages and hands them to the engine. */
  accept(messages: readonly Injection[]): Promise<void>;
  command(command: EngineCommand): Promise<CommandResult>;
  stop(): Promise<void>;
};

export type SpoolEngineOptions = {
  directory: string;
  config: readonly SampleEntity[];
  script: Script;
  clock?: Clock;
  limits?: Partial<SpoolLimits>;
  /** Keeps commands over a restart. */
  commandFile?: RecordFile;
  /** Actions of automation that go on. */
  automationFile?: RecordFile;
};

const stopMs = 1_000;
const shippedEveryMs = 100;

export type FlowMessage = { tenant: number; domain: string; reader?: string; bytes: Uint8Array; lifeMs: number; nowMs: number };

/** As in an engine: ids are strings of its configuration, which all messages share; what is a message's own came off the wire in one piece. */
const ids = new Map<number, string>();
function sharedId(number: number): string {
  const known = ids.get(number) ?? id(number);
  ids.set(number, known);
  return known;
}
const flat = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');
const noReports = { notify: 'NEVER', orcpt: null };

/** A message of the tenant to one recipient, who wants no reports. */
export function messageTo(
  { tenant, domain, reader = 'reader', bytes, lifeMs, nowMs }: FlowMessage,
  messageId: string = systemRandom.uuid(),
): Injection {
  const of = { tenantId: sharedId(tenant), streamId: sharedId(300 + tenant), acceptedAt: nowMs, expiresAt: nowMs + lifeMs };
  const recipients = [{ address: flat(`${reader}@${domain}`), domain: flat(domain), dsn: noReports }];
  return { ...injection(0, { messageId, bytes }), ...of, recipients };
}

/** Opens the spool and starts an engine over it; resolves when all entries are handed out. */
export async function startSpoolEngine(options: SpoolEngineOptions): Promise<SpoolEngine> {
  const { directory, config, script, clock = systemClock, limits, commandFile = memoryRecordFile(), automationFile } = options;
  const log = { info: () => undefined, warn: () => undefined };
  const common = { clock, random: systemRandom };
  const node = spoolEngineNode;
  const from = performance.now();
  const spool = await openSpool({ ...common, limits, directory, node, worker: 0, egress: 'sandbox', thread: true, log: () => undefined });
  // As often as a shipper that keeps up would say so.
  const shipping = setInterval(() => spool.releaseShipped(spool.durable()), shippedEveryMs);
  let delivered = 0;
  const watch: NonNullable<Script['watch']> = (delivery, outcomes) => {
    for (const { kind } of outcomes) if (kind === 'delivered') delivered++;
    script.watch?.(delivery, outcomes);
  };
  let apply: Parameters<CommandSource['follow']>[0] = () => Promise.reject(new Error('nobody takes commands'));
  const commandSource: CommandSource = {
    follow(take) {
      apply = take;
      return { stop: () => Promise.resolve() };
    },
  };
  const remote = simulatedAttempter(clock, { ...script, watch });
  const engine = createEngine(
    {
      ...{ ...common, log, spool, attempter: remote, configuration: await configured(config) },
      ...{ commandSource, questionSource: null, frameSink: { publish: () => undefined }, commandFile },
      signer: { sign: () => Promise.resolve(new Uint8Array(0)) },
      resolver: fakeResolver({ failing: false }),
      ...(automationFile && { automationFile }),
    },
    { node, egress: 'sandbox' },
  );
  await engine.start();
  takePlace('engine'); // as apps/mta, once all threads run
  const startedMs = Math.round(performance.now() - from);
  return {
    ...{ engine, spool, startedMs },
    get delivered() {
      return delivered;
    },
    async accept(messages) {
      for (const { entries } of await Promise.all(messages.map((message) => spool.accept(message)))) engine.enqueue(entries);
    },
    command: (command) => apply(command),
    async stop() {
      await engine.stop(stopMs);
      clearInterval(shipping);
      await spool.close();
    },
  };
}

/** The configuration as a node has it after a start without its control plane. */
async function configured(config: readonly SampleEntity[]): Promise<ReturnType<typeof createConfiguration>> {
  const log = { info: () => undefined, warn: () => undefined };
  let offer: Parameters<ConfigFeed['follow']>[1] = () => Promise.reject(new Error('nobody follows the feed'));
  const configFeed: ConfigFeed = {
    follow(_revision, fn) {
      offer = fn;
      return { stop: () => Promise.resolve() };
    },
  };
  const node = spoolEngineNode;
  const files = { configFile: memoryRecordFile(), secretFile: memoryRecordFile() };
  const first = createConfiguration({ clock: systemClock, node, configFeed, secretFeed: null, ...files, log });
  first.follow();
  await offer(deltaOf(1, config));
  await first.stop();
  return createConfiguration({ clock: systemClock, node, configFeed: null, secretFeed: null, ...files, log });
}
