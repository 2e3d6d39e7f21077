// pg_dump and pg_restore of the server's own version, found and started. The password goes to them by the environment, where other accounts
// of the machine do not read it, and never by the arguments, where they do.
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { BackupError } from './frames.ts';

export type Program = 'pg_dump' | 'pg_restore';
/** Where to look: a folder that the operator named and no other, or where packages put them and then the search path. */
export type ProgramPlaces = { folder: string | null; searchPath: string };

const maxComplaintBytes = 4096;

/** Of the PGDG's and Debian's packages, which keep several versions beside each other. */
const packaged = (major: number): string[] => [`/usr/lib/postgresql/${major}/bin`, `/usr/pgsql-${major}/bin`];

/** "pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)" is 15. */
function majorOf(path: string): number | null {
  const said = spawnSync(path, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const major = /\(PostgreSQL\) (\d+)/.exec(said.stdout ?? '')?.[1];
  return major === undefined ? null : Number(major);
}

/** The path of the program in the server's major version. Another version writes or reads what that server may not know. */
export function findProgram(program: Program, major: number, { folder, searchPath }: ProgramPlaces): string {
  const folders = folder === null ? [...packaged(major), ...searchPath.split(delimiter).filter((entry) => entry !== '')] : [folder];
  const others: string[] = [];
  for (const path of new Set(folders.map((entry) => join(entry, program)))) {
    if (!existsSync(path)) continue;
    const found = majorOf(path);
    if (found === major) return path;
    others.push(`${path} is ${found === null ? 'none' : `of version ${found}`}`);
  }
  const seen = others.length > 0 ? others.join(', ') : `there is none in ${folder ?? 'the places where packages and PATH have it'}`;
  throw new BackupError(
    `the server is Postgres ${major}, and its own ${program} was not found (${seen}): install postgresql-client-${major}, or name the folder that has it in SLUICE_POSTGRES_BIN`,
  );
}

/** Words of node-postgres in an address that libpq does not know. */
function withoutWordsOfOurs(url: URL): void {
  url.searchParams.delete('uselibpqcompat');
  if (url.searchParams.get('sslmode') === 'no-verify') url.searchParams.set('sslmode', 'require');
}

/** The address without its password, for the arguments, and the environment that goes with it. All tenants are seen. */
function connection(ownerUrl: string): { address: string; env: Record<string, string> } {
  const url = new URL(ownerUrl);
  const password = decodeURIComponent(url.password) || url.searchParams.get('password') || '';
  url.password = '';
  url.searchParams.delete('password');
  const options = [url.searchParams.get('options'), '-c sluice.tenant=*'].filter(Boolean).join(' ');
  url.searchParams.delete('options');
  withoutWordsOfOurs(url);
  const env = { LC_ALL: 'C', PGOPTIONS: options, PGAPPNAME: 'sluice-backup', ...(password === '' ? {} : { PGPASSWORD: password }) };
  return { address: url.href.replaceAll('+', '%20'), env };
}

export type Running = {
  child: ChildProcessWithoutNullStreams;
  /** Resolves when it has ended well, and rejects with what it complained of. */
  ended: Promise<void>;
};

/** Starts the program; with an address it works on that database. */
export function start(path: string, args: readonly string[], ownerUrl: string | null): Running {
  const { address, env } = ownerUrl === null ? { address: null, env: { LC_ALL: 'C' } } : connection(ownerUrl);
  const child = spawn(path, [...args, ...(address === null ? [] : ['--no-password', `--dbname=${address}`])], {
    env: { ...env, NODE_ENV: 'production' }, // the console's types want it in every environment
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-maxComplaintBytes)));
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new BackupError(complaint.trim().replaceAll(/\s*\n\s*/g, '; ') || `${path} ended with ${signal ?? code}`));
    });
  });
  ended.catch(() => undefined); // told to whoever waits for it, later
  return { child, ended };
}
