// The guardian: the process that owns the bundled Postgres and outlives the supervisor by a few seconds. When the supervisor vanishes
// without a word (kill -9), the other parts see their pipes close and drain; the guardian waits for them, ends those that do not, and
// then stops Postgres, so that no process and no port is left. It is told the other parts' process ids as they start.
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@sluice/db/embedded';
import { commandArguments } from './env.ts';
import { followSupervisor, reportToSupervisor } from './supervisor/line.ts';
import { takeLock } from './supervisor/lock.ts';
import { parsePartLine, waitForEnd } from './supervisor/orphans.ts';
import { signalGroup, type ProcessId } from './supervisor/process-table.ts';

/** Longer than a part's own drain (10 s), short enough that Postgres is gone within 15 s. */
const orphanLimitMs = 11_000;

const [lockPath = '', postgresDirectory = '', postgresPort = '0'] = commandArguments;
const log = (line: string): void => void process.stdout.write(`${line}\n`);

const parts: ProcessId[] = [];
let postgres: EmbeddedPostgres | null = null;
let starting: Promise<void> = Promise.resolve();
let ending = false;

async function end(asked: boolean): Promise<void> {
  if (ending) return;
  ending = true;
  log(asked ? 'asked to stop' : 'the supervisor is gone: waiting for the other parts');
  if (!asked) for (const part of await waitForEnd(parts, orphanLimitMs)) signalGroup(part.pid, 'SIGKILL');
  await starting;
  await postgres?.stop();
  lock.release();
  process.exit(0);
}

function rememberPart(line: string): void {
  const part = parsePartLine(line);
  if (part !== null) parts.push(part);
}

async function startPostgres(): Promise<void> {
  const server = await startEmbeddedPostgres({ directory: postgresDirectory, port: Number(postgresPort), log });
  postgres = server;
  const { ownerUrl, port, dataDirectory, pid } = server;
  reportToSupervisor({ ok: true, postgres: { ownerUrl, port, dataDirectory, pid } });
  void server.exited.then(() => {
    if (ending) return;
    process.stderr.write('Postgres ended unexpectedly; see postgres.log beside its data\n');
    lock.release();
    process.exit(1);
  });
}

const taken = takeLock(lockPath);
if (!taken.ok) throw new Error(`the guardian of an earlier run (process ${taken.holder}) is still ending`);
const { lock } = taken;
followSupervisor({ onLine: rememberPart, onEnd: (asked) => void end(asked) });
if (postgresDirectory === '') {
  reportToSupervisor({ ok: true, postgres: null });
} else {
  starting = startPostgres().catch((error: unknown) => {
    reportToSupervisor({ ok: false, problem: error instanceof Error ? error.message : String(error) });
  });
}
