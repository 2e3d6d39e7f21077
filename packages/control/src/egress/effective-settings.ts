// Which settings hold for a piece of mail, and which rule or static route each came from: the engine's own resolution over the rules that
// the operator may see; and the limits that bind it. A tenant-bound operator asks about its own tenant's mail, whatever it names.
import { isIP } from 'node:net';
import {
  defaultDeliverySettings,
  routeBody,
  settingDimensions,
  settingKeys,
  type RouteBody,
  type SettingDimension,
  type SettingKey,
} from '@sluice/contract';
import {
  limitsThatMatch,
  longestSuffix,
  matchingRoute,
  providerOfHosts,
  routePatterns,
  routeSettings,
  routeSite,
  routeTargets,
  SettingRules,
  type SettingContext,
} from '@sluice/policy';
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { domainPlace } from '@sluice/plane/console';
import { maxListRows } from '../bounds.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { settingRulesOf } from './delivery-settings.ts';
import { limitsOf } from './limits.ts';
import { assertNamesExist, namesFor, namesIn, namesOf } from './named.ts';
import { routeOf } from './routes.ts';
import { visibleEgress } from './visible.ts';

type Input = z.output<typeof api.settingsEffective.input>;
type Output = z.input<typeof api.settingsEffective.output>;
type From = Output['context'][number]['from'];
type Facts = Map<SettingDimension, { value: string; from: From }>;

export async function effectiveSettings(scope: Scope, input: Input): Promise<Output> {
  const stored = await routeFor(scope, input);
  const facts = await factsOf(scope, input, stored);
  const where = Object.fromEntries([...facts].map(([dimension, { value }]) => [dimension, value]));
  await assertNamesExist(scope, where);
  if (input.sourceId !== undefined) found((await visibleEgress(scope)).source(input.sourceId) || null, `source ${input.sourceId}`);
  const rules = await settingRulesOf(scope);
  const ruleNames = new Map(rules.map((rule) => [rule.id, rule.name]));
  const { values, origins } = new SettingRules(rules).resolve(where);
  const told = stored && routeSettings(stored);
  const names = await namesOf(scope, where);
  return {
    context: settingDimensions.flatMap((dimension) => {
      const fact = facts.get(dimension);
      return fact ? [{ dimension, ...fact, name: names[dimension] ?? null }] : [];
    }),
    values: settingKeys.map((key) => {
      const byDefault = shown(key, defaultDeliverySettings[key]);
      if (stored && told && key in told) {
        return { key, value: shown(key, told[key] ?? null), byDefault, rule: { kind: 'route', id: stored.id, name: stored.domain } };
      }
      const ruleId = origins[key];
      const rule = ruleId === null ? null : { kind: 'rule' as const, id: ruleId, name: ruleNames.get(ruleId) ?? '' };
      return { key, value: shown(key, values[key]), byDefault, rule };
    }),
    route: stored && routeOf(stored),
    limits: await limitsFor(scope, where),
  };
}

/** Secrets are told by their being there. */
function shown(key: SettingKey, value: Output['values'][number]['value']): Output['values'][number]['value'] {
  return key === 'authSecretId' || key === 'clientCertificateSecretId' ? value !== null || null : value;
}

async function limitsFor(scope: Scope, where: SettingContext): Promise<Output['limits']> {
  const matched = limitsThatMatch(await limitsOf(scope), where);
  const names = await namesIn(
    scope,
    matched.map(({ limit }) => limit.where),
  );
  return matched.map(({ limit: { enabled: _, ...limit }, open }) => ({
    ...limit,
    whereNames: namesFor(limit.where, names),
    open: [...open],
  }));
}

type StoredRoute = RouteBody & { id: string };

/** The static route of the domain, unless the question is about another site. */
async function routeFor({ db }: Scope, { domain, site }: Input): Promise<StoredRoute | null> {
  if (domain === undefined) return null;
  const rows = await db.route.findMany({ where: { domain: { in: routePatterns(domain) } } });
  const stored = new Map(rows.map((row) => [row.domain, row]));
  const row = matchingRoute(domain, (pattern) => stored.get(pattern));
  const route = row && { ...routeBody.parse(row), id: row.id };
  return route && (site === undefined || site === routeSite(route)) ? route : null;
}

async function factsOf(scope: Scope, input: Input, route: StoredRoute | null): Promise<Facts> {
  const { provider, site, domain, sourceId, tenantId, streamId } = input;
  const facts: Facts = new Map();
  const asked = { provider, site, domain, source: sourceId, tenant: tenantId ?? scope.actor.tenantId ?? undefined, stream: streamId };
  for (const dimension of settingDimensions) {
    const value = asked[dimension];
    if (value !== undefined) facts.set(dimension, { value, from: 'asked' });
  }
  if (streamId !== undefined) {
    const stream = found(await scope.db.stream.findUnique({ where: { id: streamId } }), `stream ${streamId}`);
    if (tenantId !== undefined && tenantId !== stream.tenantId) throw new Refusal('BAD_REQUEST', 'streamId: a stream of another tenant');
    facts.set('tenant', { value: stream.tenantId, from: 'stream' });
  }
  if (domain !== undefined && (provider === undefined || site === undefined)) await addPlace(scope, domain, facts, route);
  return facts;
}

/** Site and provider of a domain: a static route says them, else the engines' last reports of its mail do. */
async function addPlace(scope: Scope, domain: string, facts: Facts, route: StoredRoute | null): Promise<void> {
  const place = route ? { site: routeSite(route), provider: await providerOfRoute(scope, route) } : await domainPlace(scope.sql, domain);
  const from = route ? 'route' : 'events';
  if (place && !facts.has('site')) facts.set('site', { value: place.site, from });
  if (place?.provider && !facts.has('provider')) facts.set('provider', { value: place.provider, from });
}

async function providerOfRoute({ db }: Scope, route: StoredRoute): Promise<string | null> {
  const providers = await db.provider.findMany({ select: { key: true, mxSuffixes: true }, take: maxListRows });
  const index = new Map(providers.flatMap(({ key, mxSuffixes }) => mxSuffixes.map((suffix) => [suffix, key])));
  const hosts = routeTargets(route).map(({ host }) => host);
  return providerOfHosts(hosts, (host) => (isIP(host) === 0 ? (longestSuffix(index, host) ?? null) : null));
}
