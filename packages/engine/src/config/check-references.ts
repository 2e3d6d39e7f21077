// What one entity body cannot say about itself: that what it refers to exists and belongs to the same tenant, and that names by which the
// engine looks things up are unique. Runs over the whole next set, since a deletion breaks entities that did not change.
import { groupsProblem, maxAutomationRules, type ConfigProblem, type EntityKind } from '@sluice/contract';
import { everyFew, patternsFit, scheduleProblem, type Steps } from '@sluice/policy';
import { domainOwners } from './domain-owners.ts';
import { entitiesOf, type EntitySet, type StoredEntity } from './entity-set.ts';
import { madeOf } from './made-of-kinds.ts';

/** Problems told about one refused revision; the rest would not help anybody to read. */
export const maxProblems = 100;

export type Report = (kind: EntityKind, id: string, field: string, message: string) => void;

/** What a check finds, asked anew only when a kind that it looks at was changed. */
function check(kinds: readonly [EntityKind, ...EntityKind[]], look: (set: EntitySet, report: Report) => Steps<void>) {
  return madeOf(kinds, function* (set) {
    const problems: ConfigProblem[] = [];
    yield* look(set, (kind, id, field, message) => {
      if (problems.length < maxProblems) problems.push({ kind, id, field, message });
    });
    return problems;
  });
}

/** No two of the kind have the same. */
const unique = <K extends EntityKind>(kind: K, field: string, keyOf: (entity: StoredEntity<K>) => string) =>
  check([kind], (set, report) => checkUnique(set, kind, field, keyOf, report));

const checks = [
  check(['pool', 'source'], checkPools),
  check(['stream', 'tenant', 'pool'], checkStreams),
  check(['credential', 'relay', 'tenant', 'stream'], checkSubmitters),
  check(['domain', 'tenant'], checkDomains),
  check(['dkim_key', 'domain'], checkKeys),
  check(['warm_up', 'source'], checkWarmUps),
  check(['automation', 'pool'], checkAutomation),
  unique('pool', 'name', (entity) => entity.body.name),
  unique('provider', 'key', (entity) => entity.body.key),
  unique('route', 'domain', (entity) => entity.body.domain),
  unique('credential', 'username', (entity) => entity.body.username),
  unique('domain', 'domain', (entity) => entity.body.domain),
  unique('stream', 'name', (entity) => `${entity.body.tenantId}\0${entity.body.name}`),
  unique('warm_up', 'name', (entity) => entity.body.name),
  unique('relay', 'cidr', (entity) => entity.body.cidr),
];

/** All problems between entities, at most `maxProblems`, in steps. */
export function* checkingReferences(set: EntitySet): Steps<ConfigProblem[]> {
  const problems: ConfigProblem[] = [];
  for (const look of checks) problems.push(...(yield* look(set)).slice(0, maxProblems - problems.length));
  return problems;
}

function* checkPools(set: EntitySet, report: Report): Steps<void> {
  const due = everyFew();
  const sources = entitiesOf(set, 'source');
  for (const pool of entitiesOf(set, 'pool').values()) {
    if (due()) yield;
    const seen = new Set<string>();
    pool.body.members.forEach((member, index) => {
      if (!sources.has(member.sourceId)) report('pool', pool.id, `members.${index}.sourceId`, `source ${member.sourceId} does not exist`);
      if (seen.has(member.sourceId)) report('pool', pool.id, `members.${index}.sourceId`, `source ${member.sourceId} is listed twice`);
      seen.add(member.sourceId);
    });
  }
}

/** Together they are bounded: in number, and in the patterns that a refusal is read by. */
function* checkAutomation(set: EntitySet, report: Report): Steps<void> {
  const due = everyFew();
  const rules = entitiesOf(set, 'automation');
  const pools = entitiesOf(set, 'pool');
  for (const { id, body } of rules.values()) {
    if (due()) yield;
    const { action } = body;
    if (action.kind === 'move' && !pools.has(action.poolId))
      report('automation', id, 'action.poolId', `pool ${action.poolId} does not exist`);
  }
  const [first] = rules.keys();
  if (first === undefined) return;
  if (rules.size > maxAutomationRules) report('automation', first, '', `more than ${maxAutomationRules} rules`);
  yield;
  if (!patternsFit([...rules.values()].map(({ body }) => body)))
    report('automation', first, 'trigger.match.pattern', 'the patterns of all rules together are too long');
}

function* checkStreams(set: EntitySet, report: Report): Steps<void> {
  const due = everyFew();
  const tenants = entitiesOf(set, 'tenant');
  const pools = entitiesOf(set, 'pool');
  for (const stream of entitiesOf(set, 'stream').values()) {
    if (due()) yield;
    if (!tenants.has(stream.body.tenantId)) report('stream', stream.id, 'tenantId', `tenant ${stream.body.tenantId} does not exist`);
    stream.body.poolIds.forEach((poolId, index) => {
      if (!pools.has(poolId)) report('stream', stream.id, `poolIds.${index}`, `pool ${poolId} does not exist`);
    });
  }
}

/** Credentials and relays: both speak for one stream of one tenant. */
function* checkSubmitters(set: EntitySet, report: Report): Steps<void> {
  const due = everyFew();
  const tenants = entitiesOf(set, 'tenant');
  const streams = entitiesOf(set, 'stream');
  for (const kind of ['credential', 'relay'] as const) {
    for (const { id, body } of entitiesOf(set, kind).values()) {
      if (due()) yield;
      if (!tenants.has(body.tenantId)) report(kind, id, 'tenantId', `tenant ${body.tenantId} does not exist`);
      const stream = streams.get(body.streamId);
      if (!stream) report(kind, id, 'streamId', `stream ${body.streamId} does not exist`);
      else if (stream.body.tenantId !== body.tenantId) report(kind, id, 'streamId', `stream ${body.streamId} belongs to another tenant`);
    }
  }
}

function* checkDomains(set: EntitySet, report: Report): Steps<void> {
  const due = everyFew();
  const tenants = entitiesOf(set, 'tenant');
  for (const { id, body } of entitiesOf(set, 'domain').values()) {
    if (due()) yield;
    if (!tenants.has(body.tenantId)) report('domain', id, 'tenantId', `tenant ${body.tenantId} does not exist`);
  }
}

function* checkKeys(set: EntitySet, report: Report): Steps<void> {
  const due = everyFew();
  const owners = yield* domainOwners(set);
  for (const { id, body } of entitiesOf(set, 'dkim_key').values()) {
    if (due()) yield;
    const owner = owners.get(body.domain);
    // A retired key may outlive its domain: it never signs.
    if (body.state === 'retired') continue;
    if (owner === undefined) report('dkim_key', id, 'domain', `${body.domain} is no sending domain`);
    else if (owner !== body.tenantId) report('dkim_key', id, 'domain', `${body.domain} is a sending domain of another tenant`);
  }
}

/** A source warms up for a provider under one plan only, or its ceilings would mean nothing. */
function* checkWarmUps(set: EntitySet, report: Report): Steps<void> {
  const due = everyFew();
  const sources = entitiesOf(set, 'source');
  const holders = new Map<string, string>();
  for (const { id, body } of entitiesOf(set, 'warm_up').values()) {
    const problem = groupsProblem(body.groups) ?? scheduleProblem(body.schedule);
    if (problem !== null) report('warm_up', id, 'groups', problem);
    const providers = body.groups.flatMap((group) => group.providers ?? ['']);
    for (const [index, sourceId] of body.sourceIds.entries()) {
      if (due()) yield;
      if (!sources.has(sourceId)) report('warm_up', id, `sourceIds.${index}`, `source ${sourceId} does not exist`);
      for (const provider of providers) {
        const key = `${sourceId}\0${provider}`;
        const holder = holders.get(key);
        const whose = provider === '' ? 'all other providers' : `provider ${provider}`;
        if (holder !== undefined && holder !== id)
          report('warm_up', id, `sourceIds.${index}`, `source ${sourceId} warms up for ${whose} under plan ${holder}`);
        holders.set(key, id);
      }
    }
  }
}

function* checkUnique<K extends EntityKind>(
  set: EntitySet,
  kind: K,
  field: string,
  keyOf: (entity: StoredEntity<K>) => string,
  report: Report,
): Steps<void> {
  const due = everyFew();
  const holders = new Map<string, string>();
  for (const entity of entitiesOf(set, kind).values()) {
    if (due()) yield;
    const key = keyOf(entity);
    const holder = holders.get(key);
    if (holder !== undefined) report(kind, entity.id, field, `is also used by ${kind} ${holder}`);
    else holders.set(key, entity.id);
  }
}
