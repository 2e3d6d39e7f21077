// The database of the installation: the bundled Postgres, owned by the guardian, or the operator's own by DATABASE_URL. Then the same for
// both: migrations, the run-time roles with their passwords, and the check that our key-encryption key is the one it was made with.
import { join } from 'node:path';
import { migrate, provision, type RuntimeUrls } from '@sluice/db';
import { startEmbeddedPostgres } from '@sluice/db/embedded';
import { childEnvironment } from '../env.ts';
import { guardianLock, type Installation } from './installation.ts';
import { startPart, type Ending, type Part } from './part.ts';
import { StartProblem } from './problem.ts';
import { startTimeOf } from './process-table.ts';
import { writePrivateFile } from './secrets.ts';

export type BundledPostgres = { ownerUrl: string; port: number; dataDirectory: string; pid: number };
export type Guardian = { part: Part; postgres: BundledPostgres | null };

const guardianDrainMs = 60_000;
const postgresFolder = (dataDir: string): string => join(dataDir, 'postgres');

/** The guardian's line on descriptor 3, which our own guardian.ts wrote. */
type GuardianReport = { ok: true; postgres: BundledPostgres | null } | { ok: false; problem: string };

export function startGuardian(installation: Installation, root: string): Part {
  const { settings, dataDir, logDir } = installation;
  const script = join(root, 'apps/sluice/src/guardian.ts');
  const bundled = settings.databaseUrl === null ? [postgresFolder(dataDir), String(settings.postgresPort)] : [];
  const args = [script, guardianLock(dataDir), ...bundled];
  const logFile = join(logDir, 'guardian');
  return startPart(
    { name: 'guardian', command: process.execPath, args, env: childEnvironment({}), logFile, drainMs: guardianDrainMs },
    root,
  );
}

/** Waits until the bundled Postgres takes connections; null where there is none. */
export async function postgresOf(guardian: Part, logDir: string): Promise<BundledPostgres | null> {
  const failed: GuardianReport = { ok: false, problem: `the guardian did not start; see ${join(logDir, 'guardian')}.errors.log` };
  const report = (await guardian.report.catch(() => failed)) as GuardianReport;
  if (report.ok) return report.postgres;
  const hint = /is taken$/.test(report.problem) ? ': stop what listens there, or set SLUICE_POSTGRES_PORT to another port' : '';
  throw new StartProblem(`${report.problem}${hint}`);
}

/** When the guardian itself was killed, its Postgres still runs or is coming up: we stop it in its place. */
export async function stopOrphanedPostgres(installation: Installation, guardian: Guardian, ending: Ending): Promise<void> {
  if (installation.settings.databaseUrl !== null || ending.code === 0) return;
  if (guardian.postgres !== null && startTimeOf(guardian.postgres.pid) === null) return;
  const { dataDir, settings } = installation;
  const server = await startEmbeddedPostgres({ directory: postgresFolder(dataDir), port: settings.postgresPort, log: () => undefined });
  await server.stop();
}

/** An address with several connections behind it fails with one error each, and none of its own. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** Migrates and provisions. The addresses with their passwords are kept for the command line, readable by the owner only. */
export async function prepareDatabase(installation: Installation, ownerUrl: string): Promise<RuntimeUrls> {
  try {
    await migrate(ownerUrl);
    const urls = await provision(ownerUrl, installation.secrets.passwords);
    const file = join(installation.dataDir, 'secrets', 'database-urls.json');
    writePrivateFile(file, `${JSON.stringify({ ownerUrl, ...urls }, null, 2)}\n`);
    return urls;
  } catch (error) {
    const which = installation.settings.databaseUrl === null ? 'the database' : 'the database of DATABASE_URL';
    throw new StartProblem(`${which} could not be prepared: ${messageOf(error)}`);
  }
}
