// A generation as maps: built once from an entity set, then only read. Every question of the hot path is one or two map look-ups; only
// the relay network match walks a list, once per submission connection.
import { BlockList, isIPv6 } from 'node:net';
import type { DkimKeyBody, EntityKind, ProviderBody, RelayBody, ReplyRule } from '@sluice/contract';
import type { EntityBody } from '@sluice/contract';
import {
  compilingAutomation,
  compilingLimits,
  compilingSettings,
  compilingWarmUps,
  everyFew,
  longestSuffix,
  matchingRoute,
  type AutomationRules,
  type Meaning,
  type Steps,
} from '@sluice/policy';
import { entitiesOf, type EntitySet, type StoredEntity } from './entity-set.ts';
import type { Generation, WithId } from './generation.ts';

type Keyed<T> = Map<string, WithId<T>>;
type RelayNetwork = { prefix: number; network: BlockList; relay: WithId<RelayBody> };

function* keyed<K extends EntityKind>(set: EntitySet, kind: K, keyOf: (entity: StoredEntity<K>) => string): Steps<Keyed<EntityBody<K>>> {
  const index: Keyed<EntityBody<K>> = new Map();
  const due = everyFew();
  for (const entity of entitiesOf(set, kind).values()) {
    index.set(keyOf(entity), { ...entity.body, id: entity.id });
    if (due()) yield;
  }
  return index;
}

function* relayNetworks(set: EntitySet): Steps<RelayNetwork[]> {
  const networks: RelayNetwork[] = [];
  const due = everyFew();
  for (const { id, body } of entitiesOf(set, 'relay').values()) {
    const [address = '', length = ''] = body.cidr.split('/');
    const network = new BlockList();
    network.addSubnet(address, Number(length), isIPv6(address) ? 'ipv6' : 'ipv4');
    if (body.enabled) networks.push({ prefix: Number(length), network, relay: { ...body, id } });
    if (due()) yield;
  }
  return networks.sort((a, b) => b.prefix - a.prefix);
}

/**
 * The active key per tenant and domain; of several the one configured last, so that a rotation takes effect with its revision. One whose
 * private half is not on this installation would hold its mail for ever: it is passed over.
 */
function* signingKeys(set: EntitySet): Steps<Keyed<DkimKeyBody>> {
  const index: Keyed<DkimKeyBody> = new Map();
  const due = everyFew();
  const active = [...entitiesOf(set, 'dkim_key').values()].filter(({ body }) => body.state === 'active' && !body.keyMissing);
  active.sort((a, b) => a.revision - b.revision || (a.id < b.id ? -1 : 1));
  for (const { id, body } of active) {
    index.set(`${body.tenantId}\0${body.domain}`, { ...body, id });
    if (due()) yield;
  }
  return index;
}

function providerSuffixes(set: EntitySet): Keyed<ProviderBody> {
  const index: Keyed<ProviderBody> = new Map();
  for (const { id, body } of entitiesOf(set, 'provider').values()) {
    for (const suffix of body.mxSuffixes) index.set(suffix, { ...body, id });
  }
  return index;
}

const noRules: readonly ReplyRule[] = [];

/** `::ffff:192.0.2.1` is how a dual-stack listener names an IPv4 peer. RFC 4291 section 2.5.5.2. */
const mappedIpv4 = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

const compiledAutomation = new WeakMap<object, AutomationRules>();

/** The same object as long as no rule changes: what was learnt of mail under it stays good. */
function* automationRules(set: EntitySet): Steps<AutomationRules> {
  const entities = entitiesOf(set, 'automation');
  const known = compiledAutomation.get(entities);
  if (known) return known;
  const compiled = yield* compilingAutomation((yield* keyed(set, 'automation', (entity) => entity.id)).values());
  compiledAutomation.set(entities, compiled);
  return compiled;
}

/** Provider -> key of a reply rule -> what it says. */
function* replyMeanings(set: EntitySet): Steps<Map<string, Map<string, Meaning>>> {
  const meanings = new Map<string, Map<string, Meaning>>();
  const due = everyFew();
  for (const { body } of entitiesOf(set, 'provider').values()) {
    meanings.set(body.key, new Map(body.replyRules.map(({ key, remedy, identity }) => [key, { remedy, identity }])));
    if (due()) yield;
  }
  return meanings;
}

/** Indexes an entity set whose bodies and references were already checked, in steps. */
export function* indexing(set: EntitySet): Steps<Generation> {
  const tenants = yield* keyed(set, 'tenant', (entity) => entity.id);
  const streams = yield* keyed(set, 'stream', (entity) => entity.id);
  const streamsById = [...streams.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const streamNames = yield* keyed(set, 'stream', (entity) => `${entity.body.tenantId}\0${entity.body.name}`);
  const credentials = yield* keyed(set, 'credential', (entity) => entity.body.username);
  const owned = new Set<string>();
  const due = everyFew();
  for (const { body } of entitiesOf(set, 'domain').values()) {
    owned.add(`${body.tenantId}\0${body.domain}`);
    if (due()) yield;
  }
  const keys = yield* signingKeys(set);
  const sources = yield* keyed(set, 'source', (entity) => entity.id);
  const pools = yield* keyed(set, 'pool', (entity) => entity.id);
  const poolNames = yield* keyed(set, 'pool', (entity) => entity.body.name);
  const routes = yield* keyed(set, 'route', (entity) => entity.body.domain);
  const suffixes = providerSuffixes(set);
  const rules = new Map<string, readonly ReplyRule[]>();
  for (const { body } of entitiesOf(set, 'provider').values()) rules.set(body.key, body.replyRules);
  const meanings = yield* replyMeanings(set);
  const providers = yield* keyed(set, 'provider', (entity) => entity.body.key);
  const automation = yield* automationRules(set);
  const relays = yield* relayNetworks(set);
  const limits = yield* keyed(set, 'limit', (entity) => entity.id);
  const limitSet = yield* compilingLimits(limits.values());
  const settings = yield* compilingSettings((yield* keyed(set, 'setting', (entity) => entity.id)).values());
  const warmUps = yield* compilingWarmUps((yield* keyed(set, 'warm_up', (entity) => entity.id)).values());
  return {
    revision: set.revision,
    contentRoot: set.contentRoot,
    tenant: (id) => tenants.get(id),
    stream: (id) => streams.get(id),
    streams: () => streamsById,
    streamNamed: (tenantId, name) => streamNames.get(`${tenantId}\0${name}`),
    credential: (username) => credentials.get(username),
    relayFor: (address) => {
      const plain = mappedIpv4.exec(address)?.[1] ?? address;
      const family = isIPv6(plain) ? 'ipv6' : 'ipv4';
      return relays.find(({ network }) => network.check(plain, family))?.relay;
    },
    ownsDomain: (tenantId, domain) => owned.has(`${tenantId}\0${domain}`),
    signingKey: (tenantId, domain) => keys.get(`${tenantId}\0${domain}`),
    source: (id) => sources.get(id),
    sources: () => sources.values(),
    pool: (id) => pools.get(id),
    poolNamed: (name) => poolNames.get(name),
    route: (domain) => matchingRoute(domain, (pattern) => routes.get(pattern)),
    providerOf: (mxHost) => longestSuffix(suffixes, mxHost),
    replyRules: (provider) => rules.get(provider) ?? noRules,
    replyMeaning: (provider, replyRule) => (provider === null ? null : (meanings.get(provider)?.get(replyRule) ?? null)),
    providerKeyed: (key) => providers.get(key),
    automation,
    limit: (id) => limits.get(id),
    limits: limitSet,
    settings,
    warmUps,
  };
}
