// config-scale: the control plane with very much in it, beside an engine that sends. 100,000 sources and selectors, 1,000 tenants, 10,000
// rules; the engine sends 500 messages a second; 200 signed-in sessions ask for 100 lists a second in all; then 200 edits, one after the other,
// each until the node acknowledged it. Bars: p95 of lists 100 ms, of edits 500 ms, the engine's loop late by 50 ms at most, 1 MB of
// write-ahead log an edit, 10 s for a cold load.
//
// Usage: npm run drill -- config-scale [--sources 100000] [--tenants 1000] [--rules 10000] [--seconds 30] [--edits 200]
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { freePorts, startInstallation, until } from '@sluice/bench/installation';
import { startEmbeddedPostgres } from '@sluice/db/embedded';
import type { MetricsFrame } from '@sluice/contract';
import { makeTenant } from '../delivery/tenant.ts';
import { askForLists, signInMany } from './scale/list-load.ts';
import { percentile } from './scale/percentile.ts';
import { seed, seededId } from './scale/seed.ts';
import { steadyMail } from './scale/steady-mail.ts';

const whole = (text: string): number => Math.max(1, Math.floor(Number(text)));
const { values } = parseArgs({
  options: {
    sources: { type: 'string', default: '100000' },
    tenants: { type: 'string', default: '1000' },
    rules: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '30' },
    edits: { type: 'string', default: '200' },
  },
});
const [sources, tenants, rules, edits] = [whole(values.sources), whole(values.tenants), whole(values.rules), whole(values.edits)];
const listMs = whole(values.seconds) * 1_000;
const [sessions, listsPerSecond, mailPerSecond] = [200, 100, 500];
const bars = { listP95Ms: 100, editP95Ms: 500, loopDelayMs: 50, walBytesAnEdit: 1e6, coldLoadMs: 10_000 };
const loadLimitMs = 120_000;
const quietEdits = 20;
const ticksPerSecond = 100;

const folder = mkdtempSync(join(tmpdir(), 'sluice-drill-scale-'));
chmodSync(folder, 0o711);
const [postgresPort = 0] = await freePorts(1);
const postgres = await startEmbeddedPostgres({ directory: folder, port: postgresPort, log: () => undefined });
const env = { DATABASE_URL: postgres.ownerUrl };
const db = new pg.Client({ connectionString: postgres.ownerUrl });
let at = await startInstallation({ env });
let exitCode = 1;
try {
  await db.connect();
  const tenant = await makeTenant(at, { slug: 'steady', sourceAddresses: ['127.0.24.1', '127.0.24.2'] });
  // Unsigned: signatures would take the two cores that the control plane is measured on.
  const domain = 'unsigned.steady.example';
  const { id: domainId } = await at.client.domains.create.mutate({ tenantId: tenant.tenantId, domain });
  const [selector] = await at.client.selectors.list.query({ tenantId: tenant.tenantId });
  const rule = { where: { tenant: tenant.tenantId }, enabled: true };
  const rate = { by: [], kind: 'message_rate', count: 1_000_000, perSeconds: 1, burst: null } as const;
  const limit = await at.client.limits.create.mutate({ name: 'of one tenant', ...rate, ...rule, by: [] });
  const setting = await at.client.settings.create.mutate({
    name: 'of one tenant',
    values: { retry: { kind: 'list', seconds: [300] } },
    ...rule,
  });
  for (const { id, name } of await at.client.limits.list.query())
    if (name !== 'of one tenant')
      await at.client.limits.update.mutate({ id, count: 40, perSeconds: 1, burst: 0, enabled: false, reason: 'drill' });
  const from = { sourceId: tenant.sourceIds[0] ?? '', tenantId: tenant.tenantId, domainId, selectorId: selector?.id ?? '' };
  const seeded = await seed(db, { sources, selectors: sources, tenants, rules }, { ...from, limitId: limit.id, settingId: setting.id });
  const loadMs = await timed(() => until(async () => (await acked()).revision === seeded.revision, loadLimitMs));
  said(`${seeded.entities} entities, in force after ${Math.round(loadMs)} ms`);
  // What Postgres does by itself within some minutes of so many new rows; until then it plans without knowing of them.
  await db.query('vacuum (analyze)');

  const edit = async (n: number): Promise<number> => {
    const id = seededId('limit', n % Math.ceil(rules / 2));
    const changed = { count: 1_000 + n, perSeconds: 1, burst: null, enabled: true, reason: `edit ${n}` };
    const { revision } = await at.client.limits.update.mutate({ id, ...changed });
    await until(async () => (await acked()).revision >= revision, 10_000);
    const { rows } = await db.query<{ ms: number }>(
      `select extract(epoch from n.acked_at - r.at) * 1000 as ms from node n, config_revision r where r.number = $1`,
      [revision],
    );
    return Number(rows[0]?.ms ?? NaN);
  };
  const walBytesAnEdit = await walOf(edit);

  const mail = await steadyMail(at.ports.smtp, tenant, domain, mailPerSecond);
  const clients = await signInMany(at.consoleUrl, at.owner, sessions);
  const frames = watchFrames();
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const mailBefore = mail.accepted();
  const lists = await askForLists(at.consoleUrl, clients, { perSecond: listsPerSecond, forMs: listMs, sources, tenants });
  const mailRate = ((mail.accepted() - mailBefore) * 1_000) / lists.tookMs;
  said(`lists: p95 ${lists.p95Ms} ms of ${lists.asked}, beside ${Math.round(mailRate)} messages a second`);
  const editMs: number[] = [];
  for (let n = 0; n < edits; n++) editMs.push(await edit(n));
  const loop = frames.stop();
  await mail.stop();

  await at.stop();
  for (const name of ['entities.jsonl', 'secrets.jsonl']) rmSync(join(at.dataDir, 'sandbox', 'config', name), { force: true });
  at = await startInstallation({ env, dataDir: at.dataDir, ports: at.ports, owner: at.owner });
  const startedAtMs = processStartMs(at.dataDir);
  await until(async () => (await lastAckMs()) > startedAtMs, loadLimitMs);
  const coldLoadMs = Math.round((await lastAckMs()) - startedAtMs);
  const engineMb = residentMb(at.dataDir);
  const figures = {
    ...{ entities: seeded.entities, loadMs: Math.round(loadMs), coldLoadMs, engineMb, mailPerSecond: Math.round(mailRate) },
    ...{ lists: lists.asked, listP50Ms: lists.p50Ms, listP95Ms: lists.p95Ms, listFailures: lists.failures, slowest: lists.slowest },
    ...{ edits, editP50Ms: percentile(editMs, 50), editP95Ms: percentile(editMs, 95), walBytesAnEdit, ...loop },
  };
  const holds =
    figures.listP95Ms <= bars.listP95Ms &&
    figures.listFailures === 0 &&
    figures.editP95Ms <= bars.editP95Ms &&
    figures.loopDelayMs <= bars.loopDelayMs &&
    figures.walBytesAnEdit <= bars.walBytesAnEdit &&
    figures.coldLoadMs <= bars.coldLoadMs &&
    figures.mailPerSecond >= 0.95 * mailPerSecond;
  process.stdout.write(`${JSON.stringify({ drill: 'config-scale', holds, ...figures, bars })}\n`);
  exitCode = holds ? 0 : 1;
} finally {
  await db.end();
  await at.dispose();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(exitCode);

function said(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const fromMs = performance.now();
  await work();
  return performance.now() - fromMs;
}

async function acked(): Promise<{ revision: number }> {
  const { rows } = await db.query<{ revision: number }>(
    `select coalesce(min(revision), 0) as revision from node where ack_status = 'applied'`,
  );
  return rows[0] ?? { revision: 0 };
}

/** Bytes of write-ahead log that an edit takes, without what an idle installation writes in the same time. */
async function walOf(edit: (n: number) => Promise<number>): Promise<number> {
  const place = async (): Promise<bigint> => {
    const { rows } = await db.query<{ at: string }>(`select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::text as at`);
    return BigInt(rows[0]?.at ?? 0);
  };
  await db.query('checkpoint');
  // The first change of a page after a checkpoint writes it whole; so does every edit here and there in practice.
  const before = await place();
  const tookMs = await timed(async () => {
    for (let n = 0; n < quietEdits; n++) await edit(n);
  });
  const after = await place();
  await new Promise((resolve) => setTimeout(resolve, tookMs));
  const idle = (await place()) - after;
  return Math.max(0, Math.round(Number(after - before - idle) / quietEdits));
}

/** Of the engine's frames meanwhile: how late its loop was at most, and at p95 of the seconds. */
function watchFrames(): { stop(): { loopDelayMs: number; loopDelayP95Ms: number } } {
  const delays: number[] = [];
  const timer = setInterval(() => {
    void db
      .query<{ frame: MetricsFrame }>('select frame from metrics_frame')
      .then(({ rows }) => delays.push(...rows.map(({ frame }) => frame.eventLoopDelayMs)))
      .catch(() => undefined);
  }, 1_000);
  return {
    stop() {
      clearInterval(timer);
      return { loopDelayMs: Math.round(Math.max(...delays) * 10) / 10, loopDelayP95Ms: percentile(delays, 95) };
    },
  };
}

/** When the node acknowledged what it runs, milliseconds since the epoch: it has all of it then, in force and on disk. */
async function lastAckMs(): Promise<number> {
  const { rows } = await db.query<{ at: Date | null }>(`select max(acked_at) as at from node where ack_status = 'applied'`);
  return rows[0]?.at?.getTime() ?? 0;
}

/** The engine's process of this data folder. proc(5) */
function engineProcess(dataDir: string): string | undefined {
  return readdirSync('/proc').find((pid) => {
    try {
      if (!/^\d+$/.test(pid) || !readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('apps/mta/src/main.ts')) return false;
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`SLUICE_DATA_DIR=${dataDir}`);
    } catch {
      // It ended while we looked.
      return false;
    }
  });
}

/** When it began, milliseconds since the epoch. */
function processStartMs(dataDir: string): number {
  const afterName =
    readFileSync(`/proc/${engineProcess(dataDir)}/stat`, 'utf8')
      .split(') ')[1]
      ?.split(' ') ?? [];
  const bootSeconds = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
  return (bootSeconds + Number(afterName[19]) / ticksPerSecond) * 1_000;
}

function residentMb(dataDir: string): number {
  const status = readFileSync(`/proc/${engineProcess(dataDir)}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024);
}
