// Limits compiled for one question: which of them apply to a set of dimension values, and under which key does each count? All that match
// apply at once. A limit is filed under one of its `where` values, so that the many limits of other sources and providers cost nothing.
import { connectionDimensions, type LimitBody, type LimitDimension } from '@sluice/contract';
import { everyFew, type Steps } from './steps.ts';

/** What an attempt or a connection is, in the words of limits. An absent dimension counts as the empty value. */
export type Dimensions = { readonly [dimension in LimitDimension]?: string };

export type LimitKind = LimitBody['kind'];
/** `name`: what operators are told of it when it binds; one of the configuration has its own there. `zone`: UTC when left out. */
export type LimitRule = Pick<LimitBody, 'where' | 'by' | 'kind' | 'count' | 'perSeconds' | 'enabled'> & {
  readonly id: string;
  readonly burst?: number | null;
  readonly zone?: string;
  readonly name?: string;
};

/** Where limits are asked: before mail is taken into a transaction, and before a connection is begun and open. */
export type LimitDoor = 'mail' | 'connections' | 'connection_rate';
const doorOf = (kind: LimitKind): LimitDoor => (kind === 'connections' || kind === 'connection_rate' ? kind : 'mail');

type Filed = ReadonlyMap<LimitDimension, ReadonlyMap<string, readonly LimitRule[]>>;

export type LimitSet = {
  readonly rules: ReadonlyMap<string, LimitRule>;
  readonly filed: Readonly<Record<LimitDoor, { everywhere: readonly LimitRule[]; under: Filed }>>;
};

/** A burst that nobody set is what this time of the rate comes to, at least one: a wake that comes a little late is made up for. */
const ownBurstMs = 25;
/** A unit in so long needs none: what a late wake misses is nothing to it, and two at once would surprise. */
const noBurstFromMs = 10_000;

/** What may pass at once on top of one unit. An explicit 0 is strict spacing: what a late wake misses is lost. */
export function burstOf({ kind, burst, count, perSeconds }: Pick<LimitRule, 'kind' | 'burst' | 'count' | 'perSeconds'>): number {
  if (kind === 'connections' || kind === 'hourly_cap' || kind === 'daily_cap') return 0;
  if (burst !== null && burst !== undefined) return burst;
  const intervalMs = (perSeconds * 1000) / count;
  return intervalMs >= noBurstFromMs ? 0 : Math.max(1, Math.ceil(ownBurstMs / intervalMs));
}

/** The condition under which a limit is filed: the one that tells most apart. */
const filingOrder: readonly LimitDimension[] = ['campaign', 'domain', 'site', 'stream', 'tenant', 'source', 'pool', 'provider', 'node'];

function filingCondition(rule: LimitRule): [LimitDimension, string] | null {
  for (const dimension of filingOrder) {
    const value = rule.where[dimension];
    if (value !== undefined) return [dimension, value];
  }
  return null;
}

type Filing = { everywhere: LimitRule[]; under: Map<LimitDimension, Map<string, LimitRule[]>> };
const filing = (): Filing => ({ everywhere: [], under: new Map() });

function file({ everywhere, under }: Filing, rule: LimitRule): void {
  const condition = filingCondition(rule);
  if (!condition) {
    everywhere.push(rule);
    return;
  }
  const byValue = under.get(condition[0]) ?? new Map<string, LimitRule[]>();
  under.set(condition[0], byValue);
  const filed = byValue.get(condition[1]);
  if (filed) filed.push(rule);
  else byValue.set(condition[1], [rule]);
}

/** Compiles the enabled limits, in steps. */
export function* compilingLimits(limits: Iterable<LimitRule>): Steps<LimitSet> {
  const rules = new Map<string, LimitRule>();
  const filed = { mail: filing(), connections: filing(), connection_rate: filing() };
  const due = everyFew();
  for (const rule of limits) {
    if (due()) yield;
    if (!rule.enabled) continue;
    rules.set(rule.id, rule);
    file(filed[doorOf(rule.kind)], rule);
  }
  return { rules, filed };
}

function matches(rule: LimitRule, dimensions: Dimensions): boolean {
  for (const dimension in rule.where) {
    const wanted = rule.where[dimension as LimitDimension];
    if (wanted !== undefined && dimensions[dimension as LimitDimension] !== wanted) return false;
  }
  return true;
}

/** Every limit at the door that applies to these values, of whichever set. */
export function applicableLimits(sets: readonly LimitSet[], door: LimitDoor, dimensions: Dimensions): LimitRule[] {
  const found: LimitRule[] = [];
  for (const { filed } of sets) {
    const { everywhere, under } = filed[door];
    if (everywhere.length > 0) found.push(...everywhere);
    for (const [dimension, byValue] of under) {
      const value = dimensions[dimension];
      const rules = value === undefined ? undefined : byValue.get(value);
      if (!rules) continue;
      for (const rule of rules) if (matches(rule, dimensions)) found.push(rule);
    }
  }
  return found;
}

/** The counter that a limit keeps for these values: its id and the values it counts apart. */
export function counterKey(rule: LimitRule, dimensions: Dimensions): string {
  let key = rule.id;
  for (const dimension of rule.by) key += `\0${dimensions[dimension] ?? ''}`;
  return key;
}

const pathDimensions: ReadonlySet<string> = new Set<LimitDimension>(connectionDimensions);

/** Whether the limit is the same for everything on one egress path, so that the whole path waits when it binds. */
export function bindsPath(rule: LimitRule): boolean {
  return (
    rule.by.every((dimension) => pathDimensions.has(dimension)) &&
    Object.keys(rule.where).every((dimension) => pathDimensions.has(dimension))
  );
}

/** Whether the limit is the same whichever source mail takes, so that no other source may send what it stops. */
export function bindsAllSources({ by, where }: LimitRule): boolean {
  return !by.includes('source') && where.source === undefined;
}
