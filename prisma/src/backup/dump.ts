// The database of an operator's own server into one file, and back: what pg_dump of the server's version writes, of one moment, in the frames
// of a backup, so that a file that was cut or changed is refused before anything is written. Policies name the owner, who may be called
// otherwise where it is restored: they stay out, and provisioning makes them.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { ensureRoles } from '../provision.ts';
import { serverVersion, type ServerVersion } from '../server-version.ts';
import { leftOut, migrationsOf, type BackupHeader } from './backup.ts';
import { BackupError, frameWriter, readFrames } from './frames.ts';
import { findProgram, start, type ProgramPlaces } from './programs.ts';

export type DumpHeader = Pick<BackupHeader, 'at' | 'migrations'> & {
  form: 2;
  /** `server_version_num` of the server it was written by. */
  server: string;
};

/** Whether row-level security hides nothing from us: superusers pass it, the owner has policies since the database was provisioned. */
const seesAllOf = `select rolsuper or rolbypassrls as sees from pg_roles where rolname = current_user`;
const hiddenTables = `select c.relname as table from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relrowsecurity
    and (c.relforcerowsecurity or not pg_has_role(c.relowner, 'usage')) and not exists (
      select from pg_policy p join pg_roles r on r.oid = any(p.polroles) where p.polrelid = c.oid and pg_has_role(r.oid, 'usage'))
  order by 1 limit 1`;

async function versionOf(client: pg.Client): Promise<ServerVersion & { number: string }> {
  const { rows } = await client.query<{ server_version_num: string }>('show server_version_num');
  const number = rows[0]?.server_version_num ?? '';
  const version = serverVersion(number);
  if (version === null) throw new BackupError(`the server does not say which version it is ("${number}")`);
  return { ...version, number };
}

async function seesAll(client: pg.Client): Promise<boolean> {
  if ((await client.query<{ sees: boolean }>(seesAllOf)).rows[0]?.sees) return true;
  const [hidden] = (await client.query<{ table: string }>(hiddenTables)).rows;
  if (hidden) throw new BackupError(`this role does not see all of table ${hidden.table}: use the role that owns the database`);
  return false;
}

/** A dump of one schema leaves out extensions that are not named; an index of ours stands on this one where the server has it. */
const extensions = ['--extension=pg_trgm'];

/** Writes a new file, as the database was at one moment. Resolves with the bytes of the dump, uncompressed. */
export async function backupByDump(ownerUrl: string, path: string, places: ProgramPlaces): Promise<{ tables: number; bytes: number }> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'sluice-backup' });
  client.on('error', () => undefined); // also rejects what is under way
  await client.connect();
  try {
    const version = await versionOf(client);
    const program = findProgram('pg_dump', version.major, places);
    await client.query('begin isolation level repeatable read read only');
    const secured = (await seesAll(client)) ? [] : ['--enable-row-security'];
    const { rows: migrations } = await client.query<BackupHeader['migrations'][number]>(migrationsOf);
    const { rows: tables } = await client.query(`select from pg_tables where schemaname = 'public'`);
    const [moment] = (await client.query<{ id: string }>('select pg_export_snapshot() as id')).rows;
    const header: DumpHeader = { form: 2, at: new Date().toISOString(), server: version.number, migrations };
    const writer = await frameWriter(path);
    try {
      await writer.write('H', Buffer.from(JSON.stringify(header)));
      const without = leftOut.map((table) => `--exclude-table-data=public.${table}`);
      const form = [
        '--format=custom',
        '--compress=0',
        '--schema=public',
        ...extensions,
        '--no-unlogged-table-data',
        `--snapshot=${moment?.id}`,
      ];
      const { child, ended } = start(program, [...form, ...secured, ...without], ownerUrl);
      let bytes = 0;
      try {
        for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
          bytes += chunk.length;
          await writer.write('D', chunk);
        }
      } catch (error) {
        child.kill();
        throw error;
      }
      await ended;
      await writer.end();
      return { tables: tables.length, bytes };
    } catch (error) {
      await writer.abort();
      throw error;
    }
  } finally {
    await client.end();
  }
}

/** Gives the program the dump to read; one that has read enough and ends is no failure here: how it ends tells. */
async function feed(path: string, stdin: NodeJS.WritableStream, ended: Promise<void>): Promise<void> {
  let over = false;
  const end = ended.then(
    () => void (over = true),
    () => void (over = true),
  );
  stdin.on('error', () => undefined); // it ended, as `over` says
  for await (const { kind, payload } of readFrames(path)) {
    if (over) return;
    if (kind === 'D' && !stdin.write(payload)) await Promise.race([once(stdin, 'drain').catch(() => undefined), end]);
  }
  stdin.end();
}

/** What is left to whoever restores: the schema is there, and policies come by provisioning. */
const notRestored = /^\d+; \d+ \d+ (?:POLICY|SCHEMA|COMMENT - SCHEMA) /;

async function tableOfContents(program: string, path: string): Promise<string> {
  const { child, ended } = start(program, ['--list'], null);
  let list = '';
  child.stdout.on('data', (chunk: Buffer) => (list += chunk.toString()));
  await feed(path, child.stdin, ended);
  await ended;
  return `${list
    .split('\n')
    .filter((line) => !notRestored.test(line))
    .join('\n')}\n`;
}

/** Loads a dump into a database without tables, all or nothing. The roles that it grants to are made where they are missing. */
export async function loadDump(
  client: pg.Client,
  ownerUrl: string,
  path: string,
  header: DumpHeader,
  places: ProgramPlaces,
): Promise<number> {
  const [target, source] = [await versionOf(client), serverVersion(header.server)];
  if (source !== null && target.major < source.major)
    throw new BackupError(
      `the backup is of Postgres ${source.text}, and this server is ${target.text}: restore into ${source.major} or newer`,
    );
  const program = findProgram('pg_restore', target.major, places);
  for await (const frame of readFrames(path)) void frame; // to its end, where the sum is
  const folder = await mkdtemp(join(tmpdir(), 'sluice-restore-'));
  try {
    const list = join(folder, 'list');
    await writeFile(list, await tableOfContents(program, path), { mode: 0o600 });
    await ensureRoles(client);
    const how = ['--single-transaction', '--exit-on-error', '--no-owner', `--use-list=${list}`];
    const { child, ended } = start(program, how, ownerUrl);
    await feed(path, child.stdin, ended);
    await ended;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const { rows } = await client.query(`select from pg_tables where schemaname = 'public'`);
  return rows.length;
}
