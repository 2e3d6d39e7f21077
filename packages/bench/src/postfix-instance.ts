// A Postfix and an OpenDKIM of our own in a scratch folder, for the bench's peer and for tests against a third-party MTA. They never touch
// the system's instances: own configuration, queue, data folder and port, loopback only. Needs root, as every Postfix does to start.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, stopProcess, until } from './installation.ts';

const startLimitMs = 15_000;

export type PostfixInstance = { port: number; folder: string; /** Process of master. */ pid(): number | null; stop(): Promise<void> };
export type OpenDkim = { port: number; process: ChildProcess; stop(): Promise<void> };

/** Why the named programs cannot run here; null when they can. */
export function missingPrograms(...programs: string[]): string | null {
  const places = ['/usr/sbin', '/usr/bin'];
  const absent = programs.find((name) => !places.some((place) => existsSync(join(place, name))));
  if (absent) return `${absent} is not installed`;
  return programs.includes('postfix') && process.getuid?.() !== 0 ? 'Postfix starts only as root' : null;
}

export function userId(user: string): number {
  return Number(execFileSync('id', ['-u', user], { encoding: 'utf8' }));
}

/** A folder that daemons of other users may pass through. */
export function scratchFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(folder, 0o755);
  return folder;
}

/** Starts in `folder`; `{port}` in `masterCf` becomes its port. Folders are added to `mainCf`. */
export async function startPostfixInstance(folder: string, mainCf: string, masterCf: string): Promise<PostfixInstance> {
  const [port = 0] = await freePorts(1);
  const [config, queue, data] = [join(folder, 'etc'), join(folder, 'queue'), join(folder, 'data')];
  for (const path of [config, queue, data]) mkdirSync(path, { mode: 0o755 });
  chownSync(data, userId('postfix'), -1);
  writeFileSync(join(config, 'main.cf'), `${mainCf}\nqueue_directory = ${queue}\ndata_directory = ${data}\n`);
  writeFileSync(join(config, 'master.cf'), masterCf.replaceAll('{port}', String(port)));
  const pidFile = join(queue, 'pid', 'master.pid');
  const pid = () => (existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8').trim()) || null : null);
  execFileSync('postfix', ['-c', config, 'start'], { stdio: ['ignore', 'ignore', 'pipe'] });
  await until(() => pid() !== null, startLimitMs);
  return {
    port,
    folder,
    pid,
    async stop() {
      const master = pid();
      if (master === null || !existsSync(`/proc/${master}`)) return;
      execFileSync('postfix', ['-c', config, 'stop'], { stdio: 'ignore' });
      await until(() => !existsSync(`/proc/${master}`), startLimitMs);
    },
  };
}

/** Starts in `folder` with this configuration; socket and pid file are added to it. */
export async function startOpenDkim(folder: string, configuration: string): Promise<OpenDkim> {
  const [port = 0] = await freePorts(1);
  const file = join(folder, 'opendkim.conf');
  const pidFile = join(folder, 'opendkim.pid');
  writeFileSync(file, `${configuration}\nSocket inet:${port}@127.0.0.1\nPidFile ${pidFile}\n`);
  const child = spawn('/usr/sbin/opendkim', ['-f', '-x', file], { stdio: ['ignore', 'inherit', 'inherit'] });
  await until(
    () => existsSync(pidFile),
    startLimitMs,
    () => (child.exitCode === null ? null : 'opendkim ended at once'),
  );
  return { port, process: child, stop: async () => void (await stopProcess(child)) };
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
