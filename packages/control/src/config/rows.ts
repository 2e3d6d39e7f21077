// One table of kinds: for each entity of the feed, how its relational rows are written, removed and read back.
import type { EntityBody, EntityKind } from '@sluice/contract';
import type { Prisma } from '@sluice/db';
import { automationRows } from './automation-rows.ts';
import { limitRows, poolRows, providerRows, routeRows, settingRows, sourceRows, warmUpRows } from './egress-rows.ts';
import { credentialRows, dkimKeyRows, domainRows, relayRows, streamRows, tenantRows } from './tenant-rows.ts';

export interface RowsOf<Body> {
  write(db: Prisma.TransactionClient, id: string, body: Body): Promise<void>;
  remove(db: Prisma.TransactionClient, id: string): Promise<void>;
  /** The body that the rows say, read by the contract's schema; null when there is no such row, or none that the actor may see. */
  read(db: Prisma.TransactionClient, id: string): Promise<Body | null>;
}

type Rows = { readonly [K in EntityKind]: RowsOf<EntityBody<K>> };

export const rows: Rows = {
  provider: providerRows,
  source: sourceRows,
  pool: poolRows,
  tenant: tenantRows,
  stream: streamRows,
  domain: domainRows,
  dkim_key: dkimKeyRows,
  credential: credentialRows,
  relay: relayRows,
  route: routeRows,
  limit: limitRows,
  setting: settingRows,
  warm_up: warmUpRows,
  automation: automationRows,
};
