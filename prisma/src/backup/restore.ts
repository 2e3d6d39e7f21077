// A backup into a database that holds nothing. Of rows: the migrations that the backup knew, its rows in one transaction, then the migrations
// that came since; done as a superuser, since triggers and foreign keys are to let the rows through as they are. Of a dump: what pg_restore
// makes of it, then the migrations that came since.
import pg from 'pg';
import { migrate, readMigrations, type Migration } from '../migrate.ts';
import { columnList, type BackupHeader, type BackupTable } from './backup.ts';
import { copyIn } from './copy.ts';
import { loadDump, type DumpHeader } from './dump.ts';
import { BackupError, readFrames, type Frame } from './frames.ts';
import type { ProgramPlaces } from './programs.ts';

/** Those of ours that the backup was made under. Refuses one that is newer than we are, or of another history. */
function knownMigrations(header: BackupHeader | DumpHeader, ours: readonly Migration[]): Migration[] {
  return header.migrations.map(({ name, checksum }, at) => {
    const own = ours[at];
    if (own?.name === name && own.checksum === checksum) return own;
    throw new BackupError(
      `the backup has migration ${name}, which this version does not know: use the version that made it, or a newer one`,
    );
  });
}

function headerOf({ kind, payload }: Frame): BackupHeader | DumpHeader {
  const header = kind === 'H' ? (JSON.parse(payload.toString()) as BackupHeader | DumpHeader) : null;
  if (header?.form !== 1 && header?.form !== 2) throw new BackupError('this is no backup of Sluice that this version can read');
  return header;
}

const notEmpty = 'the database is not empty: restore into a new one';

async function assertEmpty(client: pg.Client): Promise<void> {
  for (const table of ['installation', 'audit_entry', 'config_revision', 'user']) {
    const { rows } = await client.query<{ there: string | null }>('select to_regclass($1)::text as there', [`public."${table}"`]);
    if (!rows[0]?.there) continue;
    const found = await client.query(`select 1 from ${pg.escapeIdentifier(table)} limit 1`);
    if (found.rows.length > 0) throw new BackupError(notEmpty);
  }
}

/** A dump makes its tables itself. */
async function assertWithoutTables(client: pg.Client): Promise<void> {
  const { rows } = await client.query(`select from pg_tables where schemaname = 'public' limit 1`);
  if (rows.length > 0) throw new BackupError(notEmpty);
}

async function load(client: pg.Client, header: BackupHeader, frames: AsyncGenerator<Frame>): Promise<number> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> '_prisma_migrations'`,
  );
  // Migrations write first rows of their own.
  await client.query(`truncate ${columnList(rows.map(({ name }) => name))}`);
  let tables = 0;
  let next = await frames.next();
  while (!next.done) {
    if (next.value.kind !== 'T') throw new BackupError('the backup is out of order');
    const { table, columns } = JSON.parse(next.value.payload.toString()) as BackupTable;
    async function* rowsOf(): AsyncGenerator<Buffer> {
      for (next = await frames.next(); !next.done && next.value.kind === 'D'; next = await frames.next()) yield next.value.payload;
    }
    await copyIn(client, `copy ${pg.escapeIdentifier(table)} (${columnList(columns)}) from stdin`, rowsOf());
    tables += 1;
  }
  for (const { name, value } of header.sequences)
    await client.query(
      `select setval(c.oid::regclass, $2::bigint) from pg_class c where c.relname = $1 and c.relkind = 'S' and c.relnamespace = 'public'::regnamespace`,
      [name, value],
    );
  return tables;
}

async function restoreRows(
  client: pg.Client,
  ownerUrl: string,
  header: BackupHeader,
  frames: AsyncGenerator<Frame>,
  known: readonly Migration[],
): Promise<number> {
  const { rows } = await client.query<{ may: boolean }>('select rolsuper as may from pg_roles where rolname = current_user');
  if (!rows[0]?.may)
    throw new BackupError('a backup of the bundled Postgres is restored by a superuser: name one in DATABASE_URL for this');
  await assertEmpty(client);
  await migrate(ownerUrl, known);
  await client.query('begin');
  await client.query(`set local session_replication_role = 'replica'`);
  const tables = await load(client, header, frames);
  await client.query('commit');
  return tables;
}

/** `ownerUrl` is the owner's, or for a backup of the bundled Postgres a superuser's. Interrupted, it leaves a database that is still empty. */
export async function restore(
  ownerUrl: string,
  path: string,
  places: ProgramPlaces = { folder: null, searchPath: '' },
): Promise<{ at: string; tables: number; migrated: string[] }> {
  const frames = readFrames(path);
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'sluice-restore' });
  client.on('error', () => undefined); // also rejects what is under way
  await client.connect();
  try {
    const first = await frames.next();
    if (first.done) throw new BackupError('the backup is empty');
    const header = headerOf(first.value);
    const ours = await readMigrations();
    const known = knownMigrations(header, ours);
    let tables: number;
    if (header.form === 1) tables = await restoreRows(client, ownerUrl, header, frames, known);
    else {
      await assertWithoutTables(client);
      tables = await loadDump(client, ownerUrl, path, header, places);
    }
    return { at: header.at, tables, migrated: await migrate(ownerUrl, ours) };
  } finally {
    await frames.return(undefined);
    await client.end();
  }
}
