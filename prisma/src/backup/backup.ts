// All of the database as of one moment, into one file, while everything goes on: COPY of table after table in one repeatable-read
// transaction. What is worth nothing elsewhere stays out: sessions, counters of sign-ins, links, answers kept for a repeated call, and what is unlogged.
import pg from 'pg';
import { copyOut } from './copy.ts';
import { frameWriter } from './frames.ts';

export type BackupHeader = {
  form: 1;
  at: string;
  /** Names and checksums, in order: the schema that the rows are of. */
  migrations: { name: string; checksum: string }[];
  /** By name; so that numbers go on. */
  sequences: { name: string; value: string }[];
};
export type BackupTable = { table: string; columns: string[] };

/** Tables whose rows are worth nothing elsewhere. */
export const leftOut = ['session', 'verification', 'sign_in_attempt', 'setup_link', 'idempotent_call'];

const tablesOf = `select c.relname as table, array_agg(a.attname::text order by a.attnum) as columns
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p'
    and c.relname <> all($1::text[])
  group by c.relname order by c.relname`;
export const migrationsOf = `select migration_name as name, checksum from _prisma_migrations where rolled_back_at is null and finished_at is not null order by migration_name`;
const sequencesOf = `select sequencename as name, last_value::text as value from pg_sequences where schemaname = 'public' and last_value is not null order by 1`;

export const columnList = (columns: readonly string[]): string => columns.map((column) => pg.escapeIdentifier(column)).join(', ');

/** Writes a new file; a backup that fails leaves none that could be taken for one. Resolves with the bytes of rows, uncompressed. */
export async function backup(ownerUrl: string, path: string): Promise<{ tables: number; bytes: number }> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'sluice-backup' });
  client.on('error', () => undefined); // also rejects what is under way
  await client.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    await client.query(`select set_config('sluice.tenant', '*', true)`);
    const [{ rows: tables }, { rows: migrations }, { rows: sequences }] = [
      await client.query<BackupTable>(tablesOf, [['_prisma_migrations', ...leftOut]]),
      await client.query<BackupHeader['migrations'][number]>(migrationsOf),
      await client.query<BackupHeader['sequences'][number]>(sequencesOf),
    ];
    const header: BackupHeader = { form: 1, at: new Date().toISOString(), migrations, sequences };
    const writer = await frameWriter(path);
    let bytes = 0;
    try {
      await writer.write('H', Buffer.from(JSON.stringify(header)));
      for (const { table, columns } of tables) {
        await writer.write('T', Buffer.from(JSON.stringify({ table, columns } satisfies BackupTable)));
        await copyOut(client, `copy (select ${columnList(columns)} from ${pg.escapeIdentifier(table)}) to stdout`, async (chunk) => {
          bytes += chunk.length;
          await writer.write('D', chunk);
        });
      }
      await client.query('commit');
      await writer.end();
    } catch (error) {
      await writer.abort();
      throw error;
    }
    return { tables: tables.length, bytes };
  } finally {
    await client.end();
  }
}
