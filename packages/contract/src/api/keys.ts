// Keys of the API: what a program signs in with instead of a session. A key never has more rights than whoever made it.
import { z } from 'zod';
import { entityName, id, instant, reason } from '../names.ts';
import { pageInput, pageOf } from './page.ts';

export const verbs = ['read', 'write', 'act'] as const;
const because = { reason: reason.default('made by an operator') };

/** `resource:verb`: the first word of a procedure's path, or `*` for all of them, and what a call does. */
export const keyScope = z
  .string()
  .regex(/^(?:\*|[a-z][A-Za-z]{0,39}):(?:read|write|act)$/, 'a scope is resource:read, resource:write or resource:act');

/** A CIDR network, or one address. */
const network = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()], 'not an address or a CIDR network');

/** Why a key opens nothing any more, or that it does. `maker`: whoever made it is disabled. */
export const keyStates = ['active', 'expired', 'revoked', 'maker'] as const;

export const keyView = z.object({
  id,
  name: z.string(),
  /** How its text begins: `slk_ab12cd34ef`. */
  prefix: z.string(),
  madeBy: z.string(),
  /** Made by whoever asks: only they get a new secret of it. */
  mine: z.boolean(),
  scopes: z.array(z.string()),
  tenantId: id.nullable(),
  /** Where it may be used from; empty: from anywhere. */
  networks: z.array(z.string()),
  personalData: z.boolean(),
  state: z.enum(keyStates),
  /** It opens something, and was not used for a long time. */
  stale: z.boolean(),
  createdAt: instant,
  expiresAt: instant.nullable(),
  rotatedAt: instant.nullable(),
  /** Until when the secret before the last rotation opens too; null when it does not any more. */
  previousUntil: instant.nullable(),
  previousUsedAt: instant.nullable(),
  revokedAt: instant.nullable(),
  lastUsedAt: instant.nullable(),
  lastUsedAddress: z.string().nullable(),
});
/** Newest first. Admins see everyone's, others their own. */
export const keysList = { input: pageInput, output: pageOf(keyView) };

/** What the asker may put into a key. */
export const keysGrantable = {
  output: z.object({
    resources: z.array(z.object({ resource: z.string(), verbs: z.array(z.enum(verbs)) })),
    personalData: z.boolean(),
  }),
};

const maxScopes = 200;
const maxNetworks = 50;
export const keysCreate = {
  input: z.strictObject({
    name: entityName,
    scopes: z.array(keyScope).min(1).max(maxScopes),
    tenantId: id.nullable().default(null),
    networks: z.array(network).max(maxNetworks).default([]),
    /** Null: it does not expire. */
    expiresAt: instant.nullable().default(null),
    personalData: z.boolean().default(false),
    ...because,
  }),
  /** `secret` is the whole text of the key, shown this once. */
  output: z.object({ id, prefix: z.string(), secret: z.string() }),
};

const maxOverlapSeconds = 30 * 86_400;
const defaultOverlapSeconds = 86_400;
/** Gives a key a new secret; the old one opens until the overlap is over. */
export const keysRotate = {
  input: z.strictObject({
    id,
    overlapSeconds: z.number().int().min(0).max(maxOverlapSeconds).default(defaultOverlapSeconds),
    /** Absent: as it was. */
    expiresAt: instant.nullable().optional(),
    reason,
  }),
  output: z.object({ id, prefix: z.string(), secret: z.string(), previousUntil: instant.nullable() }),
};
export const keysRevoke = { input: z.strictObject({ id, reason }), output: z.object({ id }) };
