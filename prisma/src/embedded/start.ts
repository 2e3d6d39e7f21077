// Brings the embedded server up and hands out its address. A server that already runs in the folder is adopted with the port it really
// has; a stale pid file (of a zombie, of a reused pid) is put out of the way, but only once no process of the old server is left. The
// server listens on 127.0.0.1 only and has no Unix socket (their paths are limited to 107 bytes, and data folders can be deep).
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { serverAccount, type Account } from './account.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { ensureCluster, ownerRole } from './initialize.ts';
import { choosePlace, recordPlace, type Place } from './place.ts';
import { freePort } from './port.ts';
import { processesIn, readPostmaster, worksIn, type Postmaster } from './postmaster.ts';

export { EmbeddedPostgresError } from './errors.ts';

const startTimeoutMs = 120_000;
const stopTimeoutMs = 30_000;
const orphanTimeoutMs = 15_000;
const pollMs = 25;
const watchMs = 500;
const maxLogBytes = 16 * 1024 * 1024;
const freePortTries = 5;

export type EmbeddedPostgresOptions = {
  /** Folder of the database; made when missing. Holds the owner's password (0600) and, where the server's account can reach it, the data. */
  directory: string;
  /** 0 takes a free one. A running server keeps the port it has. */
  port: number;
  log: (line: string) => void;
  /** False turns fsync off: for tests, whose clusters are thrown away. */
  durable?: boolean;
};

export type EmbeddedPostgres = {
  /** Superuser of the cluster, database `postgres`. Holds the password: never log it. */
  ownerUrl: string;
  port: number;
  dataDirectory: string;
  pid: number;
  /** The server ran already. */
  adopted: boolean;
  /** Data lies outside `directory` because the server's account cannot reach that. */
  elsewhere: boolean;
  /** Resolves once the server is gone, wanted or not. */
  exited: Promise<void>;
  /** Fast shutdown; resolves when the process is gone. */
  stop(): Promise<void>;
};

async function until(done: () => boolean, timeoutMs: number): Promise<boolean> {
  for (let waited = 0; waited < timeoutMs; waited += pollMs) {
    if (done()) return true;
    await delay(pollMs);
  }
  return done();
}

/** The server that runs in this folder and will take connections; waits out one that is coming up or going down. */
async function runningServer(data: string): Promise<Postmaster | undefined> {
  let found = readPostmaster(data);
  if (!found || !worksIn(found.pid, data)) return undefined;
  await until(() => {
    found = readPostmaster(data);
    return !found || !worksIn(found.pid, data) || found.status === 'ready';
  }, startTimeoutMs);
  return found && worksIn(found.pid, data) && found.status === 'ready' ? found : undefined;
}

/** Backends of a killed server leave by themselves; a new server beside them would corrupt the data. */
async function clearStale(data: string): Promise<void> {
  if (!existsSync(join(data, 'postmaster.pid'))) return;
  const free = await until(() => processesIn(data).length === 0, orphanTimeoutMs);
  if (!free)
    throw new EmbeddedPostgresError('in_use', `processes ${processesIn(data).join(', ')} of an earlier Postgres still use ${data}`);
  rmSync(join(data, 'postmaster.pid'), { force: true });
}

function logTail(file: string, from: number): string {
  return readFileSync(file).subarray(from).toString('utf8').trim();
}

function serverOptions(data: string, port: number, durable: boolean): string[] {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    `port=${port}`,
    'timezone=UTC',
    'log_timezone=UTC',
    'jit=off',
    'max_wal_size=2GB',
    'client_connection_check_interval=1s',
  ];
  if (!durable) settings.push('fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'autovacuum_naptime=1h');
  return ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
}

async function launch(
  place: Place,
  data: string,
  account: Account,
  port: number,
  durable: boolean,
): Promise<{ server: Postmaster; child: ChildProcess }> {
  const logFile = join(place.cluster, 'postgres.log');
  if (existsSync(logFile) && statSync(logFile).size > maxLogBytes) renameSync(logFile, `${logFile}.old`);
  const handle = openSync(logFile, 'a', 0o600);
  const from = statSync(logFile).size;
  // Its own process group: a Ctrl-C in the terminal must not stop the database before those who still write to it.
  const child = spawn(place.postgres, serverOptions(data, port, durable), {
    ...account,
    cwd: place.cluster,
    detached: true,
    stdio: ['ignore', handle, handle],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
  });
  closeSync(handle);
  let failure: string | undefined;
  child.once('error', (error) => (failure = error.message));
  child.once('exit', (code, signal) => (failure ??= `it ended with ${signal ?? code}`));
  const isReady = () => readPostmaster(data)?.pid === child.pid && readPostmaster(data)?.status === 'ready';
  await until(() => failure !== undefined || isReady(), startTimeoutMs);
  const server = readPostmaster(data);
  if (failure === undefined && server && isReady()) return { server, child };
  if (failure === undefined) child.kill('SIGQUIT');
  const said = logTail(logFile, from);
  if (/could not bind .*Address already in use|could not create any TCP\/IP sockets/.test(said))
    throw new EmbeddedPostgresError('port_taken', `port ${port} of 127.0.0.1 is taken`);
  const reason = /^.*(?:FATAL|PANIC):.*$/m.exec(said)?.[0] ?? failure ?? 'it was not ready in time';
  throw new EmbeddedPostgresError('start_failed', `Postgres did not start: ${reason} (log: ${logFile})`);
}

async function launchOnFreePort(
  place: Place,
  data: string,
  account: Account,
  options: EmbeddedPostgresOptions,
): Promise<{ server: Postmaster; child: ChildProcess }> {
  for (let left = freePortTries; ; left -= 1) {
    const port = options.port === 0 ? await freePort() : options.port;
    try {
      return await launch(place, data, account, port, options.durable ?? true);
    } catch (error) {
      const again = options.port === 0 && left > 1 && error instanceof EmbeddedPostgresError && error.code === 'port_taken';
      if (!again) throw error;
    }
  }
}

/** Resolves when the process is gone; for a server that is not our child, by looking. */
async function gone(pid: number, data: string): Promise<void> {
  while (worksIn(pid, data)) await delay(watchMs, undefined, { ref: false });
}

async function stopServer(pid: number, data: string): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!worksIn(pid, data)) return;
    try {
      process.kill(pid, signal);
    } catch {
      return; // gone between the look and the signal
    }
    if (await until(() => !worksIn(pid, data), stopTimeoutMs)) return;
  }
  throw new EmbeddedPostgresError('stop_failed', `Postgres (process ${pid}) does not end`);
}

/** Starts or adopts the server of `directory`. Two callers at once are kept apart by the lock of the data folder, not here. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const directory = resolve(options.directory);
  const account = serverAccount();
  // Searchable by the server's account, listable by nobody else: what lies in it is 0600 and 0700.
  mkdirSync(directory, { recursive: true, mode: account.uid === undefined ? 0o700 : 0o711 });
  const place = choosePlace(directory, account);
  if (place.elsewhere) options.log(`the account that Postgres runs as cannot reach ${directory}; its data is in ${place.cluster}`);
  const password = ensureCluster(place, account, join(directory, 'owner-password'), options.durable ?? true, options.log);
  recordPlace(directory, place);
  const data = realpathSync(join(place.cluster, 'data'));
  const running = await runningServer(data);
  let server = running;
  let exited: Promise<void>;
  if (server) {
    exited = gone(server.pid, data);
    options.log(`adopted the running Postgres on port ${server.port}`);
  } else {
    await clearStale(data);
    const launched = await launchOnFreePort(place, data, account, options);
    server = launched.server;
    const { child } = launched;
    exited = new Promise((done) => (child.exitCode !== null || child.signalCode !== null ? done() : child.once('exit', () => done())));
    child.unref();
    options.log(`Postgres runs on port ${server.port}`);
  }
  const { pid, port } = server;
  return {
    ownerUrl: `postgresql://${ownerRole}:${password}@127.0.0.1:${port}/postgres`,
    port,
    dataDirectory: data,
    pid,
    adopted: running !== undefined,
    elsewhere: place.elsewhere,
    exited,
    stop: () => stopServer(pid, data),
  };
}
