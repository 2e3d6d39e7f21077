// The parts of a running installation and what each is given: a secret goes only to the part that needs it, generated ones by file name.
import { join } from 'node:path';
import type { RuntimeUrls } from '@sluice/db';
import { childEnvironment } from '../env.ts';
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
): PartSpec {
  const logFile = join(installation.logDir, name);
  return {
    name,
    command: process.execPath,
    args: ['--enable-source-maps', join(root, script), ...args],
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

function keySetting({ settings, secrets }: Installation): Record<string, string> {
  return settings.key === null ? { SLUICE_KEY_FILE: secrets.keyFile } : { SLUICE_KEY: Buffer.from(settings.key).toString('base64') };
}

export function sandboxSpec(installation: Installation, root: string): PartSpec {
  return nodePart(installation, root, 'sandbox', 'apps/sluice/src/sandbox.ts', [join(installation.dataDir, 'sandbox')], {}, sandboxDrainMs);
}

export function mtaSpec(installation: Installation, root: string, urls: RuntimeUrls, sandbox: SandboxReport | null): PartSpec {
  const egress: Record<string, string> =
    sandbox === null ? {} : { SLUICE_DNS_SERVER: sandbox.dns, SLUICE_SANDBOX_SMTP_PORT: String(sandbox.smtpPort) };
  const chosen = { ...settledSettings(installation), ...keySetting(installation), SLUICE_ENGINE_DATABASE_URL: urls.engineUrl, ...egress };
  return nodePart(installation, root, 'mta', 'apps/mta/src/main.ts', [], chosen, drainMs);
}

export function consoleSpec(installation: Installation, root: string, urls: RuntimeUrls): PartSpec {
  const chosen = {
    ...settledSettings(installation),
    ...keySetting(installation),
    SLUICE_CONSOLE_DATABASE_URL: urls.consoleUrl,
    SLUICE_SESSION_SECRET_FILE: installation.secrets.sessionSecretFile,
    SLUICE_LOCAL_TOKEN_FILE: installation.secrets.localTokenFile,
  };
  return nodePart(installation, root, 'console', 'apps/console/server.ts', [], chosen, drainMs);
}

/** Seeds through the use cases, then sends sample mail; needs what the console needs. */
export function demoSpec(installation: Installation, root: string, urls: RuntimeUrls): PartSpec {
  const spec = consoleSpec(installation, root, urls);
  const args = ['--enable-source-maps', join(root, 'apps/sluice/src/demo.ts')];
  return { ...spec, name: 'demo', args, logFile: join(installation.logDir, 'demo') };
}
