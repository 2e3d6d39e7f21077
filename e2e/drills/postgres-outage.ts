// postgres-outage: Postgres away for 30 s and the engine killed in the middle of a batch cost nothing and double nothing in the event store.
//
// Under load Postgres stops; delivery must go on. It comes back, and while the backlog is copied the engine is killed with -9. After the
// next start the events in Postgres must equal the accounting log as a multiset of (event id, content hash), and every delivered event
// must be in the receivers' log and the other way round. Usage: npm run drill -- postgres-outage [--seconds 30]
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { freePorts, startInstallation, until, type Installation } from '@sluice/bench/installation';
import { startEmbeddedPostgres } from '@sluice/db/embedded';
import type { DeliveryEvent, MetricsFrame } from '@sluice/contract';
import { mailer, makeTenant, type TestTenant } from '../delivery/tenant.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '30' } } });
const outageMs = Number(values.seconds) * 1000;
const root = fileURLToPath(new URL('../..', import.meta.url));
const perSecond = 60;
const shipLimitMs = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'sluice-drill-postgres-'));
chmodSync(folder, 0o711);
const [postgresPort = 0] = await freePorts(1);
/** A data folder with nothing but the accounting log, whole: the engine prunes what was shipped, the links here keep it. */
const kept = join(folder, 'kept-log');
const startPostgres = () => startEmbeddedPostgres({ directory: folder, port: postgresPort, log: () => undefined });
let postgres = await startPostgres();
const env = { DATABASE_URL: postgres.ownerUrl };
let at = await startInstallation({ env });
let exitCode = 1;
try {
  const tenant = await makeTenant(at, { slug: 'outage', sourceAddresses: ['127.0.23.1', '127.0.23.2'], retrySeconds: [2] });
  const load = startLoad(at, tenant);
  await until(() => at.received().length > 100, 60_000);

  await postgres.stop();
  const before = at.received().length;
  await new Promise((resolve) => setTimeout(resolve, outageMs));
  const deliveredMeanwhile = at.received().length - before;
  const unshipped = (await frame(at)).unshippedBytes;
  postgres = await startPostgres();

  // The backlog is being copied now: kill the engine as soon as the first of it has arrived.
  const known = await countEvents();
  await until(async () => (await countEvents()) > known, shipLimitMs);
  killEngine(at);
  const accepted = await load.stop();
  await at.stop();
  keepLog(at.dataDir);
  at = await startInstallation({ env, dataDir: at.dataDir, ports: at.ports, owner: at.owner });
  await until(async () => {
    const { queue, unshippedBytes } = await frame(at);
    return queue.scheduled + queue.ready + queue.inFlight + queue.held === 0 && unshippedBytes === 0;
  }, 180_000);

  await at.stop();
  keepLog(at.dataDir);
  const figures = { ...(await compare(at)), accepted, deliveredDuringOutage: deliveredMeanwhile, unshippedBytesAtReturn: unshipped };
  const holds =
    deliveredMeanwhile > (outageMs / 1000) * perSecond * 0.5 &&
    figures.onlyInLog === 0 &&
    figures.onlyInPostgres === 0 &&
    figures.twiceInPostgres === 0 &&
    figures.deliveredNotReceived === 0 &&
    figures.receivedNotDelivered === 0 &&
    figures.events > 0;
  process.stdout.write(`${JSON.stringify({ drill: 'postgres-outage', holds, ...figures })}\n`);
  exitCode = holds ? 0 : 1;
} finally {
  await at.dispose();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(exitCode);

/** Links every segment of the spool that is there now. */
function keepLog(dataDir: string): void {
  const place = join('sandbox', 'spool', 'worker-0');
  mkdirSync(join(kept, place), { recursive: true });
  for (const name of readdirSync(join(dataDir, place))) {
    if (statSync(join(dataDir, place, name)).isFile() && !existsSync(join(kept, place, name)))
      linkSync(join(dataDir, place, name), join(kept, place, name));
  }
}

async function frame(installation: Installation) {
  const response = await fetch(`${installation.engineUrl}/status`, { signal: AbortSignal.timeout(10_000) });
  return ((await response.json()) as { frame: MetricsFrame }).frame;
}

async function withDatabase<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: postgres.ownerUrl });
  await client.connect();
  try {
    await client.query("select set_config('sluice.tenant', '*', false)");
    return await work(client);
  } finally {
    await client.end();
  }
}

function countEvents(): Promise<number> {
  return withDatabase(async (client) => Number((await client.query('select count(*) as n from delivery_event')).rows[0].n));
}

/** Ends the engine process as the run file names it, nothing else. */
function killEngine(installation: Installation): void {
  const status = spawnSync(process.execPath, ['run.mjs', 'sluice', 'status', '--json'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, SLUICE_DATA_DIR: installation.dataDir },
  });
  const { processes } = JSON.parse(status.stdout) as { processes: { mta: { pid: number } } };
  process.kill(processes.mta.pid, 'SIGKILL');
}

/** Steady mail to hosts that take it, defer it once and refuse it. `stop` answers with the number accepted. */
function startLoad(installation: Installation, tenant: TestTenant) {
  const transport = mailer(installation, tenant);
  let accepted = 0;
  let sent = 0;
  let ended = false;
  const pending = new Set<Promise<void>>();
  const timer = setInterval(() => {
    sent += 1;
    const rule = sent % 10 === 0 ? 'unknown' : sent % 10 === 1 ? 'greylist' : 'reader';
    const to = `${rule}.${sent}@${sent % 3 === 0 ? 'gmail.com' : `shop-${sent % 10}.example`}`;
    const one = transport.sendMail({ from: `news@${tenant.domain}`, to, subject: 'drill', text: 'drill' }).then(
      () => void (accepted += 1),
      () => undefined, // refused or broken off by the kill: not accepted, so not owed
    );
    pending.add(one);
    void one.finally(() => pending.delete(one));
  }, 1000 / perSecond);
  return {
    async stop() {
      if (!ended) clearInterval(timer);
      ended = true;
      transport.close();
      await Promise.all(pending);
      return accepted;
    },
  };
}

type LoggedEvent = { contentHash: string; event: DeliveryEvent };

/** Reads the accounting log with the offline tool and Postgres as owner, and compares both with what the receivers logged. */
async function compare(installation: Installation) {
  const listed = spawnSync(process.execPath, ['run.mjs', 'sluice', 'spool', 'events', '--json'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    env: { ...process.env, SLUICE_DATA_DIR: kept },
  });
  if (listed.status !== 0) throw new Error(`sluice spool events: ${listed.stderr}`);
  const log = listed.stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as LoggedEvent);
  const stored = await withDatabase(
    async (client) => (await client.query<{ id: string; content_hash: string }>('select id, content_hash from delivery_event')).rows,
  );
  const storedKeys = stored.map((row) => `${row.id} ${row.content_hash}`);
  const inPostgres = new Set(storedKeys);
  const inLog = new Set(log.map(({ event, contentHash }) => `${event.id} ${contentHash}`));
  const receipts = installation.received().filter((mail) => mail.id !== null);
  const ids = new Set(receipts.map((mail) => mail.id));
  const delivered = log.map(({ event }) => event).filter((event) => event.type === 'delivered');
  const deliveredTo = new Set(delivered.map((event) => event.recipient));
  const idsIn = (text: string) => text.split(/[^A-Za-z0-9._-]+/).filter((word) => ids.has(word));
  return {
    events: log.length,
    onlyInLog: [...inLog].filter((key) => !inPostgres.has(key)).length,
    onlyInPostgres: [...inPostgres].filter((key) => !inLog.has(key)).length,
    twiceInPostgres: storedKeys.length - inPostgres.size,
    delivered: delivered.length,
    // A kill between a receiver's 250 and its record makes a second copy: allowed and counted.
    duplicates: receipts.length - delivered.length,
    deliveredNotReceived: delivered.filter((event) => idsIn(event.reply?.text ?? '').length === 0).length,
    receivedNotDelivered: receipts.flatMap((mail) => mail.recipients).filter((recipient) => !deliveredTo.has(recipient.address)).length,
  };
}
