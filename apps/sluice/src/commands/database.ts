// `sluice db migrate` and `db provision`, as the owner of the database: DATABASE_URL, or the bundled Postgres while it runs.
import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { migrate as applyMigrations, provision as makeRoles } from '@sluice/db';
import { currentRun } from '../supervisor/run-file.ts';
import { installationSecrets } from '../supervisor/secrets.ts';
import { ownSettings } from './connection.ts';
import { CommandFailure, exitCodes, print } from './outcome.ts';

/** The database's owner: DATABASE_URL, or that of the bundled Postgres while it runs. */
export function owner(): { url: string; dataDir: string } {
  const settings = ownSettings();
  const dataDir = resolve(settings.dataDir);
  if (settings.databaseUrl !== null) return { url: settings.databaseUrl, dataDir };
  if (currentRun(dataDir) === null)
    throw new CommandFailure(`DATABASE_URL is not set, and no bundled Postgres is running on ${dataDir}`, exitCodes.notRunning);
  const urls = JSON.parse(readFileSync(join(dataDir, 'secrets', 'database-urls.json'), 'utf8')) as { ownerUrl: string };
  return { url: urls.ownerUrl, dataDir };
}

async function migrate(): Promise<void> {
  const applied = await applyMigrations(owner().url);
  print(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`);
}

async function provision(): Promise<void> {
  const { url, dataDir } = owner();
  await makeRoles(url, installationSecrets(join(dataDir, 'secrets'), false).passwords);
  print('The database roles are as they should be.');
}

export function addDatabaseCommands(sluice: Command): void {
  const db = sluice.command('db').description('the database, as its owner');
  db.command('migrate').description('bring the schema up to date').action(migrate);
  db.command('provision').description('make the run-time roles what they should be').action(provision);
}
