// What an installation has on disk and where it listens, settled before any part starts: folders, lock, free ports, secrets.
import { chmodSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Settings } from '@sluice/contract/settings';
import { liveHolder, takeLock, type Lock } from './lock.ts';
import { checkPort } from './ports.ts';
import { StartProblem } from './problem.ts';
import { installationSecrets, type InstallationSecrets } from './secrets.ts';

const earlierRunLimitMs = 20_000;
const pollIntervalMs = 100;

export type Installation = {
  settings: Settings;
  dataDir: string;
  logDir: string;
  secrets: InstallationSecrets;
  lock: Lock;
};

export const guardianLock = (dataDir: string): string => join(dataDir, 'guardian.lock');

/** The folder itself can be entered, since the account that Postgres runs as lives below it; what lies in it is private. */
function makeFolders(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true });
  chmodSync(dataDir, 0o711);
  const logDir = join(dataDir, 'log');
  mkdirSync(logDir, { recursive: true, mode: 0o700 });
  return logDir;
}

/** A killed run's parts drain for some seconds; their ports are free only then. */
async function waitForEarlierRun(dataDir: string, say: (line: string) => void): Promise<void> {
  const path = guardianLock(dataDir);
  if (liveHolder(path) === null) return;
  say('An earlier run is still ending; waiting for it');
  const limit = performance.now() + earlierRunLimitMs;
  for (let holder = liveHolder(path); holder !== null; holder = liveHolder(path)) {
    if (performance.now() > limit) throw new StartProblem(`process ${holder} of an earlier run does not end; end it and start again`);
    await new Promise((done) => setTimeout(done, pollIntervalMs));
  }
}

/** Checks every port that we listen on; 0 becomes the port that the system chose. All that are taken are told at once. */
async function settlePorts(settings: Settings): Promise<Settings> {
  const wanted = [
    { field: 'consolePort', setting: 'SLUICE_CONSOLE_PORT', host: settings.bind },
    { field: 'smtpPort', setting: 'SLUICE_SMTP_PORT', host: settings.bind },
    { field: 'engineHttpPort', setting: 'SLUICE_ENGINE_HTTP_PORT', host: settings.bind },
  ] as const;
  const settled = { ...settings };
  const problems: string[] = [];
  for (const { field, setting, host } of wanted) {
    const result = await checkPort({ setting, host, port: settings[field] });
    if (result.ok) settled[field] = result.port;
    else problems.push(result.problem);
  }
  if (problems.length > 0) throw new StartProblem(problems.join('\n'));
  return settled;
}

export async function openInstallation(settings: Settings, say: (line: string) => void): Promise<Installation> {
  const dataDir = resolve(settings.dataDir);
  const logDir = makeFolders(dataDir);
  const taken = takeLock(join(dataDir, 'supervisor.lock'));
  if (!taken.ok) {
    throw new StartProblem(
      `process ${taken.holder} already runs on ${dataDir}: stop it, or set SLUICE_DATA_DIR and other ports for a second installation`,
    );
  }
  try {
    await waitForEarlierRun(dataDir, say);
    const secrets = installationSecrets(join(dataDir, 'secrets'), settings.key === null);
    return { settings: await settlePorts(settings), dataDir, logDir, secrets, lock: taken.lock };
  } catch (error) {
    taken.lock.release();
    throw error;
  }
}
