// What the drill `throttle-accuracy` limits: twenty limits of different scopes at once, each with mail of its own that it binds. Mail tells
// its class by the local part of its sender, so that the receiver knows it at MAIL FROM.
import { id, type Entity } from '../../scenarios/testing/world.ts';

/** Mail of one class: more of it than its limit lets out. */
export type MailClass = {
  name: string;
  /** Domains it goes to, in turn; each has a host of its own unless `host` says one for all. */
  domains: string[];
  host?: string;
  /** Number of the tenant, whose relay is 127.42.9.N. */
  tenant: number;
  headers: Record<string, string>;
  bytes: number;
  /** Messages a second that its limits let out in all, to know how many are needed. */
  perSecond: number;
};

export type Counted = { sender: string; source: string; domain: string; tenant: number };
export type PlannedLimit = {
  number: number;
  scope: string;
  body: {
    where: Record<string, string>;
    by: string[];
    kind: string;
    count: number;
    perSeconds: number;
    burst: number | null;
    zone?: string;
  };
  /** Count in force after the live change. */
  later?: number;
  /** The counter under which mail counts; null: not under this limit. */
  keyOf: (mail: Counted) => string | null;
  /** Mail enough is there that it has to be used in full. */
  binds: boolean;
};

export const commonSources = 6;
const soloSource = id(150);
const pairSources = [id(151), id(152)];
const lastSource = id(153);
const ownSources = new Map([
  [soloSource, '127.42.0.50'],
  ...pairSources.map((source, index): [string, string] => [source, `127.42.0.${51 + index}`]),
  [lastSource, '127.42.0.53'],
]);
const pools = { common: id(1), solo: id(11), pair: id(12), last: id(13) };
const poolNames = { solo: 'solo', pair: 'pair', last: 'last' };
const tenants = 4;
const tenantId = (number: number): string => (number === 1 ? id(2) : id(20 + number));
const streamId = (number: number): string => (number === 1 ? id(3) : id(30 + number));
const secondStream = id(39);
const rate = (count: number, where: Record<string, string>, by: string[] = [], burst: number | null = null) => ({
  ...{ where, by, kind: 'message_rate', count, perSeconds: 1, burst },
});

const mail = (name: string, perSecond: number, more: Partial<MailClass> = {}): MailClass => ({
  ...{ name, perSecond, domains: [`${name}.example`], tenant: 1, headers: {}, bytes: 1_000 },
  ...more,
});
const several = (name: string, count: number): string[] => Array.from({ length: count }, (_, index) => `d${index}.${name}.example`);

export const classes: MailClass[] = [
  mail('source', 25, { headers: { pool: poolNames.solo } }),
  mail('pool', 40, { domains: several('pool', 3), headers: { pool: poolNames.pair, campaign: 'p2' } }),
  mail('alpha', 30, { domains: several('alpha', 5) }),
  mail('site', 12),
  mail('domain', 15),
  mail('tenant', 20, { tenant: 2, domains: several('tenant', 3) }),
  mail('stream', 18, { headers: { stream: 'second' } }),
  mail('campaign', 10, { headers: { campaign: 'c8' } }),
  mail('beta', 16, { headers: { pool: poolNames.pair } }),
  mail('gamma', 9, { tenant: 3, domains: several('gamma', 2) }),
  mail('gamma2', 9, { tenant: 4, domains: ['other.gamma.example'] }),
  mail('delta', 32, { domains: several('delta', 2), headers: { pool: poolNames.pair } }),
  mail('eps', 16, { domains: several('eps', 2) }),
  mail('zeta', 12, { headers: { pool: poolNames.last } }),
  mail('node', 12),
  mail('parts', 16, { domains: several('parts', 2), headers: { campaign: 'c15' } }),
  mail('eta', 10, { bytes: 3_000, headers: { pool: poolNames.last } }),
  mail('daily', 10),
  mail('theta', 10),
  mail('begun', 10),
];

/** Providers by the end of their hosts' names. */
const providers = ['alpha', 'beta', 'gamma', 'delta', 'eps', 'zeta', 'eta', 'theta'];
const providerOf = ({ domain }: Counted): string | undefined =>
  providers.find((key) => domain === `${key}.example` || domain.endsWith(`.${key}.example`));
const hostOf = (domain: string): string => `mx.${domain}`;
const ofProvider =
  (key: string, key2 = (_: Counted): string => 'all') =>
  (one: Counted) =>
    providerOf(one) === key ? key2(one) : null;
const ofClass =
  (name: string, key2 = (_: Counted): string => 'all') =>
  (one: Counted) =>
    one.sender === name ? key2(one) : null;

export const dailyCap = 150;
export const hourlyCap = 120;

export const limits: PlannedLimit[] = [
  { number: 1, scope: 'source', body: rate(25, { source: soloSource }), keyOf: ofClass('source'), binds: true },
  { number: 2, scope: 'pool and campaign', body: rate(40, { pool: pools.pair, campaign: 'p2' }), keyOf: ofClass('pool'), binds: true },
  { number: 3, scope: 'provider', body: rate(30, { provider: 'alpha' }), later: 60, keyOf: ofProvider('alpha'), binds: true },
  { number: 4, scope: 'site', body: rate(12, { site: hostOf('site.example') }), keyOf: ofClass('site'), binds: true },
  { number: 5, scope: 'domain', body: rate(15, { domain: 'domain.example' }), later: 8, keyOf: ofClass('domain'), binds: true },
  {
    number: 6,
    scope: 'tenant',
    body: rate(20, { tenant: tenantId(2) }),
    keyOf: ({ tenant }) => (tenant === 2 ? 'all' : null),
    binds: true,
  },
  { number: 7, scope: 'stream', body: rate(18, { stream: secondStream }), keyOf: ofClass('stream'), binds: true },
  { number: 8, scope: 'campaign', body: rate(10, { campaign: 'c8' }, [], 4), later: 20, keyOf: ofClass('campaign'), binds: true },
  {
    number: 9,
    scope: 'provider, by source',
    body: rate(8, { provider: 'beta' }, ['source']),
    keyOf: ofProvider('beta', ({ source }) => source),
    binds: true,
  },
  {
    number: 10,
    scope: 'provider, by tenant',
    body: rate(9, { provider: 'gamma' }, ['tenant']),
    keyOf: ofProvider('gamma', ({ tenant }) => String(tenant)),
    binds: true,
  },
  {
    number: 11,
    scope: 'provider, by source and site',
    body: rate(8, { provider: 'delta' }, ['source', 'site']),
    keyOf: ofProvider('delta', ({ source, domain }) => `${source} ${domain}`),
    binds: true,
  },
  {
    number: 12,
    scope: 'provider, by tenant, stream and domain',
    body: rate(8, { provider: 'eps' }, ['tenant', 'stream', 'domain']),
    keyOf: ofProvider('eps', ({ domain }) => domain),
    binds: true,
  },
  {
    number: 13,
    scope: 'pool and provider',
    body: rate(12, { pool: pools.last, provider: 'zeta' }),
    keyOf: ofProvider('zeta'),
    binds: true,
  },
  { number: 14, scope: 'node and domain', body: rate(12, { node: 'drill', domain: 'node.example' }), keyOf: ofClass('node'), binds: true },
  {
    number: 15,
    scope: 'campaign, by domain',
    body: rate(8, { campaign: 'c15' }, ['domain'], 0),
    keyOf: ofClass('parts', ({ domain }) => domain),
    binds: false,
  },
  {
    number: 16,
    scope: 'provider, by source (bytes)',
    body: { ...rate(40_000, { provider: 'eta' }, ['source']), kind: 'byte_rate' },
    keyOf: ofProvider('eta', ({ source }) => source),
    binds: true,
  },
  {
    number: 17,
    scope: 'domain (a day)',
    body: { ...rate(dailyCap, { domain: 'daily.example' }), kind: 'daily_cap', zone: 'Europe/Berlin' },
    keyOf: ofClass('daily'),
    binds: true,
  },
  {
    number: 18,
    scope: 'provider, by tenant (an hour)',
    body: { ...rate(hourlyCap, { provider: 'theta' }, ['tenant']), kind: 'hourly_cap', zone: 'Asia/Kathmandu' },
    keyOf: ofProvider('theta', ({ tenant }) => String(tenant)),
    binds: true,
  },
  {
    number: 19,
    scope: 'provider, by source (connections)',
    body: { ...rate(2, { provider: 'delta' }, ['source', 'site']), kind: 'connections' },
    keyOf: () => null,
    binds: false,
  },
  {
    number: 20,
    scope: 'site (connections begun)',
    body: { ...rate(10, { site: hostOf('begun.example') }), kind: 'connection_rate' },
    keyOf: () => null,
    binds: true,
  },
  { number: 21, scope: 'node', body: rate(900, { node: 'drill' }, ['node'], 100), keyOf: () => 'all', binds: false },
];

const limitEntity = ({ number, scope, body, later }: PlannedLimit, changed: boolean): Entity => ({
  ...{ kind: 'limit', id: id(600 + number) },
  body: { name: `${number} ${scope}`, ...body, count: changed ? (later ?? body.count) : body.count },
});
const limitEntities = limits.map((limit) => limitEntity(limit, false));
export const changedEntities = limits.filter(({ later }) => later !== undefined).map((limit) => limitEntity(limit, true));

const source = (entityId: string, address: string): Entity => ({
  ...{ kind: 'source', id: entityId },
  body: { name: `source ${address}`, publicAddress: address, bindAddress: address, family: 4, ehloName: 'mta.sender.example' },
});
const pool = (entityId: string, name: string, sources: string[]): Entity => ({
  ...{ kind: 'pool', id: entityId },
  body: { name, members: sources.map((sourceId) => ({ sourceId, weight: 1 })) },
});

/** Beside those of the scenario's world: its tenant 1 with pool, stream, domain and relay. */
export function entities(): Entity[] {
  const poolIds = Object.values(pools);
  const more = Array.from({ length: tenants - 1 }, (_, index) => index + 2);
  return [
    ...[...ownSources].map(([entityId, address]) => source(entityId, address)),
    pool(pools.solo, poolNames.solo, [soloSource]),
    pool(pools.pair, poolNames.pair, pairSources),
    pool(pools.last, poolNames.last, [lastSource]),
    ...more.flatMap((number) => [
      { kind: 'tenant', id: tenantId(number), body: { name: `Tenant ${number}`, slug: `tenant-${number}` } },
      { kind: 'stream', id: streamId(number), body: { tenantId: tenantId(number), name: 'mail', poolIds } },
      { kind: 'domain', id: id(40 + number), body: { tenantId: tenantId(number), domain: `sender${number}.example` } },
      {
        ...{ kind: 'relay', id: id(50 + number) },
        body: { tenantId: tenantId(number), streamId: streamId(number), cidr: `127.42.9.${number}/32` },
      },
    ]),
    { kind: 'stream', id: secondStream, body: { tenantId: tenantId(1), name: 'second', poolIds } },
    ...providers.map((key, index) => ({
      ...{ kind: 'provider', id: id(700 + index) },
      body: { key, name: key, mxSuffixes: [`${key}.example`] },
    })),
    {
      ...{ kind: 'setting', id: id(801) },
      body: { name: 'one a connection', where: { site: hostOf('begun.example') }, values: { messagesPerConnection: 1 } },
    },
    ...limitEntities,
  ];
}

export const streamOptions = { poolIds: Object.values(pools) };
export const domains = [...new Set(classes.flatMap((one) => one.domains))];
export const hostNameOf = hostOf;
export const senderDomain = (tenant: number): string => (tenant === 1 ? 'sender.example' : `sender${tenant}.example`);
