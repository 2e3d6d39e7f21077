// The Postgres of the machine's packages, as an operator has it: a private cluster of it on loopback and a port of its own, with a collation
// that is not ours and an owner that is no superuser. Only the programs of the package are used, never its service or its cluster.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePorts, until } from '@sluice/bench/installation';

const packages = '/usr/lib/postgresql';
const programs = ['initdb', 'postgres', 'pg_dump', 'pg_restore'];
const minMajor = 15;
const startLimitMs = 30_000;

export type SystemPostgres = { major: number; bin: string };
export type PrivateServer = {
  /** Superuser, database `postgres`. */
  superuserUrl: string;
  /** Owner of an empty database of its own; may make roles, and is no superuser. */
  ownerUrl: string;
  start(): Promise<void>;
  /** Fast shutdown, as a service that is stopped. */
  stop(): Promise<void>;
  dispose(): Promise<void>;
};

/** The newest one that is whole; null without any. */
export function systemPostgres(): SystemPostgres | null {
  const majors = existsSync(packages) ? readdirSync(packages).map(Number) : [];
  const fit = majors.filter((major) => major >= minMajor).sort((a, b) => b - a);
  const found = fit
    .map((major) => ({ major, bin: join(packages, String(major), 'bin') }))
    .find(({ bin }) => programs.every((name) => existsSync(join(bin, name))));
  return found ?? null;
}

/** The server refuses root: then it runs as its package's account, or as nobody. */
function account(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string): number => {
    const [own, nobody] = ['postgres', 'nobody'].map((name) => spawnSync('id', [flag, name], { encoding: 'utf8' }));
    return Number((own?.status === 0 ? own : nobody)?.stdout.trim());
  };
  return { uid: idOf('-u'), gid: idOf('-g') };
}

const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC' };
const address = (port: number, user: string, password: string, database: string): string =>
  `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;

async function statements(url: string, ...texts: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const text of texts) await client.query(text);
  } finally {
    await client.end();
  }
}

function ready(data: string): boolean {
  try {
    return readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[7]?.trim() === 'ready';
  } catch {
    return false;
  }
}

/** A new cluster that runs, with a database that `owner` owns under `password`. */
export async function startPrivateServer({ bin }: SystemPostgres, owner: string, password: string): Promise<PrivateServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-system-postgres-'));
  const as = account();
  const data = join(folder, 'data');
  const handOver = join(folder, 'password');
  const root = 'a password of the superuser';
  writeFileSync(handOver, root, { mode: 0o600 });
  if (as.uid !== undefined && as.gid !== undefined) for (const path of [folder, handOver]) chownSync(path, as.uid, as.gid);
  const collation = ['--locale-provider=icu', '--icu-locale=en-US', '--locale=C.UTF-8', '-E', 'UTF8'];
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'superuser', `--pwfile=${handOver}`, '--auth=scram-sha-256', '--no-sync', ...collation],
    { ...as, cwd: folder, env, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const [port = 0] = await freePorts(1);
  let server: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    const log = openSync(join(folder, 'log'), 'a', 0o600);
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', `port=${port}`, 'fsync=off'];
    server = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
      ...{ ...as, cwd: folder, env, detached: true },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const child = server;
    await until(
      () => ready(data),
      startLimitMs,
      () => (child.exitCode === null ? null : readFileSync(join(folder, 'log'), 'utf8').slice(-2_000)),
    );
  };
  const stop = async (): Promise<void> => {
    const child = server;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    await ended;
  };
  await start();
  const superuserUrl = address(port, 'superuser', root, 'postgres');
  const create = `create role ${owner} login createrole password ${pg.escapeLiteral(password)}`;
  await statements(superuserUrl, create, `create database mail owner ${owner}`);
  const ownerUrl = address(port, owner, password, 'mail');
  const dispose = async (): Promise<void> => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { superuserUrl, ownerUrl, start, stop, dispose };
}
