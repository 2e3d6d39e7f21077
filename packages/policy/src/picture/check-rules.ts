// Limits, delivery settings, automation and providers: that what they name exists, and that something reaches them.
import { dimensionsOf, settingDimensions, settingKeys, type EntityKind, type LimitDimension } from '@sluice/contract';
import { canonicalJson } from '@sluice/contract/content-root';
import { patternsFit } from '../automation/index.ts';
import { everyFew, type Steps } from '../steps.ts';
import { streamName, type Picture, type Tell } from './picture.ts';

type Where = { readonly [dimension in LimitDimension]?: string | undefined };

/** All rules that name what they are for. */
export function* checkWheres(picture: Picture, tell: Tell): Steps<void> {
  const due = everyFew();
  const providers = new Set([...picture.provider.values()].map(({ key }) => key));
  for (const kind of ['limit', 'setting', 'automation'] as const)
    for (const [id, rule] of picture[kind]) {
      if (due()) yield;
      checkWhere(picture, providers, kind, id, rule.where, tell);
    }
}

function checkWhere(picture: Picture, providers: ReadonlySet<string>, kind: EntityKind, id: string, where: Where, tell: Tell): void {
  for (const dimension of ['source', 'pool', 'tenant', 'stream'] as const) {
    const named = where[dimension];
    if (named !== undefined && !picture[dimension].has(named)) {
      tell('error', kind, id, `where.${dimension}`, `the ${dimension} that it names does not exist`);
      return;
    }
  }
  const { provider, tenant, stream, pool, source } = where;
  if (provider !== undefined && !providers.has(provider)) tell('error', kind, id, 'where.provider', `there is no provider ${provider}`);
  if (tenant !== undefined && stream !== undefined && picture.stream.get(stream)?.tenantId !== tenant) {
    const whose = picture.tenant.get(tenant)?.slug ?? tenant;
    tell('warning', kind, id, 'where', `nothing reaches it: stream ${streamName(picture, stream)} is not one of tenant ${whose}`);
  }
  if (pool === undefined) return;
  const { name, members } = picture.pool.get(pool) ?? { name: pool, members: [] };
  if (source !== undefined && !members.some((member) => member.sourceId === source))
    tell('warning', kind, id, 'where', `nothing reaches it: source ${picture.source.get(source)?.name ?? source} is not in pool ${name}`);
  if (stream !== undefined && !picture.stream.get(stream)?.poolIds.includes(pool))
    tell('warning', kind, id, 'where', `nothing reaches it: stream ${streamName(picture, stream)} may not use pool ${name}`);
}

/** Of limits that count the same mail alike, only the tightest ever binds. */
export function* checkLimits(picture: Picture, tell: Tell): Steps<void> {
  const due = everyFew();
  const tightest = new Map<string, { id: string; name: string; rate: number; burst: number }>();
  const groups = new Map<string, string[]>();
  const keyOf = ({
    where,
    by,
    kind,
    zone,
    burst,
  }: {
    where: Where;
    by: readonly string[];
    kind: string;
    zone: string;
    burst: number | null;
  }) => canonicalJson({ where, by: by.toSorted(), kind, zone: kind.endsWith('_cap') ? zone : '', own: burst === null });
  for (const [id, limit] of picture.limit) {
    if (due()) yield;
    if (!limit.enabled) continue;
    const key = keyOf(limit);
    const facts = { id, name: limit.name, rate: limit.count / limit.perSeconds, burst: limit.burst ?? 0 };
    const group = groups.get(key);
    if (group) group.push(id);
    else groups.set(key, [id]);
    const best = tightest.get(key);
    if (!best || facts.rate < best.rate) tightest.set(key, facts);
  }
  for (const [key, ids] of groups) {
    if (due()) yield;
    const best = tightest.get(key);
    for (const id of ids) {
      const limit = picture.limit.get(id);
      if (!best || !limit || id === best.id || (limit.burst ?? 0) < best.burst) continue;
      tell('warning', 'limit', id, 'count', `it never binds: limit ${best.name} is as tight or tighter on the same mail`);
    }
  }
}

/** A value that a rule of the same match made later gives too is never used; one that such mail cannot be told is never heard. */
export function* checkSettings(picture: Picture, tell: Tell): Steps<void> {
  const due = everyFew();
  const later = new Map<string, Map<string, string>>();
  // Ids are time-ordered: the last made is looked at first.
  for (const [id, { name, where, values, enabled }] of [...picture.setting].toSorted(([a], [b]) => (a < b ? 1 : -1))) {
    if (due()) yield;
    if (!enabled) continue;
    const given = settingKeys.filter((key) => values[key] !== undefined);
    const named = settingDimensions.filter((dimension) => where[dimension] !== undefined);
    const unheard = given.filter((key) => !named.every((dimension) => dimensionsOf(key).includes(dimension)));
    for (const key of unheard)
      tell('warning', 'setting', id, `values.${key}`, `nobody hears it: ${key} cannot differ by ${named.join(' and ')}`);
    const key = canonicalJson(where);
    const winners = later.get(key) ?? new Map<string, string>();
    later.set(key, winners);
    const heard = given.filter((setting) => !unheard.includes(setting));
    const winner = heard.map((setting) => winners.get(setting)).find((other) => other !== undefined);
    if (heard.length > 0 && winner !== undefined && heard.every((setting) => winners.has(setting)))
      tell('warning', 'setting', id, 'where', `nothing reaches it: rule ${winner} names the same mail and was made later`);
    for (const setting of heard) if (!winners.has(setting)) winners.set(setting, name);
  }
}

export function* checkProviders(picture: Picture, tell: Tell): Steps<void> {
  const due = everyFew();
  const owners = new Map<string, { id: string; key: string }>();
  const ruleKeys = new Set<string>();
  for (const [id, { key, mxSuffixes, replyRules }] of picture.provider) {
    if (due()) yield;
    for (const rule of replyRules) ruleKeys.add(rule.key);
    for (const suffix of mxSuffixes) {
      const owner = owners.get(suffix);
      if (owner) tell('error', 'provider', id, 'mxSuffixes', `the MX suffix ${suffix} belongs to provider ${owner.key}`);
      owners.set(suffix, { id, key });
    }
  }
  for (const [id, { trigger, mode, action }] of picture.automation) {
    if (due()) yield;
    if (action.kind === 'move' && !picture.pool.has(action.poolId))
      tell('error', 'automation', id, 'action.pool', 'the pool that it moves to does not exist');
    if (mode === 'off' || !('match' in trigger)) continue;
    const { replyRules, remedies, enhanced, classes, pattern } = trigger.match;
    const only = remedies.length + enhanced.length + classes.length === 0 && pattern === null;
    const unknown = replyRules.filter((key) => !ruleKeys.has(key));
    if (only && replyRules.length > 0 && unknown.length === replyRules.length)
      tell('warning', 'automation', id, 'trigger.match', `nothing reaches it: no provider has the reply rule ${unknown.join(', ')}`);
  }
  const [first] = picture.automation.keys();
  yield;
  if (first !== undefined && !patternsFit([...picture.automation.values()]))
    tell('error', 'automation', first, 'trigger.match.pattern', 'the patterns of all rules together are too long');
}
