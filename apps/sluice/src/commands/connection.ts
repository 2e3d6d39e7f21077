// Whom the command line talks to, and as whom. In this order: `--url` with `--key`, SLUICE_URL with SLUICE_API_KEY, what `sluice login`
// kept, and else the installation on this machine: its run file says where it listens, its 0600 local token says that we may.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createSluiceClient, type SluiceClient } from '@sluice/client';
import type { Settings } from '@sluice/contract/settings';
import { configFolder, readOwnSettings } from '../env.ts';
import { localFetch } from '../supervisor/local-fetch.ts';
import { currentRun, type RunFile } from '../supervisor/run-file.ts';
import { readLogin, type Login } from './login-file.ts';
import { CommandFailure, exitCodes, noteAnswer } from './outcome.ts';

export function ownSettings(): Settings {
  const read = readOwnSettings();
  if (!read.ok) throw new CommandFailure(read.problems.join('\n'), exitCodes.usage);
  return read.settings;
}

export type Connection = { url: string; client: SluiceClient };
export type LocalConnection = Connection & { run: RunFile };

/** What the global options say; set before any command runs. */
let chosen: { url?: string; key?: string } = {};
export const chosenTarget = (): { url?: string; key?: string } => chosen;
export function chooseTarget(options: { url?: string; key?: string }): void {
  chosen = options;
}

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

const onAnswer = (kind: 'query' | 'mutation', _path: string, answer: unknown): void => noteAnswer(kind === 'mutation', answer);

/** With the token of this machine, whatever login there is. */
export function connectHere(): LocalConnection {
  const run = runningInstallation();
  const file = join(run.dataDir, 'secrets', 'local-token');
  let token: string;
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch {
    throw new CommandFailure(`${file} cannot be read: use the account that runs Sluice`, exitCodes.notAllowed);
  }
  const url = run.addresses.console;
  return { run, url, client: createSluiceClient({ url, token, fetch: consoleFetch(run), onAnswer }) };
}

/** The far installation that options, environment or a kept login name; null: the one on this machine. */
export function remoteTarget(): Login | null {
  const { url: setUrl, apiKey } = ownSettings();
  const url = chosen.url ?? setUrl;
  const key = chosen.key ?? apiKey;
  if (url !== null) {
    if (key !== null) return { url: originOf(url), token: key };
    const kept = readLogin(configFolder);
    if (kept?.url === originOf(url)) return kept;
    throw new CommandFailure(
      `no key for ${originOf(url)}: give --key or SLUICE_API_KEY, or sign in with sluice login`,
      exitCodes.notAllowed,
    );
  }
  const kept = readLogin(configFolder);
  if (kept === null && key !== null) throw new CommandFailure('a key without an address: give --url or SLUICE_URL too', exitCodes.usage);
  return kept !== null && key !== null ? { url: kept.url, token: key } : kept;
}

export function originOf(address: string): string {
  const parsed = URL.parse(address);
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    throw new CommandFailure(`${address} is no http or https address`, exitCodes.usage);
  return parsed.origin;
}

export function connect(): Connection {
  const far = remoteTarget();
  if (far === null) return connectHere();
  return { url: far.url, client: createSluiceClient({ ...far, onAnswer }) };
}

/** Requests to `url` outside the API: to the installation on this machine with the certificate it has. */
export function fetchOf(url: string): typeof fetch {
  if (remoteTarget() !== null) return fetch;
  const run = runningInstallation();
  return run.addresses.console === url ? consoleFetch(run) : fetch;
}
