// The parts of a running installation and what each is given: a secret goes only to the part that needs it, generated ones by file name.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeUrls } from '@sluice/db';
import { engineNodeFlags } from '@sluice/engine/node-flags';
import { childEnvironment } from '../env.ts';
import { reachable } from './health.ts';
import type { Installation } from './installation.ts';
import type { PartSpec } from './part.ts';

export type SandboxReport = { dns: string; smtpPort: number; receivedLog: string };

/** Each part drains for at most 10 s by itself. */
const drainMs = 12_000;
const sandboxDrainMs = 2_000;

function nodePart(
  installation: Installation,
  root: string,
  name: string,
  script: string,
  args: string[],
  chosen: Record<string, string>,
  drain: number,
  nodeFlags: readonly string[] = [],
): PartSpec {
  const logFile = join(installation.logDir, name);
  return {
    name,
    command: process.execPath,
    args: ['--enable-source-maps', ...nodeFlags, join(root, script), ...args],
    env: childEnvironment(chosen),
    logFile,
    drainMs: drain,
  };
}

/** The settings as settled, for parts that read them again. */
function settledSettings({ settings, dataDir }: Installation): Record<string, string> {
  return {
    SLUICE_DATA_DIR: dataDir,
    SLUICE_CONSOLE_PORT: String(settings.consolePort),
    SLUICE_SMTP_PORT: String(settings.smtpPort),
    SLUICE_ENGINE_HTTP_PORT: String(settings.engineHttpPort),
    SLUICE_DEMO: settings.demo ? '1' : '0',
  };
}

/** The key-encryption key, and the one before it while secrets are still sealed for that. The engine gets neither. */
function keySetting({ settings, secrets }: Installation): Record<string, string> {
  const text = (key: Uint8Array): string => Buffer.from(key).toString('base64');
  const old: Record<string, string> =
    settings.oldKey !== null
      ? { SLUICE_OLD_KEY: text(settings.oldKey) }
      : existsSync(secrets.oldKeyFile)
        ? { SLUICE_OLD_KEY_FILE: secrets.oldKeyFile }
        : {};
  return settings.key === null ? { SLUICE_KEY_FILE: secrets.keyFile, ...old } : { SLUICE_KEY: text(settings.key), ...old };
}

export function sandboxSpec(installation: Installation, root: string): PartSpec {
  return nodePart(installation, root, 'sandbox', 'apps/sluice/src/sandbox.ts', [join(installation.dataDir, 'sandbox')], {}, sandboxDrainMs);
}

export function mtaSpec(
  installation: Installation,
  root: string,
  urls: RuntimeUrls,
  sandbox: SandboxReport | null,
  rsaPath: Record<string, string>,
): PartSpec {
  const egress: Record<string, string> =
    sandbox === null ? {} : { SLUICE_DNS_SERVER: sandbox.dns, SLUICE_SANDBOX_SMTP_PORT: String(sandbox.smtpPort) };
  const chosen = {
    ...settledSettings(installation),
    SLUICE_ENGINE_DATABASE_URL: urls.engineUrl,
    ...egress,
    ...rsaPath,
  };
  return nodePart(installation, root, 'mta', 'apps/mta/src/main.ts', [], chosen, drainMs, engineNodeFlags);
}

function consoleSettings(installation: Installation, urls: RuntimeUrls): Record<string, string> {
  return {
    ...settledSettings(installation),
    ...keySetting(installation),
    SLUICE_CONSOLE_DATABASE_URL: urls.consoleUrl,
    SLUICE_SESSION_SECRET_FILE: installation.secrets.sessionSecretFile,
    SLUICE_LOCAL_TOKEN_FILE: installation.secrets.localTokenFile,
  };
}

export function consoleSpec(installation: Installation, root: string, urls: RuntimeUrls): PartSpec {
  return nodePart(installation, root, 'console', 'apps/console/server.ts', [], consoleSettings(installation, urls), drainMs);
}

const demoCredentials = (installation: Installation): string => join(installation.dataDir, 'secrets', 'demo-credentials.json');

/** Needs what the console needs, and the owner of an unattended set-up. */
export function setUpSpec(installation: Installation, root: string, urls: RuntimeUrls, publicUrl: string): PartSpec {
  const { owner } = installation.settings;
  const ownerSettings: Record<string, string> =
    owner === null ? {} : { SLUICE_OWNER_EMAIL: owner.email, SLUICE_OWNER_PASSWORD: owner.password };
  const chosen = { ...consoleSettings(installation, urls), ...ownerSettings };
  return nodePart(installation, root, 'set-up', 'apps/sluice/src/set-up.ts', [publicUrl, demoCredentials(installation)], chosen, drainMs);
}

export function demoSpec(installation: Installation, root: string): PartSpec {
  const { bind, smtpPort } = installation.settings;
  const host = reachable(bind).replaceAll(/[[\]]/g, '');
  return nodePart(
    installation,
    root,
    'demo',
    'apps/sluice/src/demo.ts',
    [host, String(smtpPort), demoCredentials(installation)],
    {},
    drainMs,
  );
}
