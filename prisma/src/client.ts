// The Prisma client over adapter-pg, for the control plane. Bulk paths (events, rollups, feeds) use pg itself, by way of @sluice/plane.
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './generated/client.ts';
import { statementNames } from './statement-names.ts';

const maxConnections = 10;
const connectTimeoutMs = 10_000;

export type ClientOptions = {
  /**
   * Starting value of `sluice.tenant` on every connection. Absent: nothing of any tenant is visible until a transaction sets it. `*` is for
   * what runs before a tenant is known (sign-in) and for the system itself; `set_config('sluice.tenant', ..., true)` narrows a transaction.
   */
  tenant?: '*';
  maxConnections?: number;
};

/** As long as a use case may hold a transaction. */
const readTimeoutMs = 20_000;

const everyTenant = '-c sluice.tenant=*';
const readOnly = `-c default_transaction_read_only=on -c statement_timeout=${readTimeoutMs}`;

const poolOf = (url: string, options: string, max: number = maxConnections) => ({
  ...{ connectionString: url, options, max, connectionTimeoutMillis: connectTimeoutMs, application_name: 'sluice-console' },
});

export function createClient(url: string, { tenant, maxConnections: max }: ClientOptions = {}): PrismaClient {
  const pool = poolOf(url, tenant === '*' ? everyTenant : '', max);
  return new PrismaClient({ adapter: new PrismaPg(pool, { statementNameGenerator: statementNames() }) });
}

/** Statements that change nothing, each by itself, as one who sees every tenant: one that would change something is refused. */
export type Reads = {
  db: PrismaClient;
  /** The same connections without Prisma, whose own work is several times that of a short statement. */
  sql: { query<T>(text: string, values: unknown[]): Promise<T[]> };
  close(): Promise<void>;
};

export function createReads(url: string): Reads {
  const nameOf = statementNames();
  const pool = new pg.Pool(poolOf(url, `${everyTenant} ${readOnly}`));
  // One that idles and breaks is replaced; whoever asks next finds out whether the server is there.
  pool.on('error', () => undefined);
  const db = new PrismaClient({ adapter: new PrismaPg(pool, { statementNameGenerator: nameOf }) });
  return {
    db,
    sql: { query: async (text, values) => (await pool.query({ name: nameOf({ sql: text }), text, values })).rows },
    async close() {
      await db.$disconnect();
      await pool.end();
    },
  };
}
