// The world of a scenario: the engine process on its own, with a configuration written for it and no Postgres; a DNS that says what the
// scenario needs; mail hosts on loopback addresses that share one port. What happened is read from the engine's own accounting log.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecureContext } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { freePorts, stopProcess, until } from '@sluice/bench/installation';
import type { DeliveryEvent, DeliverySettings, EventType } from '@sluice/contract';
import { emptyContentRoot, nextContentRoot } from '@sluice/contract/content-root';
import { loggedEvents } from '@sluice/engine/offline';
import { DnsServer, makeCertificates } from '@sluice/isp-simulator';
import { kekIdOf, sealSecret } from '@sluice/plane';
import { Dialogue } from '../../delivery/smtp-dialogue.ts';
import { startReceiver, type Answers, type Receiver } from './receiver.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const startLimitMs = 60_000;
/** Longer than a path rests after its first failure. */
const waitLimitMs = 40_000;

export type Entity = { kind: string; id: string; body: Record<string, unknown> };
/** The same UUID for the same number. */
export const id = (number: number): string => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
export const sourceAddress = (number: number): string => `127.42.0.${number}`;
export const sender = 'news@sender.example';

export type WorldOptions = {
  /** Egress sources of the only pool, all of weight 1; more of each by number. */
  sources?: Record<string, unknown>[];
  stream?: Record<string, unknown>;
  /** What holds for all mail. */
  settings?: Partial<DeliverySettings>;
  /** Further entities: limits, routes, rules. */
  entities?: Entity[];
  /** Lines of the file of commands in force, as after a restart. */
  commands?: unknown[];
  /** Secrets by id, in plain: sealed for the engine as the console seals them. */
  secrets?: Readonly<Record<string, string>>;
  /** Environment of the engine on top of the scenario's own, such as another DNS server. */
  environment?: Readonly<Record<string, string>>;
};

export type Restart = {
  /** By how much the machine's clock stands later than it does, as after a long stop. */
  aheadMs?: number;
  /** What operators commanded, as far as the engine keeps it over a restart. */
  commands?: unknown[];
};

export type World = {
  smtpPort: number;
  /** The port of all mail hosts, to which 25 is mapped. */
  hostPort: number;
  /** Of the engine. */
  readonly pid: number;
  engineUrl: string;
  dataDir: string;
  dns: DnsServer;
  /** A mail host with an address of its own and its A record. */
  host(name: string, answers?: Answers, certificate?: SecureContext): Promise<Receiver>;
  /** MX records of a domain: hosts by preference, ten apart. */
  mx(domain: string, ...hosts: string[]): void;
  /** Hands a message in and expects 250. */
  send(recipients: string | string[], content?: string, mailParameters?: string): Promise<void>;
  /** Every event of these recipients so far, oldest first; path events where no recipient is named. */
  events(recipient: string | null): DeliveryEvent[];
  /** Waits until the recipient's events are exactly of these types and returns them. */
  story(recipient: string | null, ...types: EventType[]): Promise<DeliveryEvent[]>;
  /** Ends the engine with SIGTERM; everything else stays. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL. */
  kill(): Promise<void>;
  /** Starts the engine again over the same folder. */
  start(how?: Restart): Promise<void>;
  close(): Promise<void>;
};

export function configuration(options: WorldOptions): Entity[] {
  const sources = (options.sources ?? [{}]).map((more, index) => {
    const address = sourceAddress(index + 1);
    const body = {
      name: `source ${index + 1}`,
      publicAddress: address,
      bindAddress: address,
      family: 4,
      ehloName: `mta${index + 1}.sender.example`,
    };
    return { kind: 'source', id: id(100 + index), body: { ...body, ...more } };
  });
  const rule = { kind: 'setting', id: id(9), body: { name: 'scenario', where: {}, values: options.settings ?? {} } };
  return [
    ...sources,
    { kind: 'pool', id: id(1), body: { name: 'pool', members: sources.map((source) => ({ sourceId: source.id, weight: 1 })) } },
    { kind: 'tenant', id: id(2), body: { name: 'Scenario', slug: 'scenario' } },
    { kind: 'stream', id: id(3), body: { tenantId: id(2), name: 'mail', poolIds: [id(1)], ...options.stream } },
    { kind: 'domain', id: id(4), body: { tenantId: id(2), domain: 'sender.example' } },
    { kind: 'relay', id: id(5), body: { tenantId: id(2), streamId: id(3), cidr: '127.0.0.0/8' } },
    ...(options.settings ? [rule] : []),
    ...(options.entities ?? []),
  ];
}

/** Writes the copy of the configuration from which an engine starts without Postgres. */
export function writeConfiguration(
  dataDir: string,
  egress: 'sandbox' | 'internet',
  entities: readonly Entity[],
  commands: readonly unknown[],
  secrets: Readonly<Record<string, string>> = {},
): void {
  let contentRoot = emptyContentRoot;
  for (const entity of entities) contentRoot = nextContentRoot(contentRoot, entity.kind, entity.id, null, entity.body);
  const lines = [
    ...entities.map((entity) => ({ revision: 1, ...entity })),
    { commit: { revision: 1, contentRoot }, count: entities.length },
  ];
  mkdirSync(join(dataDir, egress, 'config'), { recursive: true, mode: 0o700 });
  const write = (name: string, values: readonly unknown[]) => writeRecords(dataDir, egress, name, values);
  write('entities.jsonl', lines);
  if (commands.length > 0) write('commands.jsonl', commands);
  const sealed = Object.entries(secrets).map(([secretId, plain], index) => {
    const recipient = { id: kekIdOf(keyBytes), key: keyBytes };
    const secret = sealSecret(Buffer.from(plain), { id: secretId, aad: `scenario:${secretId}` }, [recipient]);
    return { id: secretId, cursor: index + 1, secret };
  });
  if (sealed.length > 0) write('secrets.jsonl', [...sealed, { commit: sealed.length, count: sealed.length }]);
}

function writeRecords(dataDir: string, egress: 'sandbox' | 'internet', name: string, values: readonly unknown[]): void {
  writeFileSync(join(dataDir, egress, 'config', name), values.map((value) => `${JSON.stringify(value)}\n`).join(''));
}

/** The key-encryption key of every engine of a scenario. */
const keyBytes = randomBytes(32);
export const key = keyBytes.toString('base64');

/** Options under which a process of Node takes it to be later than it is. */
function laterBy(aheadMs: number): string {
  const script = `const now=Date.now;Date.now=()=>now()+${aheadMs}`;
  return `--import data:text/javascript,${encodeURIComponent(script)}`;
}

/** Environment of an engine process in the sandbox. */
function environment(dataDir: string, ports: Ports, dnsAddress: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    SLUICE_DATA_DIR: dataDir,
    SLUICE_SMTP_PORT: String(ports.smtp),
    SLUICE_ENGINE_HTTP_PORT: String(ports.http),
    SLUICE_KEY: key,
    SLUICE_DNS_SERVER: dnsAddress,
    SLUICE_SANDBOX_SMTP_PORT: String(ports.hosts),
    SLUICE_EGRESS: 'sandbox',
  };
}

async function startEngine(env: NodeJS.ProcessEnv, engineUrl: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(root, 'apps/mta/src/main.ts')], { cwd: root, env, stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-20_000)));
  const ready = async () => {
    try {
      return (await fetch(`${engineUrl}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
    } catch {
      return false;
    }
  };
  const ended = () => (child.exitCode === null ? null : `the engine ended with ${child.exitCode}:\n${said}`);
  await until(ready, startLimitMs, ended);
  return child;
}

type Ports = { smtp: number; http: number; hosts: number };

/** A port that is free now may be another process's a moment later: then all are chosen anew. */
async function startOnFreePorts(
  environmentOf: (ports: Ports) => NodeJS.ProcessEnv,
  triesLeft = 3,
): Promise<Ports & { env: NodeJS.ProcessEnv; engineUrl: string; engine: ChildProcess }> {
  const [smtp = 0, http = 0, hosts = 0] = await freePorts(3);
  const ports = { smtp, http, hosts };
  const engineUrl = `http://127.0.0.1:${http}`;
  const env = environmentOf(ports);
  try {
    return { ...ports, env, engineUrl, engine: await startEngine(env, engineUrl) };
  } catch (error) {
    if (triesLeft === 0 || !String(error).includes('EADDRINUSE')) throw error;
    return startOnFreePorts(environmentOf, triesLeft - 1);
  }
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-scenario-'));
  const dns = new DnsServer();
  const dnsAddress = await dns.listen('127.0.0.1', 0);
  writeConfiguration(dataDir, 'sandbox', configuration(options), options.commands ?? [], options.secrets);
  const receivers: Receiver[] = [];
  let context: SecureContext | null = null;
  const first = await startOnFreePorts((ports) => ({ ...environment(dataDir, ports, dnsAddress), ...options.environment }));
  const { env, engineUrl, smtp, hosts } = first;
  let { engine } = first;

  const events = (recipient: string | null): DeliveryEvent[] =>
    [...loggedEvents(join(dataDir, 'sandbox', 'spool'), 0)].map((placed) => placed.event).filter((event) => event.recipient === recipient);
  return {
    ...{ smtpPort: smtp, hostPort: hosts, engineUrl, dataDir, dns, events },
    get pid() {
      return engine.pid ?? 0;
    },
    async host(name, answers = {}, certificate) {
      context ??= (await makeCertificates(['mx.example'], Date.now())).contextFor('mx.example');
      const receiver = await startReceiver(`127.42.1.${receivers.length + 1}`, hosts, answers, certificate ?? context);
      receivers.push(receiver);
      dns.override(name, 'A', { kind: 'records', records: [{ type: 'A', data: receiver.address }] });
      return receiver;
    },
    mx(domain, ...names) {
      const records = names.map((exchange, index) => ({ type: 'MX' as const, data: { exchange, preference: 10 * (index + 1) } }));
      dns.override(domain, 'MX', { kind: 'records', records });
    },
    async send(recipients, content = `From: <${sender}>\r\nSubject: scenario\r\n\r\nhello`, mailParameters = '') {
      const dialogue = await Dialogue.open(smtp);
      const said = [await dialogue.say('EHLO client.example\r\n'), await dialogue.say(`MAIL FROM:<${sender}>${mailParameters}\r\n`)];
      for (const recipient of [recipients].flat())
        said.push(await dialogue.say(`RCPT TO:<${Buffer.from(recipient).toString('latin1')}>\r\n`));
      await dialogue.say('DATA\r\n');
      said.push(await dialogue.say(`${content.replace(/^\./gm, '..')}\r\n.\r\n`));
      dialogue.close();
      const refused = said.find((reply) => !reply.startsWith('250'));
      if (refused !== undefined) throw new Error(`the engine does not take the message: ${refused}`);
    },
    async story(recipient, ...types) {
      const isOver = () => events(recipient).length >= types.length;
      await until(isOver, waitLimitMs).catch(() => undefined);
      const seen = events(recipient);
      if (seen.map((event) => event.type).join() !== types.join())
        throw new Error(`expected ${types.join()} for ${recipient}, saw ${JSON.stringify(seen, null, 1)}`);
      return seen;
    },
    async stop() {
      await stopProcess(engine);
    },
    async kill() {
      const ended = once(engine, 'exit');
      engine.kill('SIGKILL');
      await ended;
    },
    async start({ aheadMs = 0, commands } = {}) {
      if (commands) writeRecords(dataDir, 'sandbox', 'commands.jsonl', commands);
      engine = await startEngine(aheadMs === 0 ? env : { ...env, NODE_OPTIONS: laterBy(aheadMs) }, engineUrl);
    },
    async close() {
      await stopProcess(engine);
      await Promise.all(receivers.map((receiver) => receiver.close()));
      await dns.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The only event of a list; a scenario that sees more or fewer has failed. */
export function only<T>(list: readonly T[]): T {
  const [first] = list;
  if (list.length !== 1 || first === undefined) throw new Error(`expected one, got ${JSON.stringify(list)}`);
  return first;
}
