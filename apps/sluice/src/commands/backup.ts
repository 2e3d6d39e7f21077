// `sluice backup` and `sluice restore`: the bundled database into one file, while everything runs; and such a file into a new data folder.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { backup, BackupError, restore } from '@sluice/db';
import { startEmbeddedPostgres } from '@sluice/db/embedded';
import { takeLock } from '../supervisor/lock.ts';
import { writePrivateFile } from '../supervisor/secrets.ts';
import { owner } from './database.ts';
import { ownSettings } from './connection.ts';
import { CommandFailure, exitCodes, print } from './outcome.ts';

const external = `DATABASE_URL is your own Postgres: use its own tools, of its own version, for example
  PGOPTIONS='-c sluice.tenant=*' pg_dump --enable-row-security --format=custom --file=sluice.dump "$DATABASE_URL"
  pg_restore --exit-on-error --single-transaction --dbname="$DATABASE_URL" sluice.dump, then sluice db provision`;

async function write(given: string): Promise<void> {
  if (ownSettings().databaseUrl !== null) throw new CommandFailure(external, exitCodes.usage);
  const path = resolve(given);
  if (existsSync(path)) throw new CommandFailure(`${path} is there already`, exitCodes.usage);
  const unfinished = `${path}.unfinished`;
  rmSync(unfinished, { force: true });
  try {
    const { tables, bytes } = await backup(owner().url, unfinished);
    renameSync(unfinished, path);
    print(`${tables} tables with ${bytes} bytes of rows are in ${path}, ${statSync(path).size} bytes.`);
    print('It opens with the key in secrets/key of today: keep that with it, and apart from it. The spool is not in it.');
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

async function read(given: string, options: { keyFile?: string }): Promise<void> {
  const settings = ownSettings();
  if (settings.databaseUrl !== null) throw new CommandFailure(external, exitCodes.usage);
  const dataDir = resolve(settings.dataDir);
  mkdirSync(join(dataDir, 'secrets'), { recursive: true, mode: 0o700 });
  const taken = takeLock(join(dataDir, 'supervisor.lock'));
  if (!taken.ok) throw new CommandFailure(`process ${taken.holder} runs on ${dataDir}: stop it first`);
  try {
    const keyFile = join(dataDir, 'secrets', 'key');
    if (options.keyFile !== undefined && existsSync(keyFile)) throw new CommandFailure(`${keyFile} is there already`, exitCodes.usage);
    const server = await startEmbeddedPostgres({ directory: join(dataDir, 'postgres'), port: 0, log: () => undefined });
    try {
      const { at, tables, migrated } = await restore(server.ownerUrl, resolve(given));
      if (options.keyFile !== undefined) writePrivateFile(keyFile, readFileSync(resolve(options.keyFile), 'utf8'));
      const newer = migrated.length > 0 ? `, brought up to this version by ${migrated.length} migrations` : '';
      print(`${tables} tables as of ${at} are in ${dataDir}${newer}. Start Sluice.`);
      if (!existsSync(keyFile) && settings.key === null)
        print(`Put the key of the old installation into ${keyFile} before that: without it the start is refused.`);
    } finally {
      await server.stop();
    }
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
    .description('a backup into a data folder that has no database yet')
    .argument('<file>', 'as backup wrote it')
    .option('--key-file <file>', 'secrets/key of the installation that was backed up')
    .action(read);
}
