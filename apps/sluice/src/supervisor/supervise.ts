// `npm start`, from nothing to a running installation and back. Read this first: the steps in `bringUp` are the order in which the parts
// depend on each other, `takeDown` is the same order backwards. Whatever happens - a signal, a part that dies, a step that fails - the
// way out is one: `takeDown`, within 15 seconds.
import { join, resolve } from 'node:path';
import type { Settings } from '@sluice/contract/settings';
import type { RuntimeUrls } from '@sluice/db';
import { childEnvironment } from '../env.ts';
import { announcement } from './announce.ts';
import { bringConsoleUpToDate, isConsoleBuilt } from './console-build.ts';
import { postgresOf, prepareDatabase, startGuardian, stopOrphanedPostgres, type Guardian } from './database.ts';
import { createEnding, EndedEarly, endOnSignals, type Ending } from './ending.ts';
import { reachable, waitUntilHealthy } from './health.ts';
import { openInstallation, type Installation } from './installation.ts';
import { localFetch } from './local-fetch.ts';
import { followLogs, rotateLog, type LogFollower } from './logs.ts';
import { stopOrder } from './line.ts';
import { partLine } from './orphans.ts';
import { startPart, type Part, type PartSpec } from './part.ts';
import { consoleSpec, demoSpec, mtaSpec, sandboxSpec, setUpSpec, type SandboxReport } from './parts.ts';
import { StartProblem } from './problem.ts';
import { self, startTimeOf, type ProcessId } from './process-table.ts';
import { progressTo, type Progress } from './progress.ts';
import { fastestRsa } from './rsa-path.ts';
import { removeRunFile, writeRunFile, type RunFile } from './run-file.ts';
import type { OwnerState, SetUpReport } from './set-up-report.ts';

const healthLimitMs = 60_000;
const partNames = ['guardian', 'set-up', 'sandbox', 'mta', 'console', 'demo'];

type Run = {
  root: string;
  installation: Installation;
  ending: Ending;
  progress: Progress;
  logs: LogFollower;
  guardian: Guardian | null;
  sandbox: { part: Part; report: SandboxReport | null } | null;
  /** Parts that hold mail or requests: they end first, together. */
  workers: Part[];
};

const now = (): number => performance.now();

/** Starts a part and lets those know that outlive it if we are killed. */
function startWorker(run: Run, spec: PartSpec): Part {
  const part = startPart(spec, run.root);
  run.workers.push(part);
  run.ending.watch(part);
  run.guardian?.part.tell(partLine(part.id));
  run.sandbox?.part.tell(partLine(part.id));
  return part;
}

async function startDatabase(run: Run): Promise<RuntimeUrls> {
  const { installation, ending, progress, root } = run;
  const part = startGuardian(installation, root);
  run.guardian = { part, postgres: null };
  ending.watch(part);
  const ready = postgresOf(part, installation.logDir);
  const bundled = installation.settings.databaseUrl === null;
  const postgres = await ending.orEnded(bundled ? progress.step('Starting Postgres', () => ready) : ready);
  run.guardian = { part, postgres };
  const ownerUrl = postgres?.ownerUrl ?? installation.settings.databaseUrl;
  if (ownerUrl === null) throw new Error('a guardian without Postgres needs DATABASE_URL');
  return ending.orEnded(progress.step('Preparing the database', () => prepareDatabase(installation, ownerUrl)));
}

/** The address of the console on this machine. */
function consoleAddress({ settings }: Installation): string {
  return `${settings.tls === null ? 'http' : 'https'}://${reachable(settings.bind)}:${settings.consolePort}`;
}

async function setUp(run: Run, urls: RuntimeUrls): Promise<OwnerState> {
  const { installation, root } = run;
  const publicUrl = installation.settings.publicUrl ?? consoleAddress(installation);
  const part = startPart(setUpSpec(installation, root, urls, publicUrl), root);
  run.workers.push(part);
  run.guardian?.part.tell(partLine(part.id));
  const died: SetUpReport = { ok: false, problem: `set-up ended early; see ${join(installation.logDir, 'set-up')}.errors.log` };
  // Written by our own set-up.ts.
  const report = (await part.report.catch(() => died)) as SetUpReport;
  await part.exited;
  run.workers = run.workers.filter((worker) => worker !== part);
  if (report.ok) return report.owner;
  throw new StartProblem(report.problem);
}

async function build(run: Run): Promise<void> {
  const { root, progress, ending, installation } = run;
  if (isConsoleBuilt(root)) return;
  const logFile = join(installation.logDir, 'console-build.log');
  await progress.step('Building the console', () => bringConsoleUpToDate(root, childEnvironment({}), logFile, ending.signal));
}

async function startSandbox(run: Run): Promise<void> {
  if (run.installation.settings.egress !== 'sandbox') return;
  const part = startPart(sandboxSpec(run.installation, run.root), run.root);
  run.sandbox = { part, report: null };
  run.guardian?.part.tell(partLine(part.id));
  run.ending.watch(part);
  const report = await part.report.catch(() => {
    throw new StartProblem(`the sandbox did not start; see ${join(run.installation.logDir, 'sandbox')}.errors.log`);
  });
  // Written by our own sandbox.ts.
  run.sandbox.report = report as SandboxReport;
}

async function mustBeHealthy(run: Run, part: Part, url: string): Promise<void> {
  if (await waitUntilHealthy(`${url}/healthz`, localFetch(run.installation.settings.tls?.cert ?? null), healthLimitMs, run.ending.signal))
    return;
  if (run.ending.signal.aborted) throw new EndedEarly();
  throw new StartProblem(
    `${part.name} did not become healthy within ${healthLimitMs / 1000} s; see ${join(run.installation.logDir, part.name)}.log`,
  );
}

function describeRun(run: Run): RunFile {
  const { settings, dataDir } = run.installation;
  const host = reachable(settings.bind);
  const postgres = run.guardian?.postgres ?? null;
  const postgresProcess: Record<string, ProcessId> =
    postgres === null ? {} : { postgres: { pid: postgres.pid, startedAt: startTimeOf(postgres.pid) ?? '' } };
  const parts = [...(run.guardian ? [run.guardian.part] : []), ...(run.sandbox ? [run.sandbox.part] : []), ...run.workers];
  return {
    version: 1,
    startedAt: new Date().toISOString(),
    egress: settings.egress,
    node: settings.nodeName,
    dataDir,
    addresses: {
      console: consoleAddress(run.installation),
      smtp: `${host}:${settings.smtpPort}`,
      engineHttp: `http://${host}:${settings.engineHttpPort}`,
    },
    ports: {
      console: settings.consolePort,
      smtp: settings.smtpPort,
      engineHttp: settings.engineHttpPort,
      postgres: postgres?.port ?? null,
    },
    postgres: postgres === null ? null : { port: postgres.port, dataDirectory: postgres.dataDirectory },
    sandbox: run.sandbox?.report ?? null,
    consoleCertificate: settings.tlsCert === null ? null : resolve(settings.tlsCert),
    processes: { supervisor: self(), ...postgresProcess, ...Object.fromEntries(parts.map((part) => [part.name, part.id])) },
  };
}

async function bringUp(run: Run, startedAt: number): Promise<void> {
  const { installation, ending, progress, root } = run;
  const rsaPath = fastestRsa();
  const urls = await startDatabase(run);
  // One after the other: an installation with a wrong key is told so before anything long.
  const owner = await ending.orEnded(progress.step('Setting up', () => setUp(run, urls)));
  await ending.orEnded(build(run));
  const description = await progress.step('Starting engine and console', async () => {
    await ending.orEnded(startSandbox(run));
    const mta = startWorker(run, mtaSpec(installation, root, urls, run.sandbox?.report ?? null, await rsaPath));
    const console = startWorker(run, consoleSpec(installation, root, urls));
    const described = describeRun(run);
    await Promise.all([mustBeHealthy(run, mta, described.addresses.engineHttp), mustBeHealthy(run, console, described.addresses.console)]);
    return described;
  });
  if (installation.settings.demo) startWorker(run, demoSpec(installation, root));
  writeRunFile(installation.dataDir, describeRun(run));
  progress.say(announcement(description, installation.settings.publicUrl, owner, (now() - startedAt) / 1000));
}

async function takeDown(run: Run): Promise<void> {
  const { installation, progress } = run;
  removeRunFile(installation.dataDir);
  await Promise.all(run.workers.map((part) => part.stop()));
  run.sandbox?.part.tell(stopOrder);
  await run.sandbox?.part.stop();
  if (run.guardian !== null) {
    run.guardian.part.tell(stopOrder);
    const guardianEnding = await run.guardian.part.stop();
    await stopOrphanedPostgres(installation, run.guardian, guardianEnding).catch((error: unknown) =>
      progress.say(`Postgres may still run: ${String(error)}`),
    );
  }
  run.logs.look();
  run.logs.stop();
  installation.lock.release();
  progress.say('Sluice has stopped.');
}

/** Runs the installation until its end. Answers with the exit code; why it is not 0 goes to `complain`, all else to `write`. */
export async function supervise(
  settings: Settings,
  root: string,
  write: (line: string) => void,
  complain: (line: string) => void,
): Promise<number> {
  const startedAt = now();
  const ending = createEnding();
  endOnSignals(ending);
  const progress = progressTo(write, now);
  const installation = await openInstallation(settings, write);
  const bases = partNames.map((name) => ({ name, base: join(installation.logDir, name) }));
  for (const { base } of bases) rotateLog(`${base}.log`);
  const run: Run = { root, installation, ending, progress, logs: followLogs(bases, write), guardian: null, sandbox: null, workers: [] };
  try {
    await bringUp(run, startedAt);
    await ending.orEnded(new Promise<never>(() => undefined));
  } catch (error) {
    if (!(error instanceof EndedEarly))
      ending.fail(error instanceof StartProblem ? error.message : `unexpected: ${error instanceof Error ? error.stack : String(error)}`);
  }
  const reason = ending.reason();
  run.logs.look();
  if (reason?.line) complain(reason.line);
  write(reason?.line ? 'Stopping everything ...' : 'Stopping ...');
  await takeDown(run);
  return reason?.code ?? 1;
}
