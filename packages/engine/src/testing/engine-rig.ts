// A whole engine for tests: simulated remotes, a spool in memory, a fake clock and a resolver that gives every domain the host
// `mx.<domain>`.
import type { Answer, CommandResult, Decision, EngineCommand, MetricsFrame, Question } from '@sluice/contract';
import { createConfiguration } from '../config/configuration.ts';
import { createEngine, type Engine } from '../engine.ts';
import type { EgressMode, Injection, MessageOptions, RecipientEntry } from '../entry.ts';
import { localLimitStore } from '../limits/local-limit-store.ts';
import type { CommandSource, ConfigFeed, FrameSink, HookPost, Resolver } from '../ports.ts';
import { fakeClock, seededRandom, type FakeClock } from './fake-clock.ts';
import { memoryRecordFile } from './memory-record-file.ts';
import { memorySpool, type MemorySpool } from './memory-spool.ts';
import { proberOf, wholeMachine, type RigMachine } from './rig-machine.ts';
import { deltaOn, id, nothingSaid, type SampleEntity, type Said } from './sample-config.ts';
import { simulatedAttempter, type Script, type SimulatedAttempter } from './simulated-attempter.ts';

export type InjectOptions = {
  recipients: string[];
  tenant?: number;
  lifeMs?: number;
  pool?: string;
  egress?: EgressMode;
  campaign?: string;
  accepted?: boolean;
  options?: MessageOptions;
  /** NOTIFY; NEVER unless told, so that tests of the queue see no mail but their own. */
  notify?: string;
};

/** Id of the n-th message of a rig, from 1. */
export const rigMessageId = (number: number): string => `0199aaaa-0000-7000-8000-${String(number).padStart(12, '0')}`;

export type EngineRig = {
  engine: Engine;
  clock: FakeClock;
  spool: MemorySpool;
  remote: SimulatedAttempter;
  frames: MetricsFrame[];
  /** What was decided and taken over, by id. */
  decided: Map<string, Decision>;
  /** Where warm-up keeps its counts. */
  warmUpFile: ReturnType<typeof memoryRecordFile>;
  dns: RigDns;
  /** What probes of sources come to. */
  machine: RigMachine;
  /** Documents that hooks got; `hookFails` makes every call fail. */
  hooked: unknown[];
  hookFails: { on: boolean };
  /** Whoever takes mail heeds at once that the node is drained, unless a test puts something else here. */
  intake: { heed: () => Promise<void> };
  inject(options: InjectOptions): Promise<void>;
  /** Enqueues what was injected with `accepted: false`. */
  enqueueAccepted(): void;
  command(command: EngineCommand): Promise<CommandResult>;
  ask(question: Question): Promise<Answer>;
  configure(entities: SampleEntity[]): Promise<void>;
  /** Another engine over the same disk; this one is left as it is, as after a crash. With a clock of its own the other may be dead. */
  restart(next?: FakeClock): Promise<EngineRig>;
};

/** `txt`, `ptr`: records by name; there are no others. */
type RigDns = { failing: boolean; pressure?: boolean; txt?: Record<string, string[]>; ptr?: Record<string, string[]> };

type Disk = {
  spool: MemorySpool;
  config: ReturnType<typeof memoryRecordFile>;
  commands: ReturnType<typeof memoryRecordFile>;
  tlsReports: ReturnType<typeof memoryRecordFile>;
  decisions: ReturnType<typeof memoryRecordFile>;
  warmUps: ReturnType<typeof memoryRecordFile>;
  health: ReturnType<typeof memoryRecordFile>;
  machine: RigMachine;
  automation: ReturnType<typeof memoryRecordFile>;
  decided: Map<string, Decision>;
  /** Null: nothing of limits is kept. */
  limits: ReturnType<typeof memoryRecordFile> | null;
  /** What the feed has said so far. */
  said: Said;
  messages: number;
  /** A frame a second, which is most of what a quiet day is made of. */
  frames: boolean;
};

export function limitEntity(number: number, body: Record<string, unknown>): SampleEntity {
  return { kind: 'limit', id: id(800 + number), body: { name: `limit ${number}`, ...body } };
}

export function settingEntity(number: number, where: Record<string, string>, values: Record<string, unknown>): SampleEntity {
  return { kind: 'setting', id: id(700 + number), body: { name: `setting ${number}`, where, values } };
}

/** Warms source 1 up for Gmail and for all others, from 2027 on, which is when a rig begins. */
export function warmUpEntity(number: number, body: Record<string, unknown> = {}): SampleEntity {
  const groups = [
    { name: 'Gmail', providers: ['gmail'] },
    { name: 'Others', providers: null },
  ];
  const schedule = { kind: 'table', stages: [{ perDay: 10 }, { perDay: 20 }, { perDay: 40 }] };
  const plan = { name: `warm-up ${number}`, sourceIds: [id(101)], groups, schedule, startsOn: '2027-01-01', spread: false, ...body };
  return { kind: 'warm_up', id: id(1000 + number), body: plan };
}

export function providerEntity(number: number, key: string, mxSuffix: string): SampleEntity {
  return { kind: 'provider', id: id(900 + number), body: { key, name: key, mxSuffixes: [mxSuffix] } };
}

export function fakeResolver(dns: RigDns): Resolver {
  return {
    mx(domain) {
      if (dns.failing)
        return Promise.resolve({ ok: false, kind: 'failed', detail: 'no answer', ttlSeconds: 0, pressure: dns.pressure ?? false });
      if (domain === 'nxdomain.example') return Promise.resolve({ ok: false, kind: 'nxdomain', detail: 'no such name', ttlSeconds: 60 });
      if (domain === 'nullmx.example') return Promise.resolve({ ok: true, records: [{ exchange: '.', preference: 0 }], ttlSeconds: 60 });
      return Promise.resolve({ ok: true, records: [{ exchange: `mx.${domain}`, preference: 10 }], ttlSeconds: 300 });
    },
    // Hosts below six.example have IPv6 addresses only.
    addresses(host, family) {
      if (host.endsWith('six.example') && family === 4)
        return Promise.resolve({ ok: false, kind: 'none', detail: 'no A record', ttlSeconds: 60 });
      return Promise.resolve({ ok: true, records: [family === 4 ? '192.0.2.1' : '2001:db8::1'], ttlSeconds: 300 });
    },
    txt(name) {
      if (dns.failing) return Promise.resolve({ ok: false, kind: 'failed', detail: 'no answer', ttlSeconds: 0 });
      const records = dns.txt?.[name];
      return Promise.resolve(
        records ? { ok: true, records, ttlSeconds: 300 } : { ok: false, kind: 'none', detail: 'no TXT record', ttlSeconds: 300 },
      );
    },
    tlsa: () => Promise.resolve({ ok: false, kind: 'none', detail: 'no TLSA record', ttlSeconds: 300 }),
    ptr: (name) => {
      const records = dns.ptr?.[name];
      return Promise.resolve(
        records ? { ok: true, records, ttlSeconds: 300 } : { ok: false, kind: 'nxdomain', detail: 'no such name', ttlSeconds: 300 },
      );
    },
  };
}

/** `frames`: publish one a second. `keptLimits`: what limits let pass is kept over restarts. */
export type RigOptions = { frames?: boolean; keptLimits?: boolean };

export async function engineRig(
  entities: SampleEntity[],
  script: Script = {},
  clock = fakeClock(),
  { frames = true, keptLimits = false }: RigOptions = {},
): Promise<EngineRig> {
  const disk: Disk = {
    spool: memorySpool(),
    config: memoryRecordFile(),
    commands: memoryRecordFile(),
    tlsReports: memoryRecordFile(),
    decisions: memoryRecordFile(),
    warmUps: memoryRecordFile(),
    health: memoryRecordFile(),
    machine: wholeMachine(),
    automation: memoryRecordFile(),
    decided: new Map(),
    limits: keptLimits ? memoryRecordFile() : null,
    said: nothingSaid(),
    messages: 0,
    frames,
  };
  const rig = await startRig(disk, clock, script);
  if (entities.length > 0) await rig.configure(entities);
  return rig;
}

async function startRig(disk: Disk, clock: FakeClock, script: Script): Promise<EngineRig> {
  const { spool } = disk;
  const random = seededRandom();
  const remote = simulatedAttempter(clock, script);
  const frames: MetricsFrame[] = [];
  const dns: EngineRig['dns'] = { failing: false };
  const log = { info: () => undefined, warn: () => undefined };
  let offer: Parameters<ConfigFeed['follow']>[1] = () => Promise.reject(new Error('nobody follows the feed'));
  let apply: Parameters<CommandSource['follow']>[0] = () => Promise.reject(new Error('nobody takes commands'));
  let ask: EngineRig['ask'] = () => Promise.resolve({ kind: 'refused', message: 'nobody answers' });
  const following = { stop: () => Promise.resolve() };
  const configFeed: ConfigFeed = {
    follow(_revision, fn) {
      offer = fn;
      return following;
    },
  };
  const commandSource: CommandSource = {
    follow(fn) {
      apply = fn;
      return following;
    },
  };
  const frameSink: FrameSink = { publish: (frame) => frames.push(frame) };
  const configuration = createConfiguration({
    clock,
    node: 'n1',
    configFeed,
    secretFeed: null,
    configFile: disk.config,
    secretFile: memoryRecordFile(),
    log,
  });
  const hooked: unknown[] = [];
  const hookFails = { on: false };
  const intake = { heed: () => Promise.resolve() };
  const hook: HookPost = {
    post(url, body) {
      hooked.push(typeof body === 'string' ? { url, ...(JSON.parse(body) as object) } : { url, body });
      return Promise.resolve(hookFails.on ? { ok: false, detail: 'status 500' } : { ok: true });
    },
  };
  const signer = { sign: () => Promise.resolve(new Uint8Array(0)) };
  const ports = {
    clock,
    random,
    log,
    configuration,
    commandSource,
    questionSource: { follow: (answer: EngineRig['ask']) => ((ask = answer), following) },
    commandFile: disk.commands,
    tlsReportFile: disk.tlsReports,
    automationFile: disk.automation,
    decisionFile: disk.decisions,
    warmUpFile: disk.warmUps,
    sourceHealthFile: disk.health,
    prober: proberOf(disk.machine),
    decisionSink: {
      take(decisions: readonly Decision[]) {
        for (const decision of decisions) disk.decided.set(decision.id, decision);
        return Promise.resolve();
      },
    },
    ...(disk.limits && { limitStore: localLimitStore(disk.limits, { clock, log }) }),
    spool,
    resolver: fakeResolver(dns),
    attempter: remote,
    signer,
    frameSink: disk.frames ? frameSink : null,
    hook,
    heedIntake: () => intake.heed(),
  };
  const engine = createEngine(ports, { node: 'n1', egress: 'sandbox' });
  await engine.start();
  const accepted: RecipientEntry[] = [];

  return {
    ...{ engine, clock, spool, remote, frames, dns, hooked, hookFails, intake, decided: disk.decided, machine: disk.machine },
    warmUpFile: disk.warmUps,
    async inject(options) {
      const { entries } = await spool.accept(injectionOf(options, ++disk.messages, clock.nowMs()));
      if (options.accepted === false) accepted.push(...entries);
      else engine.enqueue(entries);
    },
    enqueueAccepted: () => engine.enqueue(accepted.splice(0)),
    command: (command) => apply(command),
    ask: (question) => ask(question),
    async configure(entities) {
      const ack = await offer(deltaOn(disk.said, engine.status().revision + 1, entities));
      if (ack.status !== 'applied') throw new Error(JSON.stringify(ack.problems));
    },
    restart: (next = clock) => startRig({ ...disk, spool: spool.restart() }, next, script),
  };
}

function injectionOf(options: InjectOptions, number: number, nowMs: number): Injection {
  const tenant = options.tenant ?? 1;
  const recipients = options.recipients.map((address) => ({
    address,
    domain: address.slice(address.indexOf('@') + 1),
    dsn: { notify: options.notify ?? 'NEVER', orcpt: null },
  }));
  const facts = {
    sizeBytes: 5,
    headerBytes: 2,
    bodyHash: '',
    eightBit: false,
    utf8: false,
    fromDomain: `tenant${tenant}.example`,
    headerMessageId: null,
  };
  return {
    ...{
      messageId: rigMessageId(number),
      tenantId: id(tenant),
      streamId: id(300 + tenant),
      campaign: options.campaign ?? null,
      sender: `from@tenant${tenant}.example`,
    },
    ...{
      recipients,
      poolId: options.pool ?? null,
      options: options.options ?? null,
      egress: options.egress ?? 'sandbox',
      acceptedAt: nowMs,
      expiresAt: nowMs + (options.lifeMs ?? 86_400_000),
      facts,
    },
    bytes: new TextEncoder().encode('\r\nhi!'),
  };
}
