// Every way in which a start can find the folder: empty, half made, running, killed, with a pid file that lies.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort, startEmbeddedPostgres, type EmbeddedPostgres } from './index.ts';

let directory: string;
let server: EmbeddedPostgres | undefined;

const start = async (port = 0, durable = false) =>
  (server = await startEmbeddedPostgres({ directory, port, durable, log: () => undefined }));

async function ask<T extends pg.QueryResultRow>(text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: server?.ownerUrl });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

beforeEach(async () => {
  // Deeper than the 107 bytes that a Unix socket's path may have.
  const base = await mkdtemp(join(tmpdir(), 'sluice-embedded-'));
  await chmod(base, 0o711);
  directory = join(base, 'd'.repeat(100), 'postgres');
  mkdirSync(dirname(directory), { mode: 0o711 });
});
afterEach(async () => {
  await server?.stop();
  await rm(dirname(dirname(directory)), { recursive: true, force: true });
});

test('a start takes the port it is given, listens on loopback only and keeps its password to the owner', async () => {
  const port = await freePort();
  await start(port);
  expect(server?.port).toBe(port);
  expect(await ask(`show listen_addresses`)).toEqual([{ listen_addresses: '127.0.0.1' }]);
  expect(await ask(`show unix_socket_directories`)).toEqual([{ unix_socket_directories: '' }]);
  expect((await stat(join(directory, 'owner-password'))).mode & 0o777).toBe(0o600);
  const password = (await readFile(join(directory, 'owner-password'), 'utf8')).trim();
  expect((await readFile(`/proc/${server?.pid}/cmdline`, 'utf8')).includes(password)).toBe(false);
});

test('a second start adopts the running server and reports the port it really has', async () => {
  const first = await start();
  const other = await freePort();
  const second = await start(other);
  expect({ pid: second.pid, port: second.port, adopted: second.adopted }).toEqual({ pid: first.pid, port: first.port, adopted: true });
  await second.stop();
  await first.exited;
  await second.exited;
});

test('a server killed in its work comes back with what was committed', async () => {
  const first = await start(0, true);
  await ask('create table kept (a int)');
  await ask('insert into kept values (1)');
  process.kill(first.pid, 'SIGKILL');
  await first.exited;
  const second = await start(0, true);
  expect(second.adopted).toBe(false);
  expect(await ask('select a from kept')).toEqual([{ a: 1 }]);
});

test('a pid file that names a living process of somebody else does not stop the start', async () => {
  const first = await start();
  const pidFile = join(first.dataDirectory, 'postmaster.pid');
  const left = await readFile(pidFile, 'utf8');
  await first.stop();
  const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
  writeFileSync(pidFile, left.replace(/^\d+/, String(stranger.pid)));
  await start();
  expect(await ask('select 1 as one')).toEqual([{ one: 1 }]);
  stranger.kill();
});

test('what a killed initdb left is swept away', async () => {
  mkdirSync(join(directory, 'cluster', 'data.new-dead', 'base'), { recursive: true, mode: 0o711 });
  writeFileSync(join(directory, 'cluster', 'data.new-dead', 'PG_VERSION'), '18\n');
  writeFileSync(join(directory, 'cluster', 'password.dead'), 'x');
  await chmod(directory, 0o711);
  await start();
  expect((await readdir(join(directory, 'cluster'))).sort()).toEqual(['data', 'postgres.log']);
});

test('a taken port is named', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const address = holder.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await expect(start(port)).rejects.toMatchObject({ code: 'port_taken', message: `port ${port} of 127.0.0.1 is taken` });
  holder.close();
});

test('a cluster whose password file is gone is told from a new one', async () => {
  const first = await start();
  await first.stop();
  await rm(join(directory, 'owner-password'));
  await expect(start()).rejects.toMatchObject({ code: 'no_password' });
});

test.skipIf(process.getuid?.() !== 0)(
  'root under a folder that the server cannot search gets its data and binaries elsewhere',
  async () => {
    await chmod(dirname(directory), 0o700);
    await start();
    expect(server?.elsewhere).toBe(true);
    expect(server?.dataDirectory.startsWith('/var/lib/sluice/')).toBe(true);
    expect(await ask('select 1 as one')).toEqual([{ one: 1 }]);
    await server?.stop();
    await rm(dirname(dirname(server?.dataDirectory ?? '/nowhere/x/y')), { recursive: true, force: true });
  },
);

test('a database made in the folder is never replaced by an empty one when the folder closes to the server', async () => {
  const first = await start();
  await first.stop();
  await chmod(dirname(directory), 0o700);
  if (process.getuid?.() === 0) await expect(start()).rejects.toMatchObject({ code: 'no_data' });
  await chmod(dirname(directory), 0o711);
  await rename(first.dataDirectory, `${first.dataDirectory}.away`);
  await expect(start()).rejects.toMatchObject({ code: 'no_data' });
  await rename(`${first.dataDirectory}.away`, first.dataDirectory);
  await start();
  expect(server?.dataDirectory).toBe(first.dataDirectory);
});

test('a start killed in the middle of initdb is followed by one that succeeds', async () => {
  const script = `const { startEmbeddedPostgres } = await import(${JSON.stringify(fileURLToPath(new URL('./index.ts', import.meta.url)))}); await startEmbeddedPostgres({ directory: ${JSON.stringify(directory)}, port: 0, log: () => undefined });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
  const halfMade = async () => (await readdir(join(directory, 'cluster')).catch(() => [])).some((name) => name.startsWith('data.new'));
  await expect.poll(halfMade, { timeout: 10_000, interval: 5 }).toBe(true);
  child.kill('SIGKILL'); // initdb itself goes on, as an orphan
  await start();
  expect(await ask('select 1 as one')).toEqual([{ one: 1 }]);
});
