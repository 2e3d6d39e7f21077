// What a delivery node does without good news from the control plane. A revision that does not validate, as a newer console might write
// it, is refused: the node goes on with what it had and the console shows why. And an engine that starts while Postgres is away accepts
// and delivers from its copy on disk, and its events reach Postgres once that is back.
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts, startInstallation, stopProcess, until, type Installation } from '@sluice/bench/installation';
import type { MetricsFrame } from '@sluice/contract';
import { nextContentRoot } from '@sluice/contract/content-root';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@sluice/db/embedded';
import { startSimulator, type Simulator } from '@sluice/isp-simulator';
import { linesOf, run, settingsOf } from './commands.ts';
import { mailer, makeTenant, type TestTenant } from './tenant.ts';
import { leftAfter } from './traces.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const stepLimitMs = 20_000;

let folder: string;
let postgresPort: number;
let postgres: EmbeddedPostgres;
let at: Installation;
let red: TestTenant;

const startPostgres = () => startEmbeddedPostgres({ directory: folder, port: postgresPort, log: () => undefined, durable: false });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-refusal-'));
  chmodSync(folder, 0o711);
  [postgresPort = 0] = await freePorts(1);
  postgres = await startPostgres();
  at = await startInstallation({ env: { DATABASE_URL: postgres.ownerUrl } });
  red = await makeTenant(at, { slug: 'red', sourceAddresses: ['127.0.32.1'] });
  await applied();
}, 300_000);
afterAll(async () => {
  await at?.dispose();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

async function theNode() {
  const [node] = await at.client.nodes.list.query();
  if (node === undefined) throw new Error('no node has reported yet');
  return node;
}

/** The node runs the newest revision. */
const applied = () =>
  until(async () => {
    const [node] = await at.client.nodes.list.query();
    return node?.state === 'running' && node.revision === node.headRevision;
  }, stepLimitMs);

async function handIn(recipient: string): Promise<void> {
  const transport = mailer(at, red);
  await transport.sendMail({ from: `news@${red.domain}`, to: recipient, subject: 'hello', text: 'hello' });
  transport.close();
}

async function inDatabase<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: postgres.ownerUrl });
  await client.connect();
  try {
    await client.query("select set_config('sluice.tenant', '*', false)");
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Appends a revision with one entity version, whatever is in it, past every check of this console. */
function publishUnchecked(kind: string, id: string, body: object): Promise<number> {
  return inDatabase(async (client) => {
    await client.query('begin');
    const head = await client.query<{ number: number; content_root: string }>('select number, content_root from config_head for update');
    const { number = 0, content_root: contentRoot = '' } = head.rows[0] ?? {};
    const before = await client.query<{ body: unknown }>(
      'select body from config_entity where kind = $1 and id = $2 order by revision desc limit 1',
      [kind, id],
    );
    const next = number + 1;
    const nextRoot = nextContentRoot(contentRoot, kind, id, before.rows[0]?.body ?? null, body);
    await client.query(
      "insert into config_revision (number, author, reason, request_id, content_root) values ($1, 'newer console', 'test', 'test', $2)",
      [next, nextRoot],
    );
    await client.query('insert into config_entity (kind, id, revision, body) values ($1, $2, $3, $4)', [kind, id, next, body]);
    await client.query('update config_head set number = $1, content_root = $2', [next, nextRoot]);
    await client.query('commit');
    return next;
  });
}

describe('a revision with an entity that does not validate', () => {
  const domain = 'routed.example';
  let routeId: string;
  let good: number;
  let bad: number;

  beforeAll(async () => {
    ({ id: routeId } = await at.client.routes.create.mutate({ domain, host: '127.0.0.1', port: 9 }));
    await applied();
    good = (await theNode()).revision ?? 0;
    bad = await publishUnchecked('route', routeId, { schemaVersion: 1, domain, host: '127.0.0.1', port: 'smtp' });
  }, 60_000);

  it('is refused, and the API shows kind, id, field and message', async () => {
    await until(async () => (await theNode()).state === 'refusing', stepLimitMs);
    const { revision, headRevision, problems } = await theNode();
    expect([revision, headRevision]).toEqual([good, bad]);
    expect(problems).toEqual([{ kind: 'route', id: routeId, field: 'port', message: expect.stringMatching(/expected number/i) }]);
  });

  it('is shown by the command line, too', async () => {
    const { code, stdout } = await run(['sluice', 'status'], settingsOf(at.dataDir, at.ports));
    expect(code).toBe(0);
    expect(linesOf(stdout)).toContainEqual(expect.stringMatching(new RegExp(`refused route ${routeId} port: `)));
  });

  it('leaves mail going out by the old generation', async () => {
    const recipient = `meanwhile.${Date.now()}@gmail.com`;
    await handIn(recipient);
    await until(() => at.received().some((mail) => mail.recipients.some((to) => to.address === recipient)), stepLimitMs);
    expect((await theNode()).revision).toBe(good);
  });

  it('holds up later revisions while the entity is bad, and the one that mends it is applied with all of them', async () => {
    const { revision: later } = await at.client.routes.create.mutate({ domain: 'later.example', host: '127.0.0.1', port: 9 });
    await until(async () => (await theNode()).headRevision === later && (await theNode()).state === 'refusing', stepLimitMs);
    expect((await theNode()).revision).toBe(good);
    const { revision: mended } = await at.client.routes.delete.mutate({ id: routeId, reason: 'the entity is bad' });
    await applied();
    const node = await theNode();
    expect(node.revision).toBe(mended);
    expect(node.problems).toEqual([]);
  });
});

describe('an engine that starts while Postgres is away', () => {
  let simulator: Simulator;
  let engine: ChildProcess;
  const sandboxFolder = mkdtempSync(join(tmpdir(), 'sluice-refusal-sandbox-'));
  const recipient = `offline.${Date.now()}@gmail.com`;

  beforeAll(async () => {
    await at.stop();
    await postgres.stop();
    simulator = await startSimulator({ seed: 'refusal', directory: sandboxFolder });
    engine = startEngine(simulator);
    const ready = () =>
      fetch(`${at.engineUrl}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until(ready, stepLimitMs, () => (engine.exitCode === null ? null : 'the engine ended'));
  }, 120_000);
  afterAll(async () => {
    if (engine) await stopProcess(engine);
    await simulator?.stop();
    rmSync(sandboxFolder, { recursive: true, force: true });
  }, 60_000);

  /** As the supervisor starts it, without a supervisor, which has no use for itself without a database. */
  function startEngine({ dnsAddress, smtpPort }: Simulator): ChildProcess {
    const { engineUrl } = JSON.parse(readFileSync(join(at.dataDir, 'secrets', 'database-urls.json'), 'utf8')) as { engineUrl: string };
    const log = openSync(join(at.dataDir, 'log', 'engine-alone.log'), 'a', 0o600);
    return spawn(process.execPath, [join(root, 'apps/mta/src/main.ts')], {
      cwd: root,
      stdio: ['pipe', log, log],
      env: {
        ...process.env,
        ...settingsOf(at.dataDir, at.ports),
        SLUICE_KEY_FILE: join(at.dataDir, 'secrets', 'key'),
        SLUICE_ENGINE_DATABASE_URL: engineUrl,
        SLUICE_DNS_SERVER: dnsAddress,
        SLUICE_SANDBOX_SMTP_PORT: String(smtpPort),
      },
    });
  }

  async function received(): Promise<number> {
    let count = 0;
    for await (const mail of simulator.received()) count += mail.recipients.filter((to) => to.address === recipient).length;
    return count;
  }

  async function unshippedBytes(): Promise<number> {
    const response = await fetch(`${at.engineUrl}/status`, { signal: AbortSignal.timeout(10_000) });
    return ((await response.json()) as { frame: MetricsFrame }).frame.unshippedBytes;
  }

  it('accepts and delivers, signed, from its copy on disk', async () => {
    await handIn(recipient);
    await until(async () => (await received()) === 1, stepLimitMs);
    for await (const mail of simulator.received())
      expect(mail.headers.filter(([name]) => name.toLowerCase() === 'dkim-signature')).toHaveLength(1);
    expect(await unshippedBytes()).toBeGreaterThan(0);
  });

  it('brings each event to Postgres once when that is back', async () => {
    postgres = await startPostgres();
    await until(async () => (await unshippedBytes()) === 0, stepLimitMs);
    const types = await inDatabase(async (client) => {
      const { rows } = await client.query<{ type: string }>('select type from delivery_event where recipient = $1 order by seq', [
        recipient,
      ]);
      return rows.map((row) => row.type);
    });
    expect(types).toEqual(['accepted', 'delivered']);
    expect(await received()).toBe(1);
  });

  it('ends on SIGTERM with exit code 0', async () => {
    expect(await stopProcess(engine)).toBe(0);
  });
});

describe('npm start with a Postgres of the operator that is away', () => {
  beforeAll(() => postgres.stop());

  // A name may stand for several addresses, each with an error of its own.
  it.each(['127.0.0.1', 'localhost'])(
    'at %s says so in one line that names the setting and no password, and leaves nothing',
    async (host) => {
      const url = new URL(postgres.ownerUrl);
      url.hostname = host;
      const { code, stdout, stderr } = await run(['start'], { ...settingsOf(at.dataDir, at.ports), DATABASE_URL: url.href });
      expect(code).toBe(1);
      expect(linesOf(stderr)).toEqual([expect.stringMatching(/^the database of DATABASE_URL could not be prepared: .*ECONNREFUSED/)]);
      expect(stdout + stderr).not.toContain(url.password);
      expect(await leftAfter(at.dataDir, [], stepLimitMs)).toEqual([]);
    },
  );
});
