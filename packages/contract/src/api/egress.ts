// How mail leaves: sources, pools, providers, limits and static routes.
import { z } from 'zod';
import { limitBody, maxLimitCount, poolBody, providerBody, routeBody, sourceBody, sourceProxy } from '../entities.ts';
import { timeZone } from '../delivery-settings.ts';
import { limitsInUse } from '../limit-use.ts';
import { id, reason } from '../names.ts';
import { strictReplyRules } from '../reply-rule.ts';
import { strictly } from './strict.ts';
import { createdEntity, partOfList, partOrNamed, revisionMade } from './page.ts';

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

const openProxy = sourceProxy.omit({ secretId: true });
export const sourceView = sourceBody.omit(meta).extend({
  id,
  proxy: openProxy.nullable(),
  pools: z.array(z.object({ id, name: z.string(), weight: z.number().int(), enabled: z.boolean() })),
  suspension: suspensionView.nullable(),
  /** Outcomes of the last hour, by whole minutes. */
  lastHour: z.object({ delivered: z.number().int(), deferred: z.number().int(), bounced: z.number().int() }),
});
/** By name; searched by name and address. */
export const sourcesList = { input: partOrNamed, output: z.array(sourceView) };
export const sourcesCreate = {
  input: z.strictObject({ ...sourceBody.omit({ ...meta, proxy: true }).shape, ...because }),
  output: createdEntity,
};
/** A login at the proxy is a user name and a password; the password is sealed at once. Null: the source connects by itself. */
export const sourcesSetProxy = {
  input: z.strictObject({
    id,
    proxy: z.strictObject({ ...openProxy.shape, password: z.string().min(1).max(255).optional() }).nullable(),
    reason,
  }),
  output: revisionMade,
};
export const sourcesSetEnabled = { input: z.strictObject({ id, enabled: z.boolean(), reason }), output: revisionMade };

export const poolView = poolBody
  .omit(meta)
  .extend({ id, streams: z.array(z.object({ id, name: z.string(), tenantId: id, tenantName: z.string() })) });
/** By name. */
export const poolsList = { input: partOrNamed, output: z.array(poolView) };
export const poolsCreate = { input: strictly(z.strictObject({ ...poolBody.omit(meta).shape, ...because })), output: createdEntity };
/** Replaces the member list. */
export const poolsSetMembers = { input: strictly(z.strictObject({ id, members: poolBody.shape.members, reason })), output: revisionMade };

/** `newestPreset`: the version that this installation has of the preset; null for a provider that comes from none. */
const ofPreset = { newestPreset: z.number().int().nullable() };
export const providerView = providerBody.omit(meta).extend({ id, ...ofPreset });
/** Without the rules themselves. */
export const providerSummary = providerBody.omit({ ...meta, replyRules: true }).extend({ id, rules: z.number().int(), ...ofPreset });
export const providersList = { output: z.array(providerSummary) };
export const providersGet = { input: z.strictObject({ id }), output: providerView };
/** `cloneOf`: a provider whose rules it takes over where none are given. The suffixes are its own: no two providers share one. */
export const providersCreate = {
  input: z.strictObject({
    key: providerBody.shape.key,
    name: providerBody.shape.name,
    mxSuffixes: providerBody.shape.mxSuffixes,
    replyRules: strictReplyRules.optional(),
    cloneOf: id.optional(),
    ...because,
  }),
  output: createdEntity,
};
/** Replaces all but the key, by which limits and settings name it. */
export const providersUpdate = {
  input: z.strictObject({
    id,
    name: providerBody.shape.name,
    mxSuffixes: providerBody.shape.mxSuffixes,
    replyRules: strictReplyRules,
    reason,
  }),
  output: revisionMade,
};
/** Only what an operator made; a preset's provider would be back with the next start. */
export const providersDelete = { input: z.strictObject({ id, reason }), output: revisionMade };
/** As the newest version of its preset has it; from then on newer versions are taken over again. */
export const providersResetToPreset = { input: z.strictObject({ id, reason }), output: revisionMade };

export const limitView = limitBody.omit(meta).extend({ id });
/** By name. */
export const limitsList = { input: partOfList, output: z.array(limitView) };
export const limitsCreate = { input: z.strictObject({ ...limitBody.omit(meta).shape, ...because }), output: createdEntity };
export const limitsUpdate = {
  input: z.strictObject({
    id,
    count: limitBody.shape.count,
    perSeconds: z.number().int().min(1).max(86_400),
    /** Null: a small part of the rate. */
    burst: z.number().int().min(0).max(maxLimitCount).nullable(),
    /** Of a cap; the one it has when left out. */
    zone: timeZone.optional(),
    enabled: z.boolean(),
    reason,
  }),
  output: revisionMade,
};
export const limitsDelete = { input: z.strictObject({ id, reason }), output: revisionMade };
/** Each node's limits as they are used now. */
export const limitsUse = {
  output: z.object({
    nodes: z.array(z.object({ node: z.string(), ...limitsInUse.shape })),
    /** Nodes that did not answer. */
    silent: z.array(z.string()),
  }),
};

const { authSecretId: _sealed, ...routeShape } = routeBody.omit(meta).shape;
export const routeView = z.object({ ...routeShape, id, hasAuthPassword: z.boolean() });
/** By domain. */
export const routesList = { input: partOfList, output: z.array(routeView) };
/** `authPassword` absent keeps what is stored, null takes it away; it never comes out again. */
const routeInput = { ...routeShape, authPassword: z.string().min(1).max(1024).nullable().optional() };
export const routesCreate = { input: strictly(z.strictObject({ ...routeInput, ...because })), output: createdEntity };
/** Replaces the route. */
export const routesUpdate = { input: strictly(z.strictObject({ id, ...routeInput, reason })), output: revisionMade };
export const routesDelete = { input: z.strictObject({ id, reason }), output: revisionMade };
