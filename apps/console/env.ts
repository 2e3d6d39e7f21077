// The only place of the console that reads the environment: every setting through the contract's reader, what is missing as one line each.
import { fstatSync, readFileSync } from 'node:fs';
import { readSettings, type Settings } from '@sluice/contract/settings';

/** What the console cannot run without, besides the defaults. */
type Needed = 'consoleDatabaseUrl' | 'sessionSecret' | 'key';
export type ConsoleSettings = Settings & { [Field in Needed]: NonNullable<Settings[Field]> };

function exitWith(problems: readonly string[]): never {
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exit(1);
}

export function settingsOrExit(): ConsoleSettings {
  const result = readSettings(process.env, (path) => readFileSync(path, 'utf8'));
  if (!result.ok) exitWith(result.problems);
  const { settings } = result;
  const { consoleDatabaseUrl, sessionSecret, key } = settings;
  if (consoleDatabaseUrl === null || sessionSecret === null || key === null) {
    exitWith(['the console is started by `npm start`, which gives it SLUICE_CONSOLE_DATABASE_URL, SLUICE_SESSION_SECRET and SLUICE_KEY']);
  }
  return { ...settings, consoleDatabaseUrl, sessionSecret, key };
}

/** Whether stdin is a pipe: then the supervisor holds its other end, and its closing means that we must end. */
export function supervisedByPipe(): boolean {
  try {
    const stdin = fstatSync(0);
    return stdin.isFIFO() || stdin.isSocket();
  } catch {
    return false;
  }
}

/** Next reads these itself. */
export function prepareForNext(): void {
  process.env['NEXT_TELEMETRY_DISABLED'] = '1';
  Object.assign(process.env, { NODE_ENV: 'production' });
}
