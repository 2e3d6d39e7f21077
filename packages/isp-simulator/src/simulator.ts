// The sandbox in one piece: DNS that knows the small internet of hosts.ts, and an SMTP receiver on each of its loopback addresses, all
// on one unprivileged port. Read this first. A client asks the DNS, connects to the address it was told (port 25 mapped to ours), and
// everything that it hands over is in received.jsonl before it hears 250.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificates } from './certificates.ts';
import { SeededRandom, systemClock, type SimulatorClock } from './clock.ts';
import type { DnsAnswer, RecordType } from './dns/answer.ts';
import { DnsServer } from './dns/server.ts';
import { Greylist } from './greylist.ts';
import { hosts, type SandboxHost } from './hosts.ts';
import { HostListener } from './host-listener.ts';
import { profiles, withOverrides, type Profile, type ProfileName, type ProfileOverrides } from './profiles.ts';
import { ReactingProvider, type AccountView } from './reaction/reacting-provider.ts';
import { ReceivedLog, readReceived, type ReceivedMessage } from './received-log.ts';
import { SourceLimits, type SourceCounters } from './source-limits.ts';

export type SimulatorOptions = {
  /** The same seed over the same log gives the same ids and delays in the same order per host. */
  seed: string;
  /** Holds received.jsonl (appended to) and ca.pem. Made if absent. */
  directory: string;
  /** Address of the DNS server; the SMTP hosts are on 127.1.0.0/16. Default 127.0.0.1. */
  bind?: string;
  /** 0, the default, lets the system choose. */
  dnsPort?: number;
  smtpPort?: number;
  clock?: SimulatorClock;
  /** Changes of profiles from the start, by profile name. */
  profiles?: Partial<Record<ProfileName, ProfileOverrides>>;
  /** Keep each message's bytes in the log. Default false. */
  keepRaw?: boolean;
};

export type Simulator = {
  /** `address:port` of the DNS server. */
  dnsAddress: string;
  smtpPort: number;
  /** Loopback addresses on which receivers stand. */
  hosts: readonly SandboxHost[];
  logPath: string;
  caPath: string;
  /** Everything received so far, from the log; ends at its present end. */
  received(): AsyncGenerator<ReceivedMessage>;
  /** By `profile source` for providers and `host source` for plain hosts. */
  counters(): ReadonlyMap<string, SourceCounters>;
  /** What each provider that reacts thinks of those that send to it. */
  views(): ReadonlyMap<string, AccountView[]>;
  dns: { override(name: string, type: RecordType, answer: DnsAnswer | null): void };
  /** Changes a profile by its name, or one host by its name, from the next command on. */
  setProfile(nameOrHost: string, overrides: ProfileOverrides): void;
  /** Ends a host's connections and lets it refuse new ones; `allow` brings it back. */
  refuse(host: string): Promise<void>;
  allow(host: string): Promise<void>;
  stop(): Promise<void>;
};

const portTries = 20;

export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const clock = options.clock ?? systemClock;
  const bind = options.bind ?? '127.0.0.1';
  if (!bind.startsWith('127.')) throw new Error(`the sandbox binds loopback only, not ${bind}`);
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const caPath = join(options.directory, 'ca.pem');
  const named = hosts.filter((host) => host.behaviour.kind === 'smtp' && host.behaviour.profile !== 'plain').map((host) => host.name);
  const certificates = await makeCertificates(named, clock.nowMs());
  writeFileSync(caPath, certificates.caPem);
  const log = new ReceivedLog(join(options.directory, 'received.jsonl'));
  const firstByte = log.sizeBytes();
  const limits = new SourceLimits(clock);
  const greylist = new Greylist(clock);
  const overrides = new Map<string, ProfileOverrides[]>(
    Object.entries(options.profiles ?? {}).map(([name, change]) => [name, change ? [change] : []]),
  );

  const profileOf = (host: SandboxHost, name: ProfileName): Profile => {
    const changes = [...(overrides.get(name) ?? []), ...(overrides.get(host.name) ?? [])];
    return changes.reduce(withOverrides, profiles[name]);
  };
  const reacting = new Map<string, ReactingProvider>();
  const reactionOf = (host: SandboxHost, name: ProfileName): ReactingProvider | null => {
    const { reaction: parameters, replies, reactions } = profileOf(host, name);
    if (parameters === null) return null;
    const known = reacting.get(name);
    if (known?.parameters === parameters) return known;
    const made = new ReactingProvider(parameters, { replies, reactions }, `${options.seed} ${name}`);
    reacting.set(name, made);
    return made;
  };
  const listeners = new Map<string, HostListener>();
  for (const host of hosts) {
    if (host.behaviour.kind === 'refusing') continue;
    const profileName = host.behaviour.kind === 'smtp' ? host.behaviour.profile : null;
    listeners.set(
      host.name,
      new HostListener({
        host,
        profileName,
        profile: () => profileOf(host, profileName ?? 'plain'),
        limits,
        greylist,
        reaction: () => (profileName === null ? null : reactionOf(host, profileName)),
        clock,
        log,
        keepRaw: options.keepRaw ?? false,
        // The log's length makes a restart over an old log go on with new ids.
        random: new SeededRandom(`${options.seed} ${host.name} ${firstByte}`),
        secureContext: certificates.contextFor(host.name),
      }),
    );
  }
  const dns = new DnsServer();
  const stop = async () => {
    await Promise.all([...listeners.values()].map((listener) => listener.close()));
    await dns.close();
    log.close();
  };
  const listenerOf = (name: string): HostListener => {
    const listener = listeners.get(name);
    if (!listener) throw new Error(`the sandbox has no listening host ${name}`);
    return listener;
  };
  try {
    const smtpPort = await listenOnOnePort([...listeners.values()], options.smtpPort ?? 0);
    const dnsAddress = await dns.listen(bind, options.dnsPort ?? 0);
    return {
      dnsAddress,
      smtpPort,
      hosts,
      logPath: log.path,
      caPath,
      received: () => readReceived(log.path),
      counters: () => limits.counters(),
      views: () => new Map([...reacting].map(([name, provider]) => [name, provider.views(clock.monotonicMs())])),
      dns: { override: (name, type, answer) => dns.override(name, type, answer) },
      setProfile(nameOrHost, change) {
        if (!Object.hasOwn(profiles, nameOrHost)) listenerOf(nameOrHost);
        // Merged into one, so that a test that changes a profile a thousand times holds one change.
        const previous = overrides.get(nameOrHost)?.[0] ?? {};
        overrides.set(nameOrHost, [
          { ...previous, ...change, limits: { ...previous.limits, ...change.limits }, offers: { ...previous.offers, ...change.offers } },
        ]);
      },
      refuse: (host) => listenerOf(host).close(),
      allow: (host) => listenerOf(host).listen(smtpPort),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The first address takes the port that the system gives it, the others the same; taken somewhere, another port is tried. */
async function listenOnOnePort(listeners: HostListener[], wanted: number): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    let port = wanted;
    try {
      for (const listener of listeners) {
        await listener.listen(port);
        port = listener.port;
      }
      return port;
    } catch (error) {
      await Promise.all(listeners.map((listener) => listener.close()));
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (wanted !== 0 || !taken || attempt === portTries) throw error;
    }
  }
}
