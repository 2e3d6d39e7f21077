// A cluster for one run of tests: fsync off, a template database migrated and provisioned once, a clone of it for every test that asks.
// The whole cluster goes at the end, so a clone need not be dropped. Knows nothing of vitest: drills and end-to-end tests use it too.
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../embedded/index.ts';
import { migrate } from '../migrate.ts';
import { provision, type RuntimeUrls } from '../provision.ts';

export const templateDatabase = 'sluice_template';

/** Addresses of the template; a clone has the same ones with another database name. Plain data, to be handed between processes. */
export type TestCluster = RuntimeUrls & { ownerUrl: string };
export type TestDatabase = RuntimeUrls & { ownerUrl: string; drop(): Promise<void> };

export function withDatabase(url: string, name: string): string {
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
}

async function asOwner<T>(ownerUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: withDatabase(ownerUrl, 'postgres') });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const password = () => randomBytes(18).toString('base64url');

/** Starts a cluster with its template. `stop` ends the server and removes every file. */
export async function startTestCluster(
  log: (line: string) => void = () => undefined,
): Promise<{ cluster: TestCluster; stop(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-test-postgres-'));
  await chmod(directory, 0o711); // root's Postgres runs as another account, which must be able to enter
  const server = await startEmbeddedPostgres({ directory, port: 0, durable: false, log });
  const stop = async () => {
    await server.stop();
    if (server.elsewhere) await rm(dirname(dirname(server.dataDirectory)), { recursive: true, force: true });
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await asOwner(server.ownerUrl, (client) => client.query(`create database ${templateDatabase}`));
    const ownerUrl = withDatabase(server.ownerUrl, templateDatabase);
    await migrate(ownerUrl);
    const urls = await provision(ownerUrl, { console: password(), engine: password(), audit: password() });
    // An open connection to a template makes a clone wait 5 s and then fail.
    await asOwner(ownerUrl, (client) => client.query(`alter database ${templateDatabase} with is_template true allow_connections false`));
    return { cluster: { ownerUrl, ...urls }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A fresh database. `empty` gives one without tables, for tests of the migrations. */
export async function cloneDatabase(cluster: TestCluster, kind: 'template' | 'empty' = 'template'): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  const template = kind === 'template' ? templateDatabase : 'template0';
  await asOwner(cluster.ownerUrl, (client) => client.query(`create database ${name} template ${template}`));
  return {
    ownerUrl: withDatabase(cluster.ownerUrl, name),
    consoleUrl: withDatabase(cluster.consoleUrl, name),
    engineUrl: withDatabase(cluster.engineUrl, name),
    auditUrl: withDatabase(cluster.auditUrl, name),
    drop: () => asOwner(cluster.ownerUrl, async (client) => void (await client.query(`drop database if exists ${name} with (force)`))),
  };
}
