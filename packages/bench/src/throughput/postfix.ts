// The peer: Debian's Postfix, with OpenDKIM when signing, as an instance of its own in a scratch folder. It never touches the system's
// instance: own configuration, queue, data folder and port, loopback only. Needs root, as every Postfix does to start.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, stopProcess, until } from '../installation.ts';
import type { Product } from './product.ts';

const templates = new URL('../../postfix/', import.meta.url);
const template = (name: string) => readFileSync(new URL(name, templates), 'utf8');
const startLimitMs = 15_000;

/** Why the peer cannot run here; null when it can. */
export function postfixMissing(dkim: boolean): string | null {
  const needed = ['/usr/sbin/postfix', '/usr/sbin/smtp-source', '/usr/sbin/smtp-sink', ...(dkim ? ['/usr/sbin/opendkim'] : [])];
  const absent = needed.find((file) => !existsSync(file));
  if (absent) return `${absent} is not installed`;
  return process.getuid?.() === 0 ? null : 'Postfix starts only as root';
}

function idOf(user: string, kind: '-u' | '-g'): number {
  return Number(execFileSync('id', [kind, user], { encoding: 'utf8' }));
}

export async function startPostfix(sinkPort: number, dkim: boolean): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), 'peer-postfix-'));
  chmodSync(folder, 0o755); // its daemons run as users of their own and pass through
  const [port = 0] = await freePorts(1);
  const [config, queue, data] = [join(folder, 'etc'), join(folder, 'queue'), join(folder, 'data')];
  for (const path of [config, queue, data]) mkdirSync(path, { mode: 0o755 });
  chownSync(data, idOf('postfix', '-u'), idOf('postfix', '-g'));
  const signer = dkim ? await startOpenDkim(folder) : null;
  const ofThisRun = [
    `queue_directory = ${queue}`,
    `data_directory = ${data}`,
    `relayhost = [127.0.0.1]:${sinkPort}`,
    ...(signer ? [`smtpd_milters = inet:127.0.0.1:${signer.port}`] : []),
  ];
  writeFileSync(join(config, 'main.cf'), `${template('main.cf')}\n${ofThisRun.join('\n')}\n`);
  writeFileSync(join(config, 'master.cf'), template('master.cf').replaceAll('{port}', String(port)));
  const pidFile = join(queue, 'pid', 'master.pid');
  const masterPid = () => (existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8').trim()) : null);
  const stop = async () => {
    const pid = masterPid();
    if (pid) execFileSync('postfix', ['-c', config, 'stop'], { stdio: 'ignore' });
    if (pid) await until(() => !existsSync(`/proc/${pid}`), startLimitMs);
    if (signer) await stopProcess(signer.process);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    execFileSync('postfix', ['-c', config, 'start'], { stdio: ['ignore', 'ignore', 'pipe'] });
    await until(() => masterPid() !== null, startLimitMs);
    return {
      name: dkim ? 'Postfix + OpenDKIM' : 'Postfix',
      smtpPort: port,
      processes: () => [masterPid(), signer?.process.pid ?? null].filter((pid) => pid !== null),
      settled: async () => undefined,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startOpenDkim(folder: string): Promise<{ port: number; process: ChildProcess }> {
  const [port = 0] = await freePorts(1);
  const key = join(folder, 'dkim.pem');
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  writeFileSync(key, pair.privateKey, { mode: 0o600 });
  const file = join(folder, 'opendkim.conf');
  writeFileSync(
    file,
    `${template('opendkim.conf')}\nKeyFile ${key}\nSocket inet:${port}@127.0.0.1\nPidFile ${join(folder, 'opendkim.pid')}\n`,
  );
  const child = spawn('/usr/sbin/opendkim', ['-f', '-x', file], { stdio: ['ignore', 'inherit', 'inherit'] });
  await until(
    () => existsSync(join(folder, 'opendkim.pid')),
    startLimitMs,
    () => (child.exitCode === null ? null : 'opendkim ended at once'),
  );
  return { port, process: child };
}
