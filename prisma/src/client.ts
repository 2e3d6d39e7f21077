// The Prisma client over adapter-pg, for the control plane. Bulk paths (events, rollups, feeds) use pg itself, by way of @sluice/plane.
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.ts';

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

export function createClient(url: string, options: ClientOptions = {}): PrismaClient {
  const pool = {
    connectionString: url,
    max: options.maxConnections ?? maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'sluice-console',
    ...(options.tenant === '*' ? { options: '-c sluice.tenant=*' } : {}),
  };
  return new PrismaClient({ adapter: new PrismaPg(pool) });
}
