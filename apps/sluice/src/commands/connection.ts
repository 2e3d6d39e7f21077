// How the command line finds the installation on this machine and signs in to it: the run file says where it listens, the 0600 local
// token says that we may.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createSluiceClient, type SluiceClient } from '@sluice/client';
import type { Settings } from '@sluice/contract/settings';
import { readOwnSettings } from '../env.ts';
import { localFetch } from '../supervisor/local-fetch.ts';
import { currentRun, type RunFile } from '../supervisor/run-file.ts';
import { CommandFailure, exitCodes } from './outcome.ts';

export function ownSettings(): Settings {
  const read = readOwnSettings();
  if (!read.ok) throw new CommandFailure(read.problems.join('\n'), exitCodes.usage);
  return read.settings;
}

export type Connection = { run: RunFile; client: SluiceClient };

/** What runs on the data folder of the settings; fails with its own exit code when nothing does. */
export function runningInstallation(): RunFile {
  const dataDir = resolve(ownSettings().dataDir);
  const run = currentRun(dataDir);
  if (run === null) throw new CommandFailure(`nothing is running on ${dataDir}; npm start starts it`, exitCodes.notRunning);
  return run;
}

/** Requests to the console of this run. */
export const consoleFetch = (run: RunFile): typeof fetch =>
  localFetch(run.consoleCertificate === null ? null : readFileSync(run.consoleCertificate, 'utf8'));

export function connect(): Connection {
  const run = runningInstallation();
  const file = join(run.dataDir, 'secrets', 'local-token');
  let token: string;
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch {
    throw new CommandFailure(`${file} cannot be read: use the account that runs Sluice`);
  }
  return { run, client: createSluiceClient({ url: run.addresses.console, token, fetch: consoleFetch(run) }) };
}
