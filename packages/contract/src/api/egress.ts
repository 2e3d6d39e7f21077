// How mail leaves: sources, pools, providers, limits and static routes.
import { z } from 'zod';
import { limitBody, poolBody, providerBody, routeBody, sourceBody } from '../entities.ts';
import { id, reason } from '../names.ts';
import { createdEntity, revisionMade } from './page.ts';

const because = { reason: reason.default('created by an operator') };
const meta = { schemaVersion: true, minEngine: true } as const;

/** A suspension in force, with the seconds it still holds. */
export const suspensionView = z.object({
  commandId: id,
  sourceId: id,
  reason: z.string(),
  issuedBy: z.string(),
  issuedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});

export const sourceView = sourceBody.omit(meta).extend({
  id,
  pools: z.array(z.object({ id, name: z.string(), weight: z.number().int(), enabled: z.boolean() })),
  suspension: suspensionView.nullable(),
  /** Outcomes of the last hour, by whole minutes. */
  lastHour: z.object({ delivered: z.number().int(), deferred: z.number().int(), bounced: z.number().int() }),
});
export const sourcesList = { output: z.array(sourceView) };
export const sourcesCreate = { input: z.strictObject({ ...sourceBody.omit(meta).shape, ...because }), output: createdEntity };
export const sourcesSetEnabled = { input: z.strictObject({ id, enabled: z.boolean(), reason }), output: revisionMade };

export const poolView = poolBody
  .omit(meta)
  .extend({ id, streams: z.array(z.object({ id, name: z.string(), tenantId: id, tenantName: z.string() })) });
export const poolsList = { output: z.array(poolView) };
export const poolsCreate = { input: z.strictObject({ ...poolBody.omit(meta).shape, ...because }), output: createdEntity };
/** Replaces the member list. */
export const poolsSetMembers = { input: z.strictObject({ id, members: poolBody.shape.members, reason }), output: revisionMade };

export const providerView = providerBody.omit(meta).extend({ id });
export const providersList = { output: z.array(providerView) };

export const limitView = limitBody.omit(meta).extend({ id });
export const limitsList = { output: z.array(limitView) };
export const limitsCreate = { input: z.strictObject({ ...limitBody.omit(meta).shape, ...because }), output: createdEntity };
export const limitsUpdate = {
  input: z.strictObject({
    id,
    count: limitBody.shape.count,
    perSeconds: z.number().int().min(1).max(86_400),
    burst: z.number().int().min(0).max(10_000_000),
    enabled: z.boolean(),
    reason,
  }),
  output: revisionMade,
};

export const routeView = routeBody.omit(meta).extend({ id });
export const routesList = { output: z.array(routeView) };
export const routesCreate = { input: z.strictObject({ ...routeBody.omit(meta).shape, ...because }), output: createdEntity };
export const routesDelete = { input: z.strictObject({ id, reason }), output: revisionMade };
