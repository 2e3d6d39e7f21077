// What the configuration feed carries: one zod schema per entity kind. The control plane writes a body only after parsing it with
// the strict reading (`parseEntity`), a node reads it with the tolerant one: unknown fields are kept out but not refused, so that an
// older engine lives through a newer console, and `minEngine` says when it must not. Bodies hold no plain secret: a DKIM key names
// its secret by id, a credential holds a SCRAM verifier.
import { z } from 'zod';
import { automationBody } from './automation.ts';
import { deliverySettings, settingFields, timeZone, tlsMode } from './delivery-settings.ts';
import { domainName, entityName, id, ipAddress } from './names.ts';
import { replyRules } from './reply-rule.ts';
import { warmUpBody } from './warm-up.ts';

const versioned = {
  /** Format of this body; a node refuses a version it does not know. */
  schemaVersion: z.literal(1).default(1),
  /** Lowest engine version that may run this entity, `major.minor.patch`. */
  minEngine: z.string().optional(),
};

/** A sender on whose behalf mail is sent. */
export const tenantBody = z.object({ ...versioned, name: entityName, slug: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/) });

/** Seconds to wait before attempt 2, 3, ...; past its end the last value repeats until the message expires. */
export const defaultRetrySeconds = [60, 300, 900, 1800, 3600, 7200, 14400];
export const defaultExpirySeconds = 3 * 86_400;

/** A class of a tenant's mail. `poolIds[0]` is used unless an injection narrows to another of the list. */
export const streamBody = z.object({
  ...versioned,
  tenantId: id,
  name: entityName,
  /** Share of a ready queue that its lanes get, relative to other streams. */
  weight: z.number().int().min(1).max(100).default(10),
  poolIds: z.array(id).min(1).max(32),
  retrySeconds: z
    .array(
      z
        .number()
        .int()
        .min(1)
        .max(7 * 86_400),
    )
    .min(1)
    .max(64)
    .default(defaultRetrySeconds),
  expirySeconds: z
    .number()
    .int()
    .min(60)
    .max(14 * 86_400)
    .default(defaultExpirySeconds),
});

/** A domain that a tenant may use in MAIL FROM and From. */
export const domainBody = z.object({ ...versioned, tenantId: id, domain: domainName });

/** A DKIM key under `<selector>._domainkey.<domain>`. Only an active key signs. */
export const dkimKeyBody = z.object({
  ...versioned,
  tenantId: id,
  domain: domainName,
  selector: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/),
  algorithm: z.literal('rsa-sha256'),
  /** SubjectPublicKeyInfo, DER, base64: the p= value of the TXT record. RFC 6376 section 3.6.1. */
  publicKey: z.string().min(64).max(2000),
  secretId: id,
  state: z.enum(['pending', 'active', 'retiring', 'retired']),
  /** The private half is not on this installation: `secretId` says which it was. Such a key never signs. */
  keyMissing: z.boolean().default(false),
});

/** A proxy that a source goes out through: PROXY protocol version 2 of HAProxy, or SOCKS5. */
export const sourceProxy = z.object({
  kind: z.enum(['haproxy', 'socks5']),
  host: ipAddress,
  port: z.number().int().min(1).max(65_535),
  /** SOCKS5 only. RFC 1929. */
  username: z.string().min(1).max(255).nullable().default(null),
  secretId: id.nullable().default(null),
});

/** One sending identity. The bind address is on the node; the public one is what receivers see (they differ behind NAT). */
export const sourceBody = z.object({
  ...versioned,
  name: entityName,
  publicAddress: ipAddress,
  bindAddress: ipAddress,
  family: z.union([z.literal(4), z.literal(6)]),
  ehloName: domainName,
  /** Node that owns the address; null means every node. */
  node: z.string().max(64).nullable().default(null),
  enabled: z.boolean().default(true),
  /** Null: it connects by itself. Through HAProxy the bind address is the one that the proxy is asked to go out from. */
  proxy: sourceProxy.nullable().default(null),
});

/** Weighted set of sources. A member of weight 0 or not enabled takes no new mail. */
export const poolBody = z.object({
  ...versioned,
  name: entityName,
  members: z.array(z.object({ sourceId: id, weight: z.number().int().min(0).max(1000), enabled: z.boolean().default(true) })).max(1000),
});

/**
 * SMTP credential: only the SCRAM-SHA-256 verifier is stored. RFC 5803; base64 fields. Null: it is not on this installation, and nobody
 * signs in with it; `verifierFingerprint` says which it was.
 */
export const credentialBody = z.object({
  ...versioned,
  tenantId: id,
  streamId: id,
  username: z.string().regex(/^[A-Za-z0-9._-]{3,64}$/),
  verifier: z
    .object({
      salt: z.string(),
      iterations: z.number().int().min(4096).max(1_000_000),
      storedKey: z.string(),
      serverKey: z.string(),
    })
    .nullable(),
  verifierFingerprint: z.string().max(100).nullable().default(null),
  enabled: z.boolean().default(true),
});

/** Hosts of a network may submit without a credential, as this tenant and stream. None exist until an operator adds one. */
export const relayBody = z.object({
  ...versioned,
  tenantId: id,
  streamId: id,
  cidr: z.union([z.cidrv4(), z.cidrv6()]),
  enabled: z.boolean().default(true),
});

/** Which mail a static route leads: `example.com` that domain, `.example.com` every domain below it, `*` everything (a smart host). */
export const routePattern = z
  .string()
  .max(254)
  .refine((text) => text === '*' || domainName.safeParse(text.replace(/^\./, '')).success, 'not a domain, .suffix or *');
const routeHost = z.union([domainName, ipAddress]);
const hostPort = z.number().int().min(1).max(65_535);
const hostPreference = z.number().int().min(0).max(65_535);

/** Static route: mail for the pattern goes to these hosts instead of the domain's MX. The longest matching pattern wins. */
export const routeBody = z.object({
  ...versioned,
  domain: routePattern,
  host: routeHost,
  port: hostPort,
  preference: hostPreference.default(0),
  /** Further hosts; those of the lowest preference are tried first, equal ones in random order. */
  alternatives: z
    .array(z.object({ host: routeHost, port: hostPort, preference: hostPreference }))
    .max(19)
    .default([]),
  protocol: deliverySettings.shape.protocol.default('smtp'),
  /** Null: what the delivery settings say. */
  tls: tlsMode.nullable().default(null),
  authUsername: deliverySettings.shape.authUsername.default(null),
  authSecretId: deliverySettings.shape.authSecretId.default(null),
  /** The operator vouches for the host names: they count like names from a DNSSEC-signed answer when TLS is judged. */
  treatAsSecure: z.boolean().default(false),
});

const providerKey = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/);

/** A mailbox provider: the sites whose MX host names end in one of the suffixes. */
export const providerBody = z.object({
  ...versioned,
  /** Stable key used by limits and rollups, for example `gmail`. */
  key: providerKey,
  name: entityName,
  mxSuffixes: z.array(domainName).min(1).max(200),
  /** What its refusals mean; the first rule that matches says it. */
  replyRules: replyRules.default([]),
  /** The preset that it comes from, as of that version; null for one that an operator made. */
  preset: z
    .object({ key: providerKey, version: z.number().int().min(1) })
    .nullable()
    .default(null),
  /** An operator changed it: a newer version of the preset leaves it as it is. */
  edited: z.boolean().default(false),
});

/** What fits in an integer of the database. */
export const maxLimitCount = 2_000_000_000;

export const limitDimensions = ['node', 'source', 'pool', 'provider', 'site', 'domain', 'tenant', 'stream', 'campaign'] as const;
export const limitDimension = z.enum(limitDimensions);
export type LimitDimension = z.infer<typeof limitDimension>;

/** What is known of a connection: tenants, streams, pools and domains share it, so a limit on connections cannot tell these apart. */
export const connectionDimensions = ['node', 'source', 'provider', 'site'] as const satisfies readonly LimitDimension[];

/** Kinds that are counted for connections; the others for mail. */
export const connectionKinds = ['connections', 'connection_rate'] as const;
export const limitKinds = ['message_rate', 'byte_rate', 'hourly_cap', 'daily_cap', ...connectionKinds] as const;

/**
 * A limit. It applies to all mail that matches `where` (absent key = any value), counted apart for each distinct combination of the
 * `by` dimensions. `message_rate`: attempted recipients, `count` per `perSeconds` with `burst` on top. `byte_rate`: the same of bytes of
 * messages sent, each message whole. `hourly_cap`, `daily_cap`: attempted recipients in an hour or a day of the calendar of `zone`.
 * `connections`: `count` open at once. `connection_rate`: connections begun, counted like a message rate. `burst` null: what 25 ms of the
 * rate come to, at least 1; none where a unit takes 10 s or more.
 */
export const limitBody = z.object({
  ...versioned,
  name: entityName,
  where: z.partialRecord(limitDimension, z.string().max(253)),
  by: z.array(limitDimension).max(9),
  kind: z.enum(limitKinds),
  count: z.number().int().min(1).max(maxLimitCount),
  perSeconds: z.number().int().min(1).max(86_400).default(1),
  burst: z.number().int().min(0).max(maxLimitCount).nullable().default(null),
  zone: timeZone.default('UTC'),
  enabled: z.boolean().default(true),
});

/** A rule of delivery settings: how sessions and queues behave for the mail it names. */
export const settingBody = z.object({ ...versioned, ...settingFields });

/** Kind -> schema. The order is the order in which a cold load applies kinds (referred-to before referring). */
export const entitySchemas = {
  provider: providerBody,
  source: sourceBody,
  pool: poolBody,
  tenant: tenantBody,
  stream: streamBody,
  domain: domainBody,
  dkim_key: dkimKeyBody,
  credential: credentialBody,
  relay: relayBody,
  route: routeBody,
  limit: limitBody,
  setting: settingBody,
  warm_up: warmUpBody,
  automation: automationBody,
} as const;

export type EntityKind = keyof typeof entitySchemas;
export const entityKinds = Object.keys(entitySchemas) as EntityKind[];
export type EntityBody<K extends EntityKind = EntityKind> = z.infer<(typeof entitySchemas)[K]>;
export type TenantBody = EntityBody<'tenant'>;
export type StreamBody = EntityBody<'stream'>;
export type DomainBody = EntityBody<'domain'>;
export type DkimKeyBody = EntityBody<'dkim_key'>;
export type SourceBody = EntityBody<'source'>;
export type PoolBody = EntityBody<'pool'>;
export type CredentialBody = EntityBody<'credential'>;
export type RelayBody = EntityBody<'relay'>;
export type RouteBody = EntityBody<'route'>;
export type ProviderBody = EntityBody<'provider'>;
export type LimitBody = EntityBody<'limit'>;
export type SettingBody = EntityBody<'setting'>;

/** One version of one entity as it stands in `config_entity`; `body` null means deleted at that revision. */
export type EntityVersion = { revision: number; kind: string; id: string; body: unknown };

/** What a node fetches: every latest entity version newer than the revision it runs, up to and including `revision`. */
export type ConfigDelta = { revision: number; contentRoot: string; entities: EntityVersion[] };

/** What a node says about a revision it was offered. `refused` keeps the previous generation running. */
export type ConfigAck = { node: string; revision: number; contentRoot: string; status: 'applied' | 'refused'; problems: ConfigProblem[] };
export type ConfigProblem = { kind: string; id: string; field: string; message: string };

export type ParsedEntity = { ok: true; kind: EntityKind; body: EntityBody } | { ok: false; problems: ConfigProblem[] };

/** Reads an entity body tolerantly (unknown fields dropped). Every problem names the entity and the field. */
export function parseEntity(kind: string, entityId: string, body: unknown): ParsedEntity {
  const schema = Object.hasOwn(entitySchemas, kind) ? entitySchemas[kind as EntityKind] : undefined;
  if (!schema)
    return { ok: false, problems: [{ kind, id: entityId, field: '', message: `this engine does not know entities of kind ${kind}` }] };
  const parsed = schema.safeParse(body);
  if (parsed.success) return { ok: true, kind: kind as EntityKind, body: parsed.data };
  const problems = parsed.error.issues.map((issue) => ({ kind, id: entityId, field: issue.path.join('.'), message: issue.message }));
  return { ok: false, problems };
}
