// What each queue and session can be told. A setting is not a limit: for every key exactly one value wins, the one of the most specific
// rule that matches (see policy/delivery-settings). `null` in a value means "as without this setting"; an absent key says nothing.
// Times end in their unit. RFC clauses give the defaults of waiting times: RFC 5321 section 4.5.3.2.
import { z } from 'zod';
import { domainName, entityName, id, ipAddress } from './names.ts';

const minuteMs = 60_000;
const waitMs = z
  .number()
  .int()
  .min(100)
  .max(60 * minuteMs);
const daySeconds = 86_400;

/**
 * How TLS is used. `opportunistic`: when offered, any certificate, plaintext after a failure. `opportunistic_verified`: a certificate that
 * does not verify defers. `required`: no plaintext. `required_verified`: no plaintext and the certificate must verify.
 */
export const tlsModes = ['disabled', 'opportunistic', 'opportunistic_verified', 'required', 'required_verified'] as const;
export const tlsMode = z.enum(tlsModes);
export type TlsMode = z.infer<typeof tlsMode>;

/** Waiting times before attempt 2, 3, ...: a list whose last value repeats, or doubling from `firstSeconds` up to `capSeconds`. */
export const retrySchedule = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('list'),
    seconds: z
      .array(
        z
          .number()
          .int()
          .min(1)
          .max(7 * daySeconds),
      )
      .min(1)
      .max(64),
  }),
  z.object({
    kind: z.literal('exponential'),
    firstSeconds: z.number().int().min(1).max(daySeconds),
    factor: z.number().min(1).max(10),
    capSeconds: z
      .number()
      .int()
      .min(1)
      .max(7 * daySeconds),
  }),
]);
export type RetrySchedule = z.infer<typeof retrySchedule>;

/** Zones that were found; to look one up costs as much as to read a dozen entities. */
const knownZones = new Set<string>();
const maxKnownZones = 1_000;

/** Whether this machine knows the zone: what it does not know has no wall clock that a window could follow. */
export function isTimeZone(zone: string): boolean {
  if (knownZones.has(zone)) return true;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    if (knownZones.size < maxKnownZones) knownZones.add(zone);
    return true;
  } catch {
    return false;
  }
}

/** IANA name, such as `Europe/Berlin`. */
export const timeZone = z.string().max(64).refine(isTimeZone, 'no known time zone; an IANA name such as Europe/Berlin or UTC is wanted');

const clockTime = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day is HH:MM');
export const weekDays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
/** Attempts begin only on these days between `from` and `to` of the zone; `to` before `from` goes over midnight. */
export const deliveryWindow = z.object({
  days: z.array(z.enum(weekDays)).min(1).max(7),
  from: clockTime,
  to: clockTime,
  zone: timeZone,
});
export type DeliveryWindow = z.infer<typeof deliveryWindow>;

/** Where a report of failure or delay goes: to the envelope sender, nowhere, or to an HTTP hook. The null sender never gets one. */
export const reportTarget = z.enum(['sender', 'none', 'hook']);

export const deliverySettings = z.object({
  // The session.
  protocol: z.enum(['smtp', 'lmtp']),
  connectTimeoutMs: waitMs,
  greetingTimeoutMs: waitMs,
  ehloTimeoutMs: waitMs,
  startTlsTimeoutMs: waitMs,
  handshakeTimeoutMs: waitMs,
  authTimeoutMs: waitMs,
  mailTimeoutMs: waitMs,
  rcptTimeoutMs: waitMs,
  dataTimeoutMs: waitMs,
  dataBlockTimeoutMs: waitMs,
  messageTimeoutMs: waitMs,
  resetTimeoutMs: waitMs,
  quitTimeoutMs: waitMs,
  idleTimeoutMs: z
    .number()
    .int()
    .min(0)
    .max(10 * minuteMs),
  messagesPerConnection: z.number().int().min(1).max(100_000),
  recipientsPerTransaction: z.number().int().min(1).max(1000),
  connectionsPerPath: z.number().int().min(1).max(1000),
  /** EHLO name instead of the source's own. */
  ehloName: domainName.nullable(),
  // Extensions used where the peer offers them.
  pipelining: z.boolean(),
  /** A message's end and the next envelope share a flight. RFC 2920 section 3.1. */
  chaining: z.boolean(),
  /** The message by BDAT where CHUNKING is offered. RFC 3030. */
  chunking: z.boolean(),
  /** RSET before a transaction that follows an unfinished one; off: such a connection is closed. */
  reset: z.boolean(),
  // Hosts.
  addressFamily: z.enum(['source', 'ipv4', 'ipv6']),
  /** MX hosts that are passed over, by name or address. */
  skipHosts: z.array(z.union([domainName, ipAddress])).max(100),
  /**
   * After a connection that ended in the middle of a message: the next goes to another host where there is one, to the hosts in their order
   * as if nothing had been, or the path rests first.
   */
  reconnect: z.enum(['next_host', 'same_host', 'stop']),
  /** Failed connects in a row before the path rests. */
  connectFailuresBeforeRest: z.number().int().min(1).max(1000),
  hostRestSeconds: z.number().int().min(0).max(daySeconds),
  /** On MX-routed mail in internet mode: whether RFC 1918 and other private addresses may be dialled. */
  privateHosts: z.boolean(),
  // TLS.
  tls: tlsMode,
  tlsMinVersion: z.enum(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']),
  /** OpenSSL cipher list; null is the library's own. */
  tlsCiphers: z
    .string()
    .max(1000)
    .regex(/^[A-Za-z0-9:!@+_=.-]+$/)
    .nullable(),
  tlsRememberFailureSeconds: z
    .number()
    .int()
    .min(0)
    .max(30 * daySeconds),
  mtaSts: z.boolean(),
  dane: z.boolean(),
  /** Secret with PEM certificate chain and key that we show when asked. */
  clientCertificateSecretId: id.nullable(),
  // AUTH as a client: a smart host.
  authUsername: z.string().min(1).max(255).nullable(),
  authSecretId: id.nullable(),
  authWithoutTls: z.boolean(),
  // The queue.
  /** Null: the stream's own list. */
  retry: retrySchedule.nullable(),
  /** Null: the stream's own expiry. */
  maxAgeSeconds: z
    .number()
    .int()
    .min(60)
    .max(14 * daySeconds)
    .nullable(),
  window: deliveryWindow.nullable(),
  /** Mail of a domain that greylists is retried from the source of its last attempt. */
  greylistSameSource: z.boolean(),
  failureReports: reportTarget,
  /** Null: no report of delay. */
  delayReportAfterSeconds: z
    .number()
    .int()
    .min(60)
    .max(7 * daySeconds)
    .nullable(),
  delayReports: reportTarget,
  reportHookUrl: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .nullable(),
  /** Daily reports on TLS leave through the stream for which this is set, from this address. RFC 8460. Null: none are sent. */
  tlsReportsFrom: z
    .string()
    .max(254)
    .regex(/^[^\s@<>(),:;"\\[\]]{1,64}@[a-z0-9.-]+$/, 'an address such as tls-reports@example.com, its domain in lower case')
    .nullable(),
});
export type DeliverySettings = z.infer<typeof deliverySettings>;
export type SettingKey = keyof DeliverySettings;
export const settingKeys = Object.keys(deliverySettings.shape) as SettingKey[];

export const defaultDeliverySettings: DeliverySettings = {
  protocol: 'smtp',
  connectTimeoutMs: minuteMs,
  greetingTimeoutMs: 5 * minuteMs, // RFC 5321 section 4.5.3.2.1
  ehloTimeoutMs: 5 * minuteMs,
  startTlsTimeoutMs: 2 * minuteMs,
  handshakeTimeoutMs: minuteMs,
  authTimeoutMs: minuteMs,
  mailTimeoutMs: 5 * minuteMs, // RFC 5321 section 4.5.3.2.2
  rcptTimeoutMs: 5 * minuteMs, // RFC 5321 section 4.5.3.2.3
  dataTimeoutMs: 2 * minuteMs, // RFC 5321 section 4.5.3.2.4
  dataBlockTimeoutMs: 3 * minuteMs, // RFC 5321 section 4.5.3.2.5
  messageTimeoutMs: 10 * minuteMs, // RFC 5321 section 4.5.3.2.6
  resetTimeoutMs: 5 * minuteMs,
  quitTimeoutMs: 5000,
  idleTimeoutMs: 5000,
  messagesPerConnection: 100,
  recipientsPerTransaction: 100, // RFC 5321 section 4.5.3.1.8
  connectionsPerPath: 50,
  ehloName: null,
  pipelining: true,
  chaining: true,
  chunking: false,
  reset: true,
  addressFamily: 'source',
  skipHosts: [],
  reconnect: 'next_host',
  connectFailuresBeforeRest: 1,
  hostRestSeconds: 60,
  privateHosts: false,
  tls: 'opportunistic',
  // RFC 7435 section 3: any TLS is better than none where plaintext is the alternative.
  tlsMinVersion: 'TLSv1',
  tlsCiphers: null,
  tlsRememberFailureSeconds: 3 * daySeconds,
  mtaSts: true,
  dane: true,
  clientCertificateSecretId: null,
  authUsername: null,
  authSecretId: null,
  authWithoutTls: false,
  retry: null,
  maxAgeSeconds: null,
  window: null,
  greylistSameSource: true,
  failureReports: 'sender',
  delayReportAfterSeconds: null,
  delayReports: 'none',
  reportHookUrl: null,
  tlsReportsFrom: null,
};

/** What a rule may name, weakest first: a rule that names a stronger dimension wins over any that names only weaker ones. */
export const settingDimensions = ['provider', 'site', 'domain', 'source', 'tenant', 'stream'] as const;
export const settingDimension = z.enum(settingDimensions);
export type SettingDimension = z.infer<typeof settingDimension>;

/**
 * What a rule may name that gives a setting. Connections are shared by the domains of a site, by tenants and streams; how the waiting
 * of mail goes is known before its source is; a domain's policy is sought before anything else of the mail is known.
 */
const reaches = {
  mail: settingDimensions,
  queue: ['provider', 'site', 'domain', 'tenant', 'stream'],
  connection: ['provider', 'site', 'source'],
  domain: ['domain'],
  stream: ['tenant', 'stream'],
} as const satisfies Record<string, readonly SettingDimension[]>;
type Reach = keyof typeof reaches;

/** The settings that are not of connections. */
const reachOf: { readonly [key in SettingKey]?: Reach } = {
  recipientsPerTransaction: 'mail',
  addressFamily: 'mail',
  tls: 'mail',
  tlsMinVersion: 'mail',
  tlsCiphers: 'mail',
  tlsRememberFailureSeconds: 'mail',
  dane: 'mail',
  clientCertificateSecretId: 'mail',
  mtaSts: 'domain',
  retry: 'queue',
  maxAgeSeconds: 'queue',
  window: 'queue',
  greylistSameSource: 'queue',
  failureReports: 'queue',
  delayReportAfterSeconds: 'queue',
  delayReports: 'queue',
  reportHookUrl: 'queue',
  tlsReportsFrom: 'stream',
};

/** The dimensions that a rule giving this setting may name. */
export const dimensionsOf = (key: SettingKey): readonly SettingDimension[] => reaches[reachOf[key] ?? 'connection'];

/** A rule: these values where all of `where` matches. An empty `where` changes the default of everything. */
export const settingFields = {
  name: entityName,
  where: z.partialRecord(settingDimension, z.string().min(1).max(253)),
  values: deliverySettings.partial(),
  enabled: z.boolean().default(true),
};
