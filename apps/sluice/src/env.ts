// The one place where this workspace meets the environment of its process: settings, arguments, and where the project lies.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSettings, settingsCatalogue, type Environment, type SettingsResult } from '@sluice/contract/settings';

/** Root of the project: the folder of run.mjs. */
export const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

export const environment: Environment = process.env;
export const commandArguments = process.argv.slice(2);
/** Where the command line keeps a login: the XDG configuration folder. */
export const configFolder = join(process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'sluice');

export function readOwnSettings(env: Environment = environment): SettingsResult {
  return readSettings(env, (path) => readFileSync(path, 'utf8'));
}

/** Variables of the system that a child needs to run at all; everything else it gets is chosen for it. */
const systemVariables = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];

/** Environment of a child: system variables, the operator's plain settings, and what `chosen` sets. Secrets only by `chosen`. */
export function childEnvironment(chosen: Record<string, string>, env: Environment = environment): Record<string, string> {
  // The owner's address without its password (a secret) would be half a setting.
  const plain = settingsCatalogue.filter((entry) => !entry.secret && entry.field !== 'ownerEmail').map((entry) => entry.name);
  const kept = [...systemVariables, ...plain].flatMap((name) => (env[name] ? [[name, env[name]] as const] : []));
  return { ...Object.fromEntries(kept), NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...chosen };
}
