// One whole installation as a user gets it, for drills, end-to-end tests and benches: the supervisor as its own process with a scratch
// data folder and free ports, reached only from outside (HTTP, SMTP, Postgres). It is stopped by its pid and its folder removed.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSluiceClient, type SluiceClient } from '@sluice/client';
import type { ReceivedMessage } from '@sluice/isp-simulator';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const startLimitMs = 240_000;
const stopLimitMs = 20_000;
const pollMs = 100;

export type Ports = { console: number; smtp: number; engineHttp: number; postgres: number };

export type Installation = {
  dataDir: string;
  ports: Ports;
  owner: { email: string; password: string };
  consoleUrl: string;
  engineUrl: string;
  process: ChildProcess;
  /** Milliseconds from spawn to ready. */
  startedInMs: number;
  /** Signed in with the local token. */
  client: SluiceClient;
  /** What the supervisor wrote to its terminal so far. */
  output(): string;
  /** The sandbox's own log of everything received, as parsed lines. */
  received(): ReceivedMessage[];
  /** Ends it with SIGTERM and waits; resolves with the exit code. The data folder stays. */
  stop(): Promise<number | null>;
  /** stop() and remove the data folder. */
  dispose(): Promise<void>;
};

export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export function newDataDir(): string {
  return mkdtempSync(join(tmpdir(), 'sluice-'));
}

export type StartOptions = {
  dataDir?: string;
  ports?: Ports;
  demo?: boolean;
  env?: Record<string, string>;
  owner?: { email: string; password: string };
  /** Through `npm start`, as an operator does, instead of what that runs. */
  npm?: boolean;
};

/** Starts the installation of this checkout and waits until console and engine answer. Rejects with its output when it ends before. */
export async function startInstallation(options: StartOptions = {}): Promise<Installation> {
  const dataDir = options.dataDir ?? newDataDir();
  const ports = options.ports ?? (await choosePorts());
  const owner = options.owner ?? { email: 'owner@example.net', password: `pw-${randomBytes(12).toString('hex')}` };
  const startedAt = performance.now();
  const [command, ...start]: [string, ...string[]] = options.npm ? ['npm', 'start', '--'] : [process.execPath, 'run.mjs', 'start'];
  const child = spawn(command, [...start, ...(options.demo ? ['--demo'] : [])], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment(dataDir, ports, owner), ...options.env },
  });
  // A test or drill that ends in an error must not leave an installation behind.
  const endWithUs = () => void child.kill('SIGTERM');
  process.once('exit', endWithUs);
  child.once('exit', () => process.off('exit', endWithUs));
  let output = '';
  const keep = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-200_000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const consoleUrl = `http://127.0.0.1:${ports.console}`;
  const engineUrl = `http://127.0.0.1:${ports.engineHttp}`;
  const ready = async () =>
    // The run file is written last.
    existsSync(join(dataDir, 'run.json')) && (await answers(`${consoleUrl}/readyz`)) && (await answers(`${engineUrl}/readyz`));
  await until(ready, startLimitMs, () =>
    child.exitCode === null && child.signalCode === null ? null : `the installation ended:\n${output}`,
  );
  const stop = () => stopProcess(child);
  return {
    dataDir,
    ports,
    owner,
    consoleUrl,
    engineUrl,
    process: child,
    startedInMs: performance.now() - startedAt,
    client: createSluiceClient({ url: consoleUrl, token: localToken(dataDir) ?? '' }),
    output: () => output,
    received: () => receivedMessages(dataDir),
    stop,
    async dispose() {
      await stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function choosePorts(): Promise<Ports> {
  const [console = 0, smtp = 0, engineHttp = 0, postgres = 0] = await freePorts(4);
  return { console, smtp, engineHttp, postgres };
}

function environment(dataDir: string, ports: Ports, owner: { email: string; password: string }): Record<string, string> {
  return {
    SLUICE_DATA_DIR: dataDir,
    SLUICE_CONSOLE_PORT: String(ports.console),
    SLUICE_SMTP_PORT: String(ports.smtp),
    SLUICE_ENGINE_HTTP_PORT: String(ports.engineHttp),
    SLUICE_POSTGRES_PORT: String(ports.postgres),
    SLUICE_OWNER_EMAIL: owner.email,
    SLUICE_OWNER_PASSWORD: owner.password,
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

function localToken(dataDir: string): string | null {
  try {
    return readFileSync(join(dataDir, 'secrets', 'local-token'), 'utf8').trim();
  } catch {
    return null;
  }
}

export function receivedMessages(dataDir: string): ReceivedMessage[] {
  try {
    const lines = readFileSync(join(dataDir, 'sandbox', 'received.jsonl'), 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as ReceivedMessage);
  } catch {
    return [];
  }
}

export async function stopProcess(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
  const code = await ended;
  clearTimeout(timer);
  return code;
}

/** Polls until `condition` holds; rejects after `limitMs` or as soon as `hopeless` says why it cannot come. */
export async function until(
  condition: () => Promise<boolean> | boolean,
  limitMs: number,
  hopeless: () => string | null = () => null,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await condition())) {
    const reason = hopeless();
    if (reason !== null) throw new Error(reason);
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms in vain`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
