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
  type Meaning,
  type Steps,
} from '@sluice/policy';
import { domainOwners } from './domain-owners.ts';
import { bodiesOf, entitiesOf, type EntitySet, type StoredEntity } from './entity-set.ts';
import type { Generation, WithId } from './generation.ts';
import { madeOf } from './made-of-kinds.ts';

type Keyed<T> = ReadonlyMap<string, WithId<T>>;
type RelayNetwork = { prefix: number; network: BlockList; relay: WithId<RelayBody> };

/** The bodies of a kind by something that only one of them has. */
const keyed = <K extends EntityKind>(kind: K, keyOf: (entity: StoredEntity<K>) => string) =>
  madeOf([kind], function* (set): Steps<Keyed<EntityBody<K>>> {
    const index = new Map<string, StoredEntity<K>['body']>();
    const due = everyFew();
    for (const entity of entitiesOf(set, kind).values()) {
      index.set(keyOf(entity), entity.body);
      if (due()) yield;
    }
    return index;
  });

const relayNetworks = madeOf(['relay'], function* (set): Steps<readonly RelayNetwork[]> {
  const networks: RelayNetwork[] = [];
  const due = everyFew();
  for (const body of bodiesOf(set, 'relay')) {
    const [address = '', length = ''] = body.cidr.split('/');
    const network = new BlockList();
    network.addSubnet(address, Number(length), isIPv6(address) ? 'ipv6' : 'ipv4');
    if (body.enabled) networks.push({ prefix: Number(length), network, relay: body });
    if (due()) yield;
  }
  return networks.sort((a, b) => b.prefix - a.prefix);
});

/**
 * The active key per tenant and domain; of several the one configured last, so that a rotation takes effect with its revision. One whose
 * private half is not on this installation would hold its mail for ever: it is passed over.
 */
const signingKeys = madeOf(['dkim_key'], function* (set): Steps<Keyed<DkimKeyBody>> {
  const index = new Map<string, WithId<DkimKeyBody>>();
  const due = everyFew();
  const active: StoredEntity<'dkim_key'>[] = [];
  for (const entity of entitiesOf(set, 'dkim_key').values()) {
    if (entity.body.state === 'active' && !entity.body.keyMissing) active.push(entity);
    if (due()) yield;
  }
  active.sort((a, b) => a.revision - b.revision || (a.id < b.id ? -1 : 1));
  for (const { body } of active) {
    index.set(`${body.tenantId}\0${body.domain}`, body);
    if (due()) yield;
  }
  return index;
});

function providerSuffixes(set: EntitySet): Keyed<ProviderBody> {
  const index = new Map<string, WithId<ProviderBody>>();
  for (const body of bodiesOf(set, 'provider')) for (const suffix of body.mxSuffixes) index.set(suffix, body);
  return index;
}

const noRules: readonly ReplyRule[] = [];

/** `::ffff:192.0.2.1` is how a dual-stack listener names an IPv4 peer. RFC 4291 section 2.5.5.2. */
const mappedIpv4 = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/** The same object as long as no rule changes: what was learnt of mail under it stays good. */
const automationRules = madeOf(['automation'], (set) => compilingAutomation(bodiesOf(set, 'automation')));
const limitSet = madeOf(['limit'], (set) => compilingLimits(bodiesOf(set, 'limit')));
const settingRules = madeOf(['setting'], (set) => compilingSettings(bodiesOf(set, 'setting')));
const warmUpSet = madeOf(['warm_up'], (set) => compilingWarmUps(bodiesOf(set, 'warm_up')));

const streamsByName = keyed('stream', (entity) => `${entity.body.tenantId}\0${entity.body.name}`);
const credentialsByName = keyed('credential', (entity) => entity.body.username);
const poolsByName = keyed('pool', (entity) => entity.body.name);
const routesByDomain = keyed('route', (entity) => entity.body.domain);
const providersByKey = keyed('provider', (entity) => entity.body.key);

/** Provider -> key of a reply rule -> what it says. */
const replyMeanings = madeOf(['provider'], function* (set): Steps<ReadonlyMap<string, Map<string, Meaning>>> {
  const meanings = new Map<string, Map<string, Meaning>>();
  const due = everyFew();
  for (const { body } of entitiesOf(set, 'provider').values()) {
    meanings.set(body.key, new Map(body.replyRules.map(({ key, remedy, identity }) => [key, { remedy, identity }])));
    if (due()) yield;
  }
  return meanings;
});

/** Indexes an entity set whose bodies and references were already checked, in steps. What no change touched is as it was. */
export function* indexing(set: EntitySet): Steps<Generation> {
  const [tenants, streams, sources] = [entitiesOf(set, 'tenant'), entitiesOf(set, 'stream'), entitiesOf(set, 'source')];
  const [pools, limits] = [entitiesOf(set, 'pool'), entitiesOf(set, 'limit')];
  const streamsById = [...bodiesOf(set, 'stream')].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const streamNames = yield* streamsByName(set);
  const credentials = yield* credentialsByName(set);
  const owners = yield* domainOwners(set);
  const keys = yield* signingKeys(set);
  const poolNames = yield* poolsByName(set);
  const routes = yield* routesByDomain(set);
  const suffixes = providerSuffixes(set);
  const meanings = yield* replyMeanings(set);
  const providers = yield* providersByKey(set);
  const automation = yield* automationRules(set);
  const relays = yield* relayNetworks(set);
  const compiledLimits = yield* limitSet(set);
  const settings = yield* settingRules(set);
  const warmUps = yield* warmUpSet(set);
  return {
    revision: set.revision,
    contentRoot: set.contentRoot,
    tenant: (id) => tenants.get(id)?.body,
    stream: (id) => streams.get(id)?.body,
    streams: () => streamsById,
    streamNamed: (tenantId, name) => streamNames.get(`${tenantId}\0${name}`),
    credential: (username) => credentials.get(username),
    relayFor: (address) => {
      const plain = mappedIpv4.exec(address)?.[1] ?? address;
      const family = isIPv6(plain) ? 'ipv6' : 'ipv4';
      return relays.find(({ network }) => network.check(plain, family))?.relay;
    },
    ownsDomain: (tenantId, domain) => owners.get(domain) === tenantId,
    signingKey: (tenantId, domain) => keys.get(`${tenantId}\0${domain}`),
    source: (id) => sources.get(id)?.body,
    sources: () => bodiesOf(set, 'source'),
    pool: (id) => pools.get(id)?.body,
    poolNamed: (name) => poolNames.get(name),
    route: (domain) => matchingRoute(domain, (pattern) => routes.get(pattern)),
    providerOf: (mxHost) => longestSuffix(suffixes, mxHost),
    replyRules: (provider) => providers.get(provider)?.replyRules ?? noRules,
    replyMeaning: (provider, replyRule) => (provider === null ? null : (meanings.get(provider)?.get(replyRule) ?? null)),
    providerKeyed: (key) => providers.get(key),
    automation,
    limit: (id) => limits.get(id)?.body,
    limits: compiledLimits,
    settings,
    warmUps,
  };
}
