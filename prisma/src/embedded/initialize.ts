// Makes the cluster once. initdb works in a folder of its own that becomes `data` by a rename as the last step, so that an initdb killed
// half-way leaves nothing that looks like a database. The owner's password is on disk before the cluster that has it.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Account } from './account.ts';
import { EmbeddedPostgresError } from './errors.ts';
import type { Place } from './place.ts';

export const ownerRole = 'sluice_owner';

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
}

function writePrivate(path: string, text: string): void {
  const handle = openSync(path, 'wx', 0o600);
  writeSync(handle, text);
  fsyncSync(handle);
  closeSync(handle);
}

/** Removes what killed starts left: half-made clusters and their password files. */
function sweep(cluster: string): void {
  for (const name of readdirSync(cluster)) {
    if (name.startsWith('data.new') || name.startsWith('password.'))
      rmSync(join(cluster, name), { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function ownerPassword(file: string, clusterExists: boolean): string {
  if (existsSync(file)) {
    const password = readFileSync(file, 'utf8').trim();
    if (password.length > 0) return password;
    rmSync(file);
  }
  if (clusterExists)
    throw new EmbeddedPostgresError('no_password', `the embedded database exists but ${file} with its owner's password is gone`);
  const password = randomBytes(32).toString('base64url');
  writePrivate(`${file}.new-${process.pid}`, `${password}\n`);
  renameSync(`${file}.new-${process.pid}`, file);
  return password;
}

/** Brings the cluster into being where there is none. Returns the owner's password. */
export function ensureCluster(place: Place, account: Account, passwordFile: string, durable: boolean, log: (line: string) => void): string {
  const data = join(place.cluster, 'data');
  const exists = existsSync(join(data, 'PG_VERSION'));
  const password = ownerPassword(passwordFile, exists);
  if (exists) return password;
  sweep(place.cluster);
  log('making the database cluster');
  const tag = randomBytes(4).toString('hex');
  const fresh = join(place.cluster, `data.new-${tag}`);
  const handOver = join(place.cluster, `password.${tag}`);
  mkdirSync(fresh, { mode: 0o700 });
  writeFileSync(handOver, `${password}\n`, { mode: 0o600, flag: 'wx' });
  if (account.uid !== undefined && account.gid !== undefined)
    for (const path of [fresh, handOver]) chownSync(path, account.uid, account.gid);
  const options = [
    '-D',
    fresh,
    '-U',
    ownerRole,
    `--pwfile=${handOver}`,
    '--auth=scram-sha-256',
    '-E',
    'UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
  ];
  const made = spawnSync(place.initdb, durable ? options : [...options, '--no-sync'], {
    ...account,
    cwd: place.cluster,
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
  });
  rmSync(handOver, { force: true });
  if (made.status !== 0) {
    const why = made.error?.message ?? made.stderr.trim().split('\n').slice(-3).join(' ');
    throw new EmbeddedPostgresError('init_failed', `initdb failed: ${why}`);
  }
  renameSync(fresh, data);
  syncFolder(place.cluster);
  return password;
}
