// A console to test, as its own process: throw-away Postgres, the real server.ts on a free port, configuration made through the API, and
// a node that exists only as far as the console can see one (it takes revisions, applies commands, reports frames, ships events). Says
// where it is in one line of JSON, obeys lines on stdin, and takes everything down when stdin closes.
//   node e2e/console/testing/world.ts [--fresh]     --fresh: no accounts, no sample configuration
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { createSluiceClient, type SluiceClient } from '@sluice/client';
import { cloneDatabase, startTestCluster } from '@sluice/db/testing';
import type { WorldFacts } from './facts.ts';
import { noDamage, SimulatedNode, someDamage } from './simulated-node.ts';
import { configure, type Configured } from './sample-configuration.ts';
import { hostileReply, sampleHistory, sampleMoment } from './sample-mail.ts';

const ownerAccount = { name: 'Olive Owner', email: 'owner@sluice.example', password: 'correct horse battery staple' };
const analystAccount = { name: 'Ana Analyst', email: 'analyst@sluice.example', password: 'another long pass phrase' };

const root = new URL('../../..', import.meta.url).pathname;
const readyLimitMs = 60_000;
const historyMinutes = 75;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function startConsole(port: number, consoleUrl: string, localToken: string): ChildProcess {
  const env = {
    PATH: process.env['PATH'] ?? '',
    SLUICE_CONSOLE_PORT: String(port),
    SLUICE_SMTP_PORT: '0',
    SLUICE_ENGINE_HTTP_PORT: '0',
    SLUICE_CONSOLE_DATABASE_URL: consoleUrl,
    SLUICE_SESSION_SECRET: randomBytes(32).toString('base64url'),
    SLUICE_KEY: randomBytes(32).toString('base64'),
    SLUICE_LOCAL_TOKEN: localToken,
    SLUICE_TRUSTED_PROXIES: '127.0.0.2',
  };
  return spawn(process.execPath, [`${root}apps/console/server.ts`], { env, stdio: ['pipe', 'inherit', 'inherit'], cwd: root }).on(
    'exit',
    (code) => {
      process.stderr.write(`console exited with ${code}\n`);
    },
  );
}

async function healthy(url: string): Promise<void> {
  const until = Date.now() + readyLimitMs;
  while (Date.now() < until) {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the console did not become ready');
}

async function makeAccounts(client: SluiceClient): Promise<void> {
  const { url } = await client.setup.issueLink.mutate();
  await client.setup.complete.mutate({ token: new URL(url).searchParams.get('token') ?? '', ...ownerAccount });
  await client.users.create.mutate({ ...analystAccount, role: 'analyst', tenantId: null });
}

/** Lines on stdin: `frames off`, `frames on`, `damage on`, `damage off`. */
function obey(node: SimulatedNode, end: () => void): void {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    if (line === 'frames off') node.reporting = false;
    if (line === 'frames on') node.reporting = true;
    if (line === 'damage on') node.damage = someDamage;
    if (line === 'damage off') node.damage = noDamage;
  });
  lines.on('close', end);
}

const say = (facts: WorldFacts): void => void process.stdout.write(`world ${JSON.stringify(facts)}\n`);

async function main(): Promise<void> {
  const fresh = process.argv.includes('--fresh');
  const { cluster, stop } = await startTestCluster();
  const database = await cloneDatabase(cluster);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const localToken = randomBytes(32).toString('base64url');
  const server = startConsole(port, database.consoleUrl, localToken);
  const node = new SimulatedNode(database.engineUrl, 'node-1');
  let moments: NodeJS.Timeout | undefined;
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    clearInterval(moments);
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.stdin?.end();
    const cut = setTimeout(() => server.kill('SIGKILL'), 12_000);
    void gone
      .then(() => clearTimeout(cut))
      .then(() => node.close())
      .then(stop)
      .then(() => process.exit(0));
  };
  process.on('SIGTERM', end);
  obey(node, end);
  await healthy(url);
  const client = createSluiceClient({ url, token: localToken });
  if (fresh) {
    const link = await client.setup.issueLink.mutate();
    return say({ url, localToken, setupUrl: link.url, databaseUrl: database.ownerUrl, hostileEntryId: null });
  }
  await makeAccounts(client);
  const configured: Configured = await configure(client);
  await node.start(configured);
  await node.ship(sampleHistory(configured, Date.now(), historyMinutes));
  const hostile = hostileReply(configured, Date.now());
  await node.ship(hostile);
  moments = setInterval(() => void node.ship(sampleMoment(configured, Date.now())), 1_000);
  say({ url, localToken, setupUrl: null, databaseUrl: database.ownerUrl, hostileEntryId: hostile[0]?.entryId ?? null });
}

await main();
