// Brings a database to the newest schema. Each migration's bookkeeping, script and finish are one transaction, so that a migrator killed
// at any point leaves either all of a migration or nothing of it. The bookkeeping is Prisma's own (`_prisma_migrations`, SHA-256 of the
// file, its advisory lock), so that `prisma migrate deploy` goes on from here and the other way round.
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { serverProblem } from './server-version.ts';

/** The advisory lock that Prisma's schema engine takes for the same purpose. */
const migrationLock = 72_707_369;
const lockTimeoutMs = 120_000;

/** The database cannot be brought to this program's schema; the message says why in one line. */
export class MigrationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MigrationError';
  }
}

export type Migration = { name: string; sql: string; checksum: string };

export async function readMigrations(directory = fileURLToPath(new URL('../migrations', import.meta.url))): Promise<Migration[]> {
  const folders = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const names = folders.map((entry) => entry.name).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(directory, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

const bookkeeping = `create table if not exists _prisma_migrations (
  id varchar(36) primary key not null, checksum varchar(64) not null, finished_at timestamptz, migration_name varchar(255) not null,
  logs text, rolled_back_at timestamptz, started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`;

type Seen = { name: string; checksum: string; done: boolean };

/** Which migrations are still to apply. Throws where history and files disagree. */
function pending(migrations: readonly Migration[], seen: readonly Seen[]): Migration[] {
  const failed = seen.find((row) => !row.done);
  if (failed) throw new MigrationError(`migration ${failed.name} is marked failed by Prisma's command line; resolve it there first`);
  const known = new Set(migrations.map((migration) => migration.name));
  const newer = seen.find((row) => !known.has(row.name));
  if (newer)
    throw new MigrationError(`the database has migration ${newer.name}, which this version does not know; it is newer than this program`);
  return migrations.filter((migration) => {
    const row = seen.find((candidate) => candidate.name === migration.name);
    if (row && row.checksum !== migration.checksum)
      throw new MigrationError(`migration ${migration.name} was changed after it had been applied`);
    return row === undefined;
  });
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('begin');
  try {
    const row =
      'insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) values ($1, $2, $3, clock_timestamp(), 1)';
    await client.query(row, [randomUUID(), migration.checksum, migration.name]);
    await client.query(migration.sql);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined); // the connection may be what failed
    throw new MigrationError(
      `migration ${migration.name} failed and was undone: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Applies what is missing, one migrator at a time. Returns the names applied, in order. */
export async function migrate(ownerUrl: string, migrations?: readonly Migration[]): Promise<string[]> {
  const files = migrations ?? (await readMigrations());
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'sluice-migrate' });
  client.on('error', () => undefined); // a lost connection also rejects the query under way, which is where it is told
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version_num: string }>('show server_version_num');
    const problem = serverProblem(rows[0]?.server_version_num ?? '');
    if (problem !== null) throw new MigrationError(problem);
    await client.query(`set lock_timeout = ${lockTimeoutMs}`);
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await client.query(bookkeeping);
    const seen = await client.query<Seen>(
      'select migration_name as name, checksum, finished_at is not null as done from _prisma_migrations where rolled_back_at is null',
    );
    const todo = pending(files, seen.rows);
    for (const migration of todo) await apply(client, migration);
    return todo.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}
