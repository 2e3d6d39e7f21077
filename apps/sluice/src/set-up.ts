// Set-up: a short-lived process between migrations and the first request. It checks that our key-encryption key is the one that the
// database was made with, writes the configuration a newcomer starts from, makes the first Owner or a link for one, and with --demo the
// sample tenants; all through the control plane's own use cases, idempotently. It ends with one report to the supervisor.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createControl, type DemoCredential, type Log, type StartUp } from '@sluice/control';
import type { Settings } from '@sluice/contract/settings';
import { nodeKeyPair } from '@sluice/plane';
import { commandArguments, readOwnSettings } from './env.ts';
import { reportToSupervisor } from './supervisor/line.ts';
import type { OwnerState, SetUpReport } from './supervisor/set-up-report.ts';
import { writePrivateFile } from './supervisor/secrets.ts';

const [publicUrl = '', demoCredentialsFile = ''] = commandArguments;
const version = '0.1.0';

const line = (level: number) => (fields: object, msg: string) =>
  void process.stdout.write(`${JSON.stringify({ level, msg, ...fields })}\n`);
const log: Log = { info: line(30), warn: line(40), error: line(50) };

async function settleOwner(startUp: StartUp, owner: Settings['owner']): Promise<OwnerState> {
  if (owner !== null && (await startUp.ensureOwner(owner)) !== null) return { kind: 'created', email: owner.email };
  return (await startUp.setupNeeded()) ? { kind: 'link', ...(await startUp.issueSetupLink()) } : { kind: 'exists' };
}

async function seedDemo(startUp: StartUp): Promise<void> {
  // Written by ourselves, whole or not at all, into a folder of our own.
  const known = existsSync(demoCredentialsFile) ? (JSON.parse(readFileSync(demoCredentialsFile, 'utf8')) as DemoCredential[]) : [];
  const credentials = await startUp.seedDemo(known);
  writePrivateFile(demoCredentialsFile, `${JSON.stringify(credentials, null, 2)}\n`);
}

/** The engine of this installation: its key is made here if it has not made it yet, since it starts after us on the same disk. */
function ownNode({ dataDir, egress, nodeName }: Settings): { node: string; publicKey: string } {
  const { publicKey } = nodeKeyPair(join(resolve(dataDir), egress, 'keys', 'node-key'));
  return { node: egress === 'sandbox' ? nodeName : `${nodeName}.internet`, publicKey };
}

async function setUp(): Promise<SetUpReport> {
  const read = readOwnSettings();
  if (!read.ok) return { ok: false, problem: read.problems.join('\n') };
  const { consoleDatabaseUrl, key, oldKey, sessionSecret, localToken, egress, demo, owner } = read.settings;
  if (consoleDatabaseUrl === null || key === null || sessionSecret === null || localToken === null)
    throw new Error('set-up is started by the supervisor only');
  const control = await createControl({
    ...{ consoleDatabaseUrl, kek: key, oldKeks: oldKey === null ? [] : [oldKey], sessionSecret, localToken, publicUrl },
    ...{ egress, demo, version, log },
  });
  const { startUp } = control;
  if (!(await startUp.keyFits()))
    return { ok: false, problem: 'SLUICE_KEY (or secrets/key in the data folder) is not the key that this database was set up with' };
  await startUp.enrolOwnNode(ownNode(read.settings));
  // What an older version sealed for the key-encryption key alone, the engine could not open.
  await startUp.sealAnew();
  await startUp.seedFirstStart();
  const state = await settleOwner(startUp, owner);
  if (demo) await seedDemo(startUp);
  return { ok: true, owner: state };
}

try {
  reportToSupervisor(await setUp());
  process.exit(0);
} catch (error) {
  reportToSupervisor({ ok: false, problem: `set-up failed: ${error instanceof Error ? error.message : String(error)}` });
  process.exit(1);
}
