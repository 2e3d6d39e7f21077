// Our side: the installation as `npm start` makes it, with console, embedded Postgres and limits, in a scratch data folder. It is set up
// through the API as an operator would, and asked in Postgres whether every event has arrived.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { startInstallation, until, type Installation, type StartOptions } from '../installation.ts';
import { connectionsOut, recipientDomain, senderAddress, type Load } from './load.ts';
import type { Product } from './product.ts';

export type SluiceProduct = Product & { enginePid(): number; metricsUrl: string };

const settleLimitMs = 120_000;
/** Two sources; sixteen where there are many domains. */
const sourceCount = ({ domains }: Load): number => (domains > 1 ? 16 : 2);
const sourceAddress = (index: number): string => `127.2.90.${index + 1}`;
/** Messages a second, far above what the machine can do. */
const unboundRate = 1_000_000;

const place = (installation: Installation): StartOptions => ({
  dataDir: installation.dataDir,
  ports: installation.ports,
  owner: installation.owner,
});

/** Makes a new installation, sets it up for the load, stops it. Started again and again with `startSluice`; `stop` at the end removes its data folder. */
export async function prepareSluice(
  sinkPort: number,
  dkim: boolean,
  load: Load,
): Promise<{ start(): Promise<SluiceProduct>; stop(): Promise<void> }> {
  const first = await startInstallation();
  try {
    await setUp(first, sinkPort, dkim, load);
  } catch (error) {
    await first.dispose();
    throw error;
  }
  await first.stop();
  return { start: () => startSluice(place(first)), stop: () => first.dispose() };
}

async function setUp(installation: Installation, sinkPort: number, dkim: boolean, load: Load): Promise<void> {
  const { client } = installation;
  const { id: tenantId } = await client.tenants.create.mutate({ name: 'Bench', slug: 'bench' });
  const members: { sourceId: string; weight: number }[] = [];
  const sources = sourceCount(load);
  for (let index = 0; index < sources; index += 1) {
    const address = sourceAddress(index);
    const source = { name: `Bench ${index + 1}`, publicAddress: address, bindAddress: address, family: 4 as const };
    const { id: sourceId } = await client.sources.create.mutate({ ...source, ehloName: `out${index + 1}.bench.example` });
    members.push({ sourceId, weight: 1 });
  }
  // The limits that an installation starts with stay and are evaluated for every message, at numbers that do not bind: as many
  // connections out in all as there are sessions in.
  for (const { id, kind } of await client.limits.list.query()) {
    const count = kind === 'connections' ? Math.ceil(connectionsOut(load) / sources) : unboundRate;
    await client.limits.update.mutate({ id, count, perSeconds: 1, burst: 1000, enabled: true, reason: 'bench: limits that do not bind' });
  }
  const { id: poolId } = await client.pools.create.mutate({ name: 'Bench', members });
  const { id: streamId } = await client.streams.create.mutate({ tenantId, name: 'Bench', poolIds: [poolId] });
  const { id: domainId } = await client.domains.create.mutate({ tenantId, domain: senderAddress.slice(senderAddress.indexOf('@') + 1) });
  if (dkim) await client.selectors.create.mutate({ domainId, selector: 's1', activate: true });
  // smtp-source cannot authenticate: the network is the credential.
  await client.relays.create.mutate({ tenantId, streamId, cidr: '127.0.0.0/8' });
  if (load.single) await client.settings.create.mutate({ name: 'Bench', where: {}, values: { messagesPerConnection: 1 } });
  const pattern = load.domains > 1 ? '*' : recipientDomain;
  const { revision } = await client.routes.create.mutate({ domain: pattern, host: '127.0.0.1', port: sinkPort });
  await until(async () => (await client.nodes.list.query()).every((node) => (node.revision ?? 0) >= revision), settleLimitMs);
}

async function startSluice(options: StartOptions): Promise<SluiceProduct> {
  const installation = await startInstallation(options);
  const database = new pg.Client({ connectionString: ownerUrl(installation.dataDir) });
  await database.connect();
  // Rows of every tenant. See row-level security in prisma/.
  await database.query(`select set_config('sluice.tenant', '*', false)`);
  // The rollups are of one transaction with the events, of which each look would read millions.
  const count = async () => {
    const { rows } = await database.query<{ accepted: number; delivered: number }>(
      `select coalesce(sum(count) filter (where type = 'accepted'), 0)::int as accepted,
              coalesce(sum(count) filter (where type = 'delivered'), 0)::int as delivered from rollup_minute`,
    );
    return rows[0] ?? { accepted: 0, delivered: 0 };
  };
  let before = await count();
  return {
    name: 'Sluice',
    smtpPort: installation.ports.smtp,
    processes: () => [installation.process.pid ?? 0, ...Object.values(parts(installation.dataDir))],
    metricsUrl: `http://127.0.0.1:${installation.ports.engineHttp}/metrics`,
    enginePid: () => parts(installation.dataDir)['mta'] ?? 0,
    async begin() {
      before = await count();
    },
    async settled(messages) {
      const all = async () => {
        const now = await count();
        return now.accepted - before.accepted === messages && now.delivered - before.delivered === messages;
      };
      await until(all, settleLimitMs);
    },
    async stop() {
      await database.end();
      await installation.stop();
    },
  };
}

function ownerUrl(dataDir: string): string {
  const urls = JSON.parse(readFileSync(join(dataDir, 'secrets', 'database-urls.json'), 'utf8')) as { ownerUrl: string };
  return urls.ownerUrl;
}

/** Processes named in the run file, by name: those that are not descendants of npm start, Postgres's guardian among them. */
function parts(dataDir: string): Record<string, number> {
  const run = JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')) as { processes: Record<string, { pid: number }> };
  return Object.fromEntries(Object.entries(run.processes).map(([name, part]) => [name, part.pid]));
}
