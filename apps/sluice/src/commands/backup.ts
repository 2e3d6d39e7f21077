// `sluice backup` and `sluice restore`: the database into one file, while everything runs; and such a file into a database that holds nothing.
// The bundled Postgres is copied by ourselves and restored into a new data folder; an operator's own by its own pg_dump and pg_restore.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Settings } from '@sluice/contract/settings';
import { backup, backupByDump, BackupError, restore, type ProgramPlaces } from '@sluice/db';
import { startEmbeddedPostgres } from '@sluice/db/embedded';
import { environment } from '../env.ts';
import { takeLock } from '../supervisor/lock.ts';
import { currentRun } from '../supervisor/run-file.ts';
import { writePrivateFile } from '../supervisor/secrets.ts';
import { owner } from './database.ts';
import { ownSettings } from './connection.ts';
import { CommandFailure, exitCodes, print } from './outcome.ts';

const programPlaces = ({ postgresBin }: Settings): ProgramPlaces => ({
  folder: postgresBin === null ? null : resolve(postgresBin),
  searchPath: environment['PATH'] ?? '',
});

async function write(given: string): Promise<void> {
  const path = resolve(given);
  if (existsSync(path)) throw new CommandFailure(`${path} is there already`, exitCodes.usage);
  const settings = ownSettings();
  const { url, dataDir } = owner();
  const bundled = settings.databaseUrl === null && currentRun(dataDir)?.postgres !== null;
  const unfinished = `${path}.unfinished`;
  rmSync(unfinished, { force: true });
  try {
    const { tables, bytes } = await (bundled ? backup(url, unfinished) : backupByDump(url, unfinished, programPlaces(settings)));
    renameSync(unfinished, path);
    print(`${tables} tables with ${bytes} bytes of rows are in ${path}, ${statSync(path).size} bytes.`);
    print('It opens with the key in secrets/key of today: keep that with it, and apart from it. The spool is not in it.');
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

/** Work on the database that is to be restored into: the operator's own, or that of the data folder, which is made. */
async function onTarget<T>(settings: Settings, dataDir: string, work: (ownerUrl: string) => Promise<T>): Promise<T> {
  if (settings.databaseUrl !== null) return work(settings.databaseUrl);
  const server = await startEmbeddedPostgres({ directory: join(dataDir, 'postgres'), port: 0, log: () => undefined });
  try {
    return await work(server.ownerUrl);
  } finally {
    await server.stop();
  }
}

async function read(given: string, options: { keyFile?: string }): Promise<void> {
  const settings = ownSettings();
  const dataDir = resolve(settings.dataDir);
  mkdirSync(join(dataDir, 'secrets'), { recursive: true, mode: 0o700 });
  const taken = takeLock(join(dataDir, 'supervisor.lock'));
  if (!taken.ok) throw new CommandFailure(`process ${taken.holder} runs on ${dataDir}: stop it first`);
  try {
    const keyFile = join(dataDir, 'secrets', 'key');
    if (options.keyFile !== undefined && existsSync(keyFile)) throw new CommandFailure(`${keyFile} is there already`, exitCodes.usage);
    const { at, tables, migrated } = await onTarget(settings, dataDir, (url) => restore(url, resolve(given), programPlaces(settings)));
    if (options.keyFile !== undefined) writePrivateFile(keyFile, readFileSync(resolve(options.keyFile), 'utf8'));
    const newer = migrated.length > 0 ? `, brought up to this version by ${migrated.length} migrations` : '';
    const where = settings.databaseUrl === null ? dataDir : 'the database of DATABASE_URL';
    print(`${tables} tables as of ${at} are in ${where}${newer}. Start Sluice.`);
    if (!existsSync(keyFile) && settings.key === null)
      print(`Put the key of the old installation into ${keyFile} before that: without it the start is refused.`);
  } catch (error) {
    if (error instanceof BackupError) throw new CommandFailure(error.message);
    throw error;
  } finally {
    taken.lock.release();
  }
}

export function addBackupCommands(sluice: Command): void {
  sluice.command('backup').description('the database as of now, into a new file').argument('<file>', 'where to').action(write);
  sluice
    .command('restore')
    .description('a backup into a database that holds nothing yet: of a new data folder, or of DATABASE_URL')
    .argument('<file>', 'as backup wrote it')
    .option('--key-file <file>', 'secrets/key of the installation that was backed up')
    .action(read);
}
