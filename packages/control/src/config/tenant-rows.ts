// The relational rows of what belongs to a tenant, as functions of the entity bodies of the feed: `write` makes the row say what the
// body says, `read` gives the body back. Screens read rows, engines read bodies; both are written in one transaction from one value.
import {
  credentialBody,
  dkimKeyBody,
  domainBody,
  relayBody,
  streamBody,
  tenantBody,
  type CredentialBody,
  type DkimKeyBody,
  type DomainBody,
  type RelayBody,
  type StreamBody,
  type TenantBody,
} from '@sluice/contract';
import { Prisma } from '@sluice/db';
import { found } from '../refusal.ts';
import type { RowsOf } from './rows.ts';

type Tx = Prisma.TransactionClient;

export const tenantRows: RowsOf<TenantBody> = {
  async write(db: Tx, id, body) {
    const { name, slug } = body;
    await db.tenant.upsert({ where: { id }, create: { id, name, slug }, update: { name, slug } });
  },
  async remove(db, id) {
    await db.tenant.delete({ where: { id } });
  },
  async read(db, id) {
    const row = await db.tenant.findUnique({ where: { id } });
    return row && tenantBody.parse(row);
  },
};

export const streamRows: RowsOf<StreamBody> = {
  async write(db, id, body) {
    const { tenantId, name, weight, retrySeconds, expirySeconds } = body;
    const fields = { tenantId, name, weight, retrySeconds, expirySeconds };
    await db.stream.upsert({ where: { id }, create: { id, ...fields }, update: fields });
    await db.streamPool.deleteMany({ where: { streamId: id } });
    await db.streamPool.createMany({ data: body.poolIds.map((poolId, position) => ({ tenantId, streamId: id, poolId, position })) });
  },
  async remove(db, id) {
    await db.stream.delete({ where: { id } });
  },
  async read(db, id) {
    const row = await db.stream.findUnique({ where: { id }, include: { pools: { orderBy: { position: 'asc' } } } });
    return row && streamBodyOf(row);
  },
};

type StreamRow = Prisma.StreamGetPayload<{ include: { pools: true } }>;
export const streamBodyOf = (row: StreamRow): StreamBody => streamBody.parse({ ...row, poolIds: row.pools.map((pool) => pool.poolId) });

export const domainRows: RowsOf<DomainBody> = {
  async write(db, id, body) {
    const { tenantId, domain } = body;
    await db.sendingDomain.upsert({ where: { id }, create: { id, tenantId, domain }, update: { tenantId, domain } });
  },
  async remove(db, id) {
    await db.sendingDomain.delete({ where: { id } });
  },
  async read(db, id) {
    const row = await db.sendingDomain.findUnique({ where: { id } });
    return row && domainBody.parse(row);
  },
};

export const dkimKeyRows: RowsOf<DkimKeyBody> = {
  async write(db, id, body) {
    const { tenantId, selector, algorithm, publicKey, secretId, state, keyMissing } = body;
    const domain = found(await db.sendingDomain.findUnique({ where: { domain: body.domain, tenantId } }), `sending domain ${body.domain}`);
    const fields = { tenantId, sendingDomainId: domain.id, selector, algorithm, publicKey, secretId, state, keyMissing };
    await db.dkimKey.upsert({ where: { id }, create: { id, ...fields }, update: fields });
  },
  async remove(db, id) {
    await db.dkimKey.delete({ where: { id } });
  },
  async read(db, id) {
    const row = await db.dkimKey.findUnique({ where: { id }, include: { sendingDomain: true } });
    return row && dkimKeyBodyOf(row);
  },
};

type DkimKeyRow = Prisma.DkimKeyGetPayload<{ include: { sendingDomain: true } }>;
export const dkimKeyBodyOf = (row: DkimKeyRow): DkimKeyBody => dkimKeyBody.parse({ ...row, domain: row.sendingDomain.domain });

export const credentialRows: RowsOf<CredentialBody> = {
  async write(db, id, body) {
    const { tenantId, streamId, username, verifierFingerprint, enabled } = body;
    const fields = { tenantId, streamId, username, verifier: body.verifier ?? Prisma.DbNull, verifierFingerprint, enabled };
    await db.credential.upsert({ where: { id }, create: { id, ...fields }, update: fields });
  },
  async remove(db, id) {
    await db.credential.delete({ where: { id } });
  },
  async read(db, id) {
    const row = await db.credential.findUnique({ where: { id } });
    return row && credentialBody.parse(row);
  },
};

export const relayRows: RowsOf<RelayBody> = {
  async write(db, id, body) {
    const { tenantId, streamId, cidr, enabled } = body;
    const fields = { tenantId, streamId, cidr, enabled };
    await db.relay.upsert({ where: { id }, create: { id, ...fields }, update: fields });
  },
  async remove(db, id) {
    await db.relay.delete({ where: { id } });
  },
  async read(db, id) {
    const row = await db.relay.findUnique({ where: { id } });
    return row && relayBody.parse(row);
  },
};
