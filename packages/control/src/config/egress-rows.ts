// The relational rows of how mail leaves, as functions of the entity bodies of the feed. See tenant-rows.ts.
import {
  limitBody,
  poolBody,
  providerBody,
  routeBody,
  settingBody,
  sourceBody,
  warmUpBody,
  type LimitBody,
  type PoolBody,
  type ProviderBody,
  type RouteBody,
  type SettingBody,
  type SourceBody,
  type WarmUpBody,
} from '@sluice/contract';
import { Prisma } from '@sluice/db';
import type { RowsOf } from './rows.ts';

export const sourceRows: RowsOf<SourceBody> = {
  async write(db, id, body) {
    const { name, publicAddress, bindAddress, family, ehloName, node, enabled, proxy } = body;
    const fields = { name, publicAddress, bindAddress, family, ehloName, node, enabled, proxy: proxy ?? Prisma.DbNull };
    await db.egressSource.upsert({ where: { id }, create: { id, ...fields }, update: fields });
  },
  async remove(db, id) {
    await db.egressSource.delete({ where: { id } });
  },
  async read(db, id) {
    const row = await db.egressSource.findUnique({ where: { id } });
    return row && sourceBody.parse(row);
  },
};

export const poolRows: RowsOf<PoolBody> = {
  async write(db, id, body) {
    await db.ipPool.upsert({ where: { id }, create: { id, name: body.name }, update: { name: body.name } });
    await db.ipPoolMember.deleteMany({ where: { poolId: id } });
    const members = body.members.map(({ sourceId, weight, enabled }) => ({ poolId: id, sourceId, weight, enabled }));
    await db.ipPoolMember.createMany({ data: members });
  },
  async remove(db, id) {
    await db.ipPool.delete({ where: { id } });
  },
  async read(db, id) {
    const row = await db.ipPool.findUnique({ where: { id }, include: { members: inOrder } });
    return row && poolBodyOf(row);
  },
};

/** Members have no order of their own; by id, so that row and body always list them alike. */
export const inOrder = { orderBy: { sourceId: 'asc' } } as const;
type PoolRow = Prisma.IpPoolGetPayload<{ include: { members: true } }>;
export const poolBodyOf = (row: PoolRow): PoolBody => poolBody.parse(row);

export const providerRows: RowsOf<ProviderBody> = {
  async write(db, id, body) {
    const { key, name, mxSuffixes, replyRules, preset, edited } = body;
    const fields = { key, name, mxSuffixes, replyRules, preset: preset ?? Prisma.DbNull, edited };
    await db.provider.upsert({ where: { id }, create: { id, ...fields }, update: fields });
  },
  async remove(db, id) {
    await db.provider.delete({ where: { id } });
  },
  async read(db, id) {
    const row = await db.provider.findUnique({ where: { id } });
    return row && providerBody.parse(row);
  },
};

export const limitRows: RowsOf<LimitBody> = {
  async write(db, id, body) {
    const { name, where, by, kind, count, perSeconds, burst, zone, enabled } = body;
    const fields = { name, where, by, kind, count, perSeconds, burst, zone, enabled };
    await db.limitRule.upsert({ where: { id }, create: { id, ...fields }, update: fields });
  },
  async remove(db, id) {
    await db.limitRule.delete({ where: { id } });
  },
  async read(db, id) {
    const row = await db.limitRule.findUnique({ where: { id } });
    return row && limitBody.parse(row);
  },
};

export const routeRows: RowsOf<RouteBody> = {
  async write(db, id, body) {
    const { schemaVersion: _version, minEngine: _engine, ...fields } = body;
    await db.route.upsert({ where: { id }, create: { id, ...fields }, update: fields });
  },
  async remove(db, id) {
    await db.route.delete({ where: { id } });
  },
  async read(db, id) {
    const row = await db.route.findUnique({ where: { id } });
    return row && routeBody.parse(row);
  },
};

export const settingRows: RowsOf<SettingBody> = {
  async write(db, id, body) {
    const fields = { name: body.name, where: body.where, settingValues: body.values, enabled: body.enabled };
    await db.settingRule.upsert({ where: { id }, create: { id, ...fields }, update: fields });
  },
  async remove(db, id) {
    await db.settingRule.delete({ where: { id } });
  },
  async read(db, id) {
    const row = await db.settingRule.findUnique({ where: { id } });
    return row && settingBody.parse({ ...row, values: row.settingValues });
  },
};

export const warmUpRows: RowsOf<WarmUpBody> = {
  async write(db, id, body) {
    const { schemaVersion: _version, minEngine: _engine, ...fields } = body;
    await db.warmUpPlan.upsert({ where: { id }, create: { id, ...fields }, update: fields });
  },
  async remove(db, id) {
    await db.warmUpPlan.delete({ where: { id } });
  },
  async read(db, id) {
    const row = await db.warmUpPlan.findUnique({ where: { id } });
    return row && warmUpBody.parse(row);
  },
};
